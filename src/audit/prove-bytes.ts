// Proves a trail by its bytes, before a run writes that has taken it as unchanged by what the disk said of its files.
import { makeDigest } from "../lib/hash.ts";
import type { Files } from "../lib/files.ts";
import { digestStart } from "./read-trail.ts";
import { requireTrail, type CheckedTrail, type TrailWish } from "./require-trail.ts";
import { identifyTrail } from "./trail-identity.ts";
import { writtenByAnother } from "./trail-errors.ts";

/** The run holds the lease. Throws ReconcileError as `requireTrail` does, and `audit/takenOver`. */
export async function proveBytes(
  checked: CheckedTrail,
  wish: Omit<TrailWish, "dryRun">,
  files: Files,
): Promise<CheckedTrail> {
  const { mark } = checked;
  if (!mark || mark.digest) return checked;
  const { path } = wish;
  const identity = await identifyTrail(files, path);
  const digest = makeDigest();
  await digestStart(files, { path, endBytes: mark.proven.sizeBytes }, digest);
  if (digest.hex() === checked.digest)
    return { ...checked, mark: { ...mark, digest }, files: identity?.files ?? null };
  if (wish.checkpointPath !== undefined) await files.remove(wish.checkpointPath);
  await requireTrail({ ...wish, checkpointPath: undefined, dryRun: false }, files);
  throw writtenByAnother(path);
}
