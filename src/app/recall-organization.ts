// Finds the organisation that a command without a session works in: by the config, the memory and the last run. It asks the
// platform nothing.
import { isRunOf, readKept } from "../audit/kept.ts";
import type { Config } from "../model/config.ts";
import { ReconcileError } from "../model/errors.ts";
import type { Organization } from "../model/organization.ts";
import { stateDirectory } from "../state/files/state-directory.ts";
import { findClient, openState, type OpenState } from "./open-state.ts";
import { openOrganizationFile, type OrganizationMemory } from "./organization-memory.ts";
import type { World } from "./world.ts";

interface Asking {
  readonly config: Config;
  /** The name of the platform in records. */
  readonly environment: string;
  readonly world: World;
}

/** Null if nothing tells it, or if the state cannot be used. It writes nothing. */
export async function recallOrganization(asking: Asking): Promise<Organization | null> {
  const pinned = asking.config.organization;
  const known = await findKnown(asking);
  if (pinned === null) return known[0] ?? null;
  return known.find(({ id }) => id === pinned) ?? { id: pinned, name: null };
}

/** Returns what the memory and the last run say, the more certain first. */
async function findKnown(asking: Asking): Promise<readonly Organization[]> {
  const opened = await orNull(openState(asking.config, {}, asking.world));
  if (!opened) return [];
  try {
    const remembered = await orNull(findRemembered(opened, asking));
    const ofLastRun = await findOfLastRun(opened, asking);
    return [remembered, ofLastRun].filter((found) => found !== null);
  } finally {
    await opened.close();
  }
}

async function findRemembered(
  { shared }: OpenState,
  { config, world }: Asking,
): Promise<Organization | null> {
  const client = await findClient(config, world);
  if (!client) return null;
  const memory: Pick<OrganizationMemory, "find"> = shared
    ? { find: (one) => shared.store.findOrganization(one) }
    : openOrganizationFile({
        ...{ path: `${stateDirectory}/organizations.json`, files: world.files, writes: false },
        onNotice: () => undefined,
      });
  return memory.find(client);
}

async function findOfLastRun(
  { state }: OpenState,
  { config, environment, world }: Asking,
): Promise<Organization | null> {
  const { files } = world;
  const nothing = (): Promise<void> => Promise.resolve();
  const read: typeof files.read = (path, maxBytes) => files.read(path, maxBytes);
  const { kept } = await readKept({ read, create: nothing, remove: nothing }, state.paths.kept);
  if (kept?.lastRun.environment !== environment) return null;
  const isOurs = isRunOf(kept.lastRun, { owner: config.owner, organization: config.organization });
  return isOurs ? (kept.lastRun.organization ?? null) : null;
}

/** A message goes out whether the state can be used or not. */
async function orNull<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof ReconcileError) return null;
    throw error;
  }
}
