// Looks at what a pass writes on this machine: the state directory, and the trail or this machine's copy of it.
import { readAuditKeys } from "../app/audit-keys.ts";
import type { Environment } from "../app/environment.ts";
import { findTrailFaults } from "../app/find-trail-faults.ts";
import type { World } from "../app/world.ts";
import { findTrailBytes } from "../audit/read-trail.ts";
import { verifyTrail } from "../audit/verify.ts";
import { ReconcileError } from "../model/errors.ts";
import { stateDirectory } from "../state/files/state-directory.ts";
import type { StatePaths } from "../state/state.ts";
import { attempt } from "./attempt.ts";
import type { Disk, TrailLook } from "./check.ts";
import type { LookedAtStore } from "./look-store.ts";
import { tryToAppend, tryToWrite } from "./try-to-write.ts";

interface Context {
  readonly variables: Environment["variables"];
  readonly flags: { readonly sandbox?: true };
  readonly world: World;
}

export async function lookAtDisk(
  { paths, isShared }: Pick<LookedAtStore, "paths" | "isShared">,
  context: Context,
): Promise<Disk> {
  const { files, random } = context.world;
  const [state, trail] = await Promise.all([
    tryToWrite(stateDirectory, files, random),
    paths && lookAtTrail(paths, isShared, context),
  ]);
  return { state, trail };
}

async function lookAtTrail(
  paths: StatePaths,
  isShared: boolean,
  { variables, flags, world }: Context,
): Promise<TrailLook> {
  const { files, random } = world;
  const { trail: path } = paths;
  const found = await attempt(() => readAuditKeys(variables, files));
  const [keys, keyFault] =
    found instanceof ReconcileError ? [{ key: undefined, formerKeys: [] }, found] : [found, null];
  const isThere = await attempt(async () => (await findTrailBytes(files, path)) !== null);
  const [refusal, verification, faults] = await Promise.all([
    isThere === true ? tryToAppend(path, files) : tryToWrite(folderOf(path), files, random),
    isThere === true ? attempt(() => verifyTrail(files, path, keys)) : null,
    attempt(() => findTrailFaults(paths, world, flags)),
  ]);
  return {
    ...{ path, isShared, refusal, keyFault },
    // If the trail cannot be read, it holds the error.
    verification: isThere instanceof ReconcileError ? isThere : verification,
    faults: faults instanceof ReconcileError ? [] : faults,
    hasKey: keys.key !== undefined,
  };
}

function folderOf(path: string): string {
  return path.replace(/[^/\\]*$/, "") || ".";
}
