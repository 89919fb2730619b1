// Makes the checkpoint of a trail that was just proven, and the index in it, where a long trail needs them.
import type { Files } from "../lib/files.ts";
import { systemErrorCode } from "../model/errors.ts";
import { headOf, provenHead, type TrailCheck } from "./check-trail.ts";
import { writeCheckpoint, type CheckpointPlace, type FoundCheckpoint } from "./checkpoint.ts";
import type { Mark } from "./find-start.ts";
import { makeIndex } from "./make-index.ts";
import { identifyTrail, isSameIdentity, type IdentityFiles, type TrailIdentity } from "./trail-identity.ts";
import type { TrailIndex } from "./trail-index.ts";
import { directoryOf } from "./trail-parts.ts";

/** A shorter trail is read and proven sooner than a checkpoint is read. */
const leastTrailBytes = 2 * 1024 * 1024;
/** So much behind an index is read line by line, before the index is made anew. */
const mostTailBytes = 2 * 1024 * 1024;

interface Renewal {
  /** It found no fault. */
  readonly check: TrailCheck;
  /** What the disk said of the trail before the check. */
  readonly before: TrailIdentity | null;
  /** Whether the run reads the history; one that does not makes no index. */
  readonly needsIndex: boolean;
}

/** Returns the index of the trail; null if there is none. Throws ReconcileError `audit/unreadable`. */
export async function renewCheckpoint(
  { check, before, needsIndex }: Renewal,
  place: CheckpointPlace,
  files: IdentityFiles & Pick<Files, "write">,
): Promise<TrailIndex | null> {
  const { sizeBytes } = check.mark.proven;
  if (place.checkpointPath === undefined || sizeBytes < (place.leastTrailBytes ?? leastTrailBytes))
    return null;
  const { index, isMade } = await findIndex({ check, needsIndex }, place, files);
  const after = await identifyTrail(files, place.path);
  const isStill = before && after?.sizeBytes === sizeBytes && isSameIdentity(before.files, after.files);
  if (isStill && (isMade || isOther(check, before)))
    await renew({ check, index, identity: before.files }, place, files);
  return index;
}

/** Makes the index if there is none yet, or if much was appended since; a trail that can have none gets none. */
async function findIndex(
  { check: { mark, fitting }, needsIndex }: Omit<Renewal, "before">,
  { path }: CheckpointPlace,
  files: IdentityFiles,
): Promise<{ readonly index: TrailIndex | null; readonly isMade: boolean }> {
  const { index, point } = fitting;
  const endBytes = mark.proven.sizeBytes;
  const isDue = index === null || endBytes - index.endBytes > mostTailBytes;
  if (!needsIndex || !isDue || isUnfit(point)) return { index, isMade: false };
  return { index: await makeIndex(files, { path, endBytes }, index), isMade: true };
}

function isUnfit(point: FoundCheckpoint | null): boolean {
  return point !== null && point.index === null;
}

/** Whether the checkpoint is of another state of the trail; without an index there is none to keep. */
function isOther({ fitting: { point, index }, lastSeen }: TrailCheck, { files }: TrailIdentity): boolean {
  if (index === null && !isUnfit(point)) return false;
  return !isSameIdentity(files, point?.files) || point?.lastSeen?.hash !== lastSeen?.hash;
}

async function renew(
  { check, index, identity }: Pick<Renewal, "check"> & Found,
  place: CheckpointPlace,
  files: Pick<Files, "write" | "stat">,
): Promise<void> {
  const { mark, fitting, lastSeen } = check;
  const read = headOf(mark, place) ?? fitting.point?.read;
  // Without the key, the seal of a checkpoint that has one could not be kept.
  if (!read || (place.key === undefined && fitting.point?.isSealed)) return;
  const whole = provenHead(mark.proven);
  const seen = lastSeen && { seq: lastSeen.seq, hash: lastSeen.hash };
  const checkpoint = { trail: place.path, read, whole, files: identity, lastSeen: seen, index };
  await tryToWrite(checkpoint, place, files);
}

interface Found {
  readonly index: TrailIndex | null;
  readonly identity: readonly string[];
}

/**
 * Keeps what a run has made of the trail, as long as no other process changed it meanwhile. A trail without an index gets its
 * checkpoint when it is read the next time.
 */
export async function keepCheckpointOf(
  { mark, identity }: { readonly mark: Mark | null; readonly identity: readonly string[] | null },
  { index, ...place }: CheckpointPlace & { readonly index: TrailIndex | null },
  files: Pick<Files, "write" | "stat">,
): Promise<void> {
  const read = mark && headOf(mark, place);
  if (!read || !identity || !index || place.checkpointPath === undefined) return;
  const { seq, hash } = read;
  const whole = provenHead(mark.proven);
  const checkpoint = { trail: place.path, read, whole, files: identity, index, lastSeen: { seq, hash } };
  await tryToWrite(checkpoint, place, files);
}

/** Where nothing can be written, the next run reads the whole trail, as this one did. */
async function tryToWrite(
  checkpoint: Parameters<typeof writeCheckpoint>[1],
  place: CheckpointPlace,
  files: Pick<Files, "write" | "stat">,
): Promise<void> {
  try {
    // A dry run makes no folder.
    await files.stat(directoryOf(place.checkpointPath ?? "") || ".");
    await writeCheckpoint(files, checkpoint, place);
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
  }
}
