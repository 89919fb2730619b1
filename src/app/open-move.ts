// Opens the two stores of a move, and finds out whose state is moved.
import { fileNameOf } from "../audit/trail-parts.ts";
import type { Config } from "../model/config.ts";
import { ReconcileError } from "../model/errors.ts";
import { stateDirectory } from "../state/files/state-directory.ts";
import { openSharedState } from "../state/shared/open-shared-state.ts";
import type { StateKey } from "../state/shared-store.ts";
import type { StatePaths, StoreKind } from "../state/state.ts";
import { findState } from "./find-state.ts";
import { makeLeasePorts } from "./lease-ports.ts";
import type { MovePlace } from "./complete-trail.ts";
import type { Archiving } from "./move-archive.ts";
import { findClient, openStateIn, type OpenState, type StateFlags } from "./open-state.ts";
import { openOrganizationFile, type OrganizationMemory } from "./organization-memory.ts";
import type { World } from "./world.ts";

export interface OpenMove {
  readonly source: MovePlace;
  readonly target: MovePlace;
  readonly key: StateKey;
  readonly withPlace: Archiving["withPlace"];
  /** Tells the target's memory which organisation the OAuth client belongs to, where the source's knows it. */
  readonly carryOrganization: () => Promise<void>;
  /** Never rejects. */
  readonly close: () => Promise<void>;
}

interface Wish {
  readonly config: Config;
  readonly flags: Omit<StateFlags, "sandbox">;
  readonly world: World;
}

/** Throws ReconcileError `state/sameStore`, and as `openState` does. */
export async function openMove(to: StoreKind, wish: Wish): Promise<OpenMove> {
  const { config, world } = wish;
  const present = await findState(config, world);
  if (present.store === to) throw sameStore(config, to);
  const client = await findClient(config, world);
  const memory = openOrganizationFile({
    ...{ path: `${stateDirectory}/organizations.json`, files: world.files, writes: true },
    onNotice: () => undefined,
  });
  const known = client && present.store === "files" ? ((await memory.find(client))?.id ?? null) : null;
  const flags = withOrganization(wish, known);
  const from = await openStateIn(present, { ...wish, flags });
  const opened = await openTarget(to, { from, present, wish: { ...wish, flags } });
  const key = (opened.shared ?? from.shared)?.key ?? { organization: "", owner: config.owner };
  const [source, target] = [from, opened].map(placeOf) as [MovePlace, MovePlace];
  return {
    ...{ source, target, key },
    withPlace: opened.shared && makeWithPlace(opened.state.paths, opened.shared, { ...wish, flags }),
    carryOrganization: async () => {
      if (!client) return;
      const found = await memoryOf(from, memory).find(client);
      if (found?.id === key.organization) await memoryOf(opened, memory).remember(client, found);
    },
    close: async () => {
      await opened.close();
      await from.close();
    },
  };
}

function withOrganization({ config, flags }: Wish, known: string | null): Wish["flags"] {
  const organization = flags.organization ?? config.organization ?? known;
  return organization === null ? flags : { ...flags, organization };
}

async function openTarget(
  store: StoreKind,
  {
    from,
    present,
    wish,
  }: { readonly from: OpenState; readonly present: Config["state"]; readonly wish: Wish },
): Promise<OpenState> {
  const { shared } = from;
  const flags = shared ? { ...wish.flags, ...shared.key } : wish.flags;
  try {
    const opened = await openStateIn({ ...present, store }, { ...wish, flags });
    return shared && opened.shared ? withOwnCopy(opened, opened.shared, wish) : opened;
  } catch (error) {
    await from.close();
    throw error;
  }
}

/** Both stores would have their copy of the trail in the same file. This one is only needed to compare the two. */
function withOwnCopy(
  { state, close }: OpenState,
  shared: NonNullable<OpenState["shared"]>,
  wish: Wish,
): OpenState {
  const { paths, clear } = makeMoving(state.paths, wish.world);
  return {
    state: openSharedState(
      { ...shared, paths, waitMs: wish.flags.lockTimeout },
      makeLeasePorts(wish.config, wish.world),
    ),
    shared,
    close: async () => {
      await clear();
      await close();
    },
  };
}

function makeWithPlace(
  present: StatePaths,
  { store }: NonNullable<OpenState["shared"]>,
  { config, flags, world }: Wish,
): NonNullable<Archiving["withPlace"]> {
  return async (key, use) => {
    const { paths, clear } = makeMoving(present, world);
    const place = { store, key, paths, waitMs: flags.lockTimeout };
    try {
      return await use({ state: openSharedState(place, makeLeasePorts(config, world)), name: store.name });
    } finally {
      await clear();
    }
  };
}

/** Files that are only needed while the move runs. */
function makeMoving(
  { trail, kept }: StatePaths,
  { files }: World,
): { readonly paths: StatePaths; readonly clear: () => Promise<void> } {
  const directory = `${stateDirectory}/moving`;
  const paths = {
    trail: `${directory}/${fileNameOf(trail)}`,
    // The figures stay in the one file.
    kept,
    head: `${directory}/head.json`,
    checkpoint: `${directory}/checkpoint.json`,
  };
  const clear = async (): Promise<void> => {
    const left = [paths.trail, paths.head, paths.checkpoint, `${directory}/fence`];
    for (const path of left) await files.remove(path).catch(() => undefined);
  };
  return { paths, clear };
}

function placeOf({ state, shared }: OpenState): MovePlace {
  return { state, name: shared?.store.name ?? state.paths.trail };
}

function memoryOf({ shared }: OpenState, inFiles: OrganizationMemory): OrganizationMemory {
  if (!shared) return inFiles;
  const { store } = shared;
  return {
    find: (client) => store.findOrganization(client),
    remember: (client, organization) => store.rememberOrganization(client, organization),
  };
}

function sameStore({ file }: Config, to: StoreKind): ReconcileError {
  const message = `${file} says that the state is in ${to} already, and a move begins at the config's store`;
  return new ReconcileError("state/sameStore", message, {
    hint: "write the store that has the trail into `state.store`; the new one goes there after the move",
  });
}
