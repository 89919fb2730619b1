// Looks at everything that a pass needs of the Git store, and changes nothing.
import { ReconcileError } from "../../model/errors.ts";
import type { StateKey } from "../shared-store.ts";
import { openGitStore, type GitStoreOptions } from "./git-store.ts";

export interface GitChecks {
  /** Names the store for people; null if its remote is refused. */
  readonly name: string | null;
  /** Why nothing else is known; null if the remote answered. */
  readonly fault: ReconcileError | null;
  readonly found: FoundGit | null;
}

export interface FoundGit {
  /** An address at which anybody can read the remote without a login; null if none answered. */
  readonly publicAddress: string | null;
  /** Why this login may not push; null if it may. The remote's hooks and rules are not asked. */
  readonly refusedPush: ReconcileError | null;
  /** Whether the remote refuses to rewrite and to delete its branches; null if that cannot be told. */
  readonly refusesRewrites: boolean | null;
}

/** Never rejects with ReconcileError. `key` is null where the organisation is not known. */
export async function checkGit(options: GitStoreOptions, key: StateKey | null): Promise<GitChecks> {
  let name: string | null = null;
  try {
    const store = await openGitStore(options);
    name = store.name;
    try {
      await store.look(key ?? nobody);
      const publicAddress = await store.findPublicAddress();
      const refusedPush = await findRefusal(store.tryPush);
      const found = { publicAddress, refusedPush, refusesRewrites: await store.refusesRewrites() };
      return { name, fault: null, found };
    } finally {
      await store.close();
    }
  } catch (error) {
    return { name, fault: requireKnown(error), found: null };
  }
}

/** A remote that has no such state answers nevertheless. */
const nobody: StateKey = { organization: "none", owner: "none" };

async function findRefusal(tryPush: () => Promise<void>): Promise<ReconcileError | null> {
  try {
    await tryPush();
    return null;
  } catch (error) {
    return requireKnown(error);
  }
}

function requireKnown(error: unknown): ReconcileError {
  if (error instanceof ReconcileError) return error;
  throw error;
}
