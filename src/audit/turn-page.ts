// Goes on with a trail whose file is closed: gives the closed file its own name, and finds what the next file begins with.
import type { Clock } from "../lib/clock.ts";
import type { Files } from "../lib/files.ts";
import type { Continued, Metrics } from "../model/audit-record.ts";
import { systemErrorCode } from "../model/errors.ts";
import { readLastRecord } from "./head.ts";
import { isMetrics } from "./metrics.ts";
import type { Head } from "./record.ts";
import { closedPath, fileNameOf, findTrailParts, type TrailFiles } from "./trail-parts.ts";

/** No more rotations than this can end within a moment: the lock lets one run at a time write. */
const maxTaken = 100;

const year9999Ms = Date.UTC(9999, 0);

/**
 * `closedAt` is the time of the record that closes the file. The name holds it to the second, so a rotation in the same
 * second may have taken it; then the file gets the next one that is free. Rejects with Node's errors.
 */
export async function renameClosed(
  { files, clock }: { readonly files: Pick<Files, "rename">; readonly clock: Pick<Clock, "now"> },
  path: string,
  closedAt: string,
): Promise<void> {
  const recordedMs = Date.parse(closedAt);
  // A record that a person accepted as the head may hold any text, and the name has room for four digits of a year.
  const closedAtMs = recordedMs >= 0 && recordedMs < year9999Ms ? recordedMs : clock.now();
  for (let later = 0; ; later += 1) {
    const time = new Date(closedAtMs + later * 1_000).toISOString();
    try {
      await files.rename(path, closedPath(path, time));
      return;
    } catch (error) {
      if (systemErrorCode(error) !== "EEXIST" || later === maxTaken) throw error;
    }
  }
}

/**
 * Returns what the first record of a trail's empty file says of the closed one before it, and that one's figures; null if
 * there is none. Throws ReconcileError `audit/unreadable`.
 */
export async function findContinued(
  files: TrailFiles,
  path: string,
): Promise<{ readonly continues: Continued; readonly metrics: Metrics | null } | null> {
  const parts = await findTrailParts(files, path);
  const closed = parts.findLast((part) => part.path !== path);
  if (!closed) return null;
  const { record } = await readLastRecord(files, path);
  if (record?.event !== "trail.closed") return null;
  const { seq, hash, metrics } = record;
  const continues = { file: fileNameOf(closed.path), seq, hash };
  return { continues, metrics: isMetrics(metrics) ? metrics : null };
}

/** What a shared store's next record says of the records before it, which a file of that name would hold. */
export function continueAfter(path: string, closedAt: string, { seq, hash }: Head): Continued {
  return { file: fileNameOf(closedPath(path, closedAt)), seq, hash };
}
