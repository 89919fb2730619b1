// Looks at the place where the state is kept: the files of this machine, or the shared store that the config names.
import { openState } from "../app/open-state.ts";
import { findStore } from "../app/open-store.ts";
import type { StoreChoice } from "../app/store-choice.ts";
import type { World } from "../app/world.ts";
import type { Config } from "../model/config.ts";
import { isCode, ReconcileError } from "../model/errors.ts";
import type { StateKey } from "../state/shared-store.ts";
import type { State, StatePaths } from "../state/state.ts";
import { attempt } from "./attempt.ts";
import type { LeaseLook, StoreLook } from "./check.ts";

type Variables = Parameters<typeof findStore>[1];

export interface LookedAtStore {
  readonly store: StoreLook;
  /** The files in which the trail is read; null if they are not known. */
  readonly paths: StatePaths | null;
  readonly isShared: boolean;
}

interface Context {
  readonly flags: { readonly sandbox?: true };
  readonly world: World;
}

/** Reads; of a shared store it brings this machine's copy of the trail up to date, as every command does that reads one. */
export async function lookAtStore(
  config: Config,
  variables: Variables,
  { flags, world }: Context,
): Promise<LookedAtStore> {
  try {
    const choice = flags.sandbox ? null : await findStore(config, variables, world);
    if (choice === null) return await lookAtFiles(config, { flags, world });
    return await lookAtShared(choice, config, world);
  } catch (fault) {
    if (!(fault instanceof ReconcileError)) throw fault;
    return { store: { ...unknown, fault }, paths: null, isShared: true };
  }
}

const unknown = { checks: null, fault: null, lease: null, name: null } as const;

async function lookAtFiles(config: Config, { flags, world }: Context): Promise<LookedAtStore> {
  const { state } = await openState(config, flags, world);
  const lease = await attempt(() => lookAtLease(state));
  const seen = lease instanceof ReconcileError ? { fault: lease } : { lease };
  return { store: { ...unknown, ...seen }, paths: state.paths, isShared: false };
}

async function lookAtShared(choice: StoreChoice, config: Config, world: World): Promise<LookedAtStore> {
  const { organization, owner } = config;
  const key: StateKey | null = organization === null ? null : { organization, owner };
  const checks = await world.checkStore(choice, key);
  const store = { ...unknown, name: checks.name, checks };
  const seen = { store, paths: null, isShared: true };
  if (checks.fault) return seen;
  const opened = await attempt(() => openState(config, {}, world));
  if (opened instanceof ReconcileError)
    // Before its first pass nothing says which organisation's state is this client's.
    return isCode(opened, "organization/unasked") ? seen : { ...seen, store: { ...store, fault: opened } };
  const { state, close } = opened;
  const lease = await attempt(async () => {
    await state.look();
    return lookAtLease(state);
  });
  await close();
  if (lease instanceof ReconcileError) return { ...seen, store: { ...store, fault: lease } };
  return { ...seen, store: { ...store, lease }, paths: state.paths };
}

async function lookAtLease(state: State): Promise<LeaseLook> {
  const [holder, movedTo] = await Promise.all([state.findHolder(), state.findMovedTo()]);
  return { holder, movedTo };
}
