// The state of one run: the files of this machine, or the shared store that the config names, which is opened once the
// organisation is known.
import { posix } from "node:path";
import { once } from "../lib/once.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import { invariant } from "../model/errors.ts";
import type { Organization } from "../model/organization.ts";
import { openFileState, stateDirectory } from "../state/files/state-directory.ts";
import type { SharedStore, StateKey } from "../state/shared-store.ts";
import { openSharedState } from "../state/shared/open-shared-state.ts";
import type { State, StatePaths } from "../state/state.ts";
import { makeLeasePorts } from "./lease-ports.ts";
import type { OrganizationMemory } from "./organization-memory.ts";
import type { Settings } from "./pass-settings.ts";
import type { World } from "./world.ts";

export interface RunState {
  /** The store's memory of organisations; undefined where a file of the state directory is the memory. */
  readonly organizations: OrganizationMemory | undefined;
  /** Opens the state once; each later call returns it. Throws ReconcileError `state/…`, and as `find` does. */
  readonly open: (find: () => Promise<Organization | null>) => Promise<State>;
  /** The files of the state, once it is open. */
  readonly paths: () => StatePaths;
  /** The warnings of the shared store; none if the run has not opened it. */
  readonly warnings: () => readonly Diagnostic[];
  /** Never rejects. */
  readonly close: () => Promise<void>;
}

interface Wish {
  readonly dryRun: boolean;
  /** How long a run waits for the lease; undefined for the store's own time. */
  readonly lockTimeoutMs: number | undefined;
}

export function makeRunState(settings: Settings, { dryRun, lockTimeoutMs }: Wish, world: World): RunState {
  const { store: choice, paths, config } = settings;
  if (choice === null) {
    const state = openFileState(paths, world, lockTimeoutMs);
    return {
      organizations: undefined,
      open: () => Promise.resolve(state),
      paths: () => paths,
      warnings: () => [],
      close: () => Promise.resolve(),
    };
  }
  let used: SharedStore | null = null;
  const store = once(async () => (used = await world.openStore(choice)));
  let opened: State | null = null;
  const open = once(async (find: () => Promise<Organization | null>) => {
    const organization = await find();
    invariant(organization !== null, "a run whose state is in a shared store knows its organisation");
    const key = { organization: organization.id, owner: config.owner };
    const place = {
      store: await store(),
      key,
      paths: sharedPaths(key, paths.trail),
      waitMs: lockTimeoutMs,
    };
    return (opened = openSharedState(place, makeLeasePorts(config, world)));
  });
  return {
    organizations: memoryIn(store, dryRun),
    open,
    paths: () => opened?.paths ?? paths,
    warnings: () =>
      (used?.warnings?.() ?? []).map((warning) => ({ severity: "warning", ...warning, ...nowhere })),
    close: async () => {
      await used?.close().catch(() => undefined);
    },
  };
}

/** The files of one organisation and owner. The name of the trail's file stands in the records of its rotations. */
export function sharedPaths({ organization, owner }: StateKey, trail: string): StatePaths {
  const directory = `${stateDirectory}/state/${organization}/${owner}`;
  return {
    trail: `${directory}/${posix.basename(trail)}`,
    kept: `${directory}/metrics.json`,
    head: `${directory}/head.json`,
    checkpoint: `${directory}/checkpoint.json`,
    pending: `${stateDirectory}/pending/${organization}.${owner}`,
  };
}

/** A dry run only reads. */
function memoryIn(store: () => Promise<SharedStore>, dryRun: boolean): OrganizationMemory {
  return {
    find: async (client) => (await store()).findOrganization(client),
    remember: async (client, organization) => {
      if (!dryRun) await (await store()).rememberOrganization(client, organization);
    },
  };
}
