// Opens the state for a command that is no run, such as `audit log` or `status`: it reads, and asks the platform nothing.
import { ReconcileError } from "../model/errors.ts";
import type { Config, StateConfig } from "../model/config.ts";
import { openFileState } from "../state/files/state-directory.ts";
import { openSharedState } from "../state/shared/open-shared-state.ts";
import type { SharedStore, StateKey } from "../state/shared-store.ts";
import type { State } from "../state/state.ts";
import { readEnvironment } from "./environment.ts";
import { findState } from "./find-state.ts";
import { makeLeasePorts } from "./lease-ports.ts";
import { makeStateSecrets } from "./make-state-secrets.ts";
import type { OrganizationClient } from "./organization-memory.ts";
import type { StoreChoice } from "./store-choice.ts";
import { statePaths } from "./pass-settings.ts";
import { sharedPaths } from "./run-state.ts";
import { resolvePlatform } from "./settings.ts";
import type { World } from "./world.ts";

export interface StateFlags {
  readonly sandbox?: true;
  /** The owner whose state the command reads; default: the config's. */
  readonly owner?: string;
  /** An id; default: the organisation that the config pins, or that the store remembers of the OAuth client. */
  readonly organization?: string;
  /** How long to wait for the lease, in ms; default: the store's time. */
  readonly lockTimeout?: number;
}

export interface OpenState {
  readonly state: State;
  /** Null where the state is in files. */
  readonly shared: { readonly store: SharedStore; readonly key: StateKey } | null;
  /** Never rejects. */
  readonly close: () => Promise<void>;
}

/** It does not look at the state yet. Throws ReconcileError `state/…`, `secret/…`, `organization/unasked`. */
export async function openState(config: Config, flags: StateFlags, world: World): Promise<OpenState> {
  return openStateIn(flags.sandbox ? null : await findState(config, world), { config, flags, world });
}

/** As `openState`, in the store that is wanted; null stands for files. */
export async function openStateIn(
  wanted: StateConfig | null,
  { config, flags, world }: Omit<Wanted, "trail">,
): Promise<OpenState> {
  const paths = statePaths(config, flags.sandbox === true);
  if (wanted === null || wanted.store === "files") {
    const close = (): Promise<void> => Promise.resolve();
    return { state: openFileState(paths, world, flags.lockTimeout), shared: null, close };
  }
  const { variables } = await readEnvironment(world.environment, world.files);
  const { store } = wanted;
  const choice = { state: { ...wanted, store }, secrets: makeStateSecrets(variables, world.files) };
  return openShared(choice, { config, flags, world, trail: paths.trail });
}

interface Wanted {
  readonly config: Config;
  readonly flags: StateFlags;
  readonly world: World;
  readonly trail: string;
}

async function openShared(choice: StoreChoice, wanted: Wanted): Promise<OpenState> {
  const { config, flags, world, trail } = wanted;
  const store = await world.openStore(choice);
  const close = (): Promise<void> => store.close().catch(() => undefined);
  try {
    const organization = flags.organization ?? config.organization ?? (await recall(store, wanted));
    const key = { organization, owner: flags.owner ?? config.owner };
    const place = { store, key, paths: sharedPaths(key, trail), waitMs: flags.lockTimeout };
    return { state: openSharedState(place, makeLeasePorts(config, world)), shared: { store, key }, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The organisation of the OAuth client that a pass would log in with. */
async function recall(store: SharedStore, { config, world }: Wanted): Promise<string> {
  const client = await findClient(config, world);
  const found = client && (await store.findOrganization(client));
  if (found) return found.id;
  throw new ReconcileError(
    "organization/unasked",
    `${store.name} may hold the state of several organisations, and it is not known which one is meant`,
    { hint: "pass --organization ID, or write `organization: ID` into the config" },
  );
}

/** The OAuth client that a pass would log in as; null if the login is not complete. */
export async function findClient(config: Config, world: World): Promise<OrganizationClient | null> {
  const environment = await readEnvironment(world.environment, world.files);
  const platform = await resolvePlatform(environment, config, world.files);
  if (!platform.ok) return null;
  const { environment: region, credentials } = platform.value;
  return { environment: region, clientId: credentials.clientId };
}
