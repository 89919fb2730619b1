// Keeps the shared store of a daemon open from one pass to the next, so that a pass neither connects nor logs in anew.
import type { SharedStore } from "../state/shared-store.ts";
import type { StoreChoice } from "./store-choice.ts";
import type { World } from "./world.ts";

export interface StoreKeeper {
  /** As in `World`; closing what it returns gives it back, and closes nothing. */
  readonly openStore: World["openStore"];
  /** Never rejects. */
  readonly close: () => Promise<void>;
}

interface Kept {
  /** The settings and the secret with which it was opened: with others another one is opened. */
  readonly choice: string;
  readonly store: Promise<SharedStore>;
  /** How many have it open. */
  users: number;
}

/** A connection that broke is the store's own matter: its next call makes a new one. */
export function makeStoreKeeper(openStore: World["openStore"]): StoreKeeper {
  let kept: Kept | null = null;
  const closeUnused = async (one: Kept): Promise<void> => {
    if (one.users > 0 || one === kept) return;
    await (await one.store.catch(() => null))?.close().catch(() => undefined);
  };
  const replace = async (by: Kept | null): Promise<void> => {
    const before = kept;
    kept = by;
    if (before) await closeUnused(before);
  };
  return {
    openStore: async (choice) => {
      const name = await nameOf(choice);
      let own = kept?.choice === name ? kept : null;
      if (!own) {
        own = { choice: name, store: openStore(choice), users: 0 };
        // The caller gets the error where this function waits for the store below.
        own.store.catch(() => undefined);
        await replace(own);
      }
      const taken = own;
      taken.users += 1;
      let isOpen = true;
      const giveBack = async (): Promise<void> => {
        if (!isOpen) return;
        isOpen = false;
        taken.users -= 1;
        await closeUnused(taken);
      };
      try {
        return { ...(await taken.store), close: giveBack };
      } catch (error) {
        if (taken === kept) kept = null;
        throw error;
      }
    },
    close: () => replace(null),
  };
}

/** A secret that is missing or cannot be read is told where the store is opened. */
async function nameOf({ state, secrets }: StoreChoice): Promise<string> {
  const read = state.store === "postgres" ? secrets.readDatabaseUrl : secrets.readGitToken;
  return JSON.stringify([state, await read().catch(() => null)]);
}
