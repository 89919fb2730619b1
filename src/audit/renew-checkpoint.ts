// Makes the checkpoint of a trail that was just proven, and the index in it, where a long trail needs them.
import type { Files } from "../lib/files.ts";
import { systemErrorCode } from "../model/errors.ts";
import { headOf, provenHead, type TrailCheck } from "./check-trail.ts";
import { writeCheckpoint, type CheckpointPlace } from "./checkpoint.ts";
import { makeIndex } from "./make-index.ts";
import { identifyTrail, isSameIdentity, type IdentityFiles, type TrailIdentity } from "./trail-identity.ts";
import type { Trail } from "./trail.ts";
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
  const { mark, fitting, lastSeen } = check;
  const { point } = fitting;
  const { sizeBytes } = mark.proven;
  if (place.checkpointPath === undefined || sizeBytes < (place.leastTrailBytes ?? leastTrailBytes))
    return null;
  const isUnfit = point !== null && point.index === null;
  const isDue = fitting.index === null || sizeBytes - fitting.index.endBytes > mostTailBytes;
  const makes = needsIndex && isDue && !isUnfit;
  const index = makes
    ? await makeIndex(files, { path: place.path, endBytes: sizeBytes }, fitting.index)
    : fitting.index;
  const after = await identifyTrail(files, place.path);
  const read = headOf(mark, place) ?? point?.read;
  const isStill = before && after?.sizeBytes === sizeBytes && isSameIdentity(before.files, after.files);
  if (!read || !isStill || (index === null && !makes && !isUnfit)) return index;
  const isNew =
    makes || !isSameIdentity(before.files, point?.files) || point?.lastSeen?.hash !== lastSeen?.hash;
  // Without the key, the seal of a checkpoint that has one could not be kept.
  if (!isNew || (place.key === undefined && point?.isSealed)) return index;
  await tryToWrite(
    {
      ...{ trail: place.path, read, whole: provenHead(mark.proven), files: before.files, index },
      lastSeen: lastSeen && { seq: lastSeen.seq, hash: lastSeen.hash },
    },
    place,
    files,
  );
  return index;
}

/**
 * Keeps what a run has made of the trail, as long as no other process changed it meanwhile. A trail without an index gets its
 * checkpoint when it is read the next time.
 */
export async function keepCheckpointOf(
  trail: Pick<Trail, "mark" | "files">,
  { index, ...place }: CheckpointPlace & { readonly index: TrailIndex | null },
  files: Pick<Files, "write" | "stat">,
): Promise<void> {
  const mark = trail.mark();
  const read = mark && headOf(mark, place);
  const identity = trail.files();
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
