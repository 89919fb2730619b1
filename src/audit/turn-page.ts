// Goes on with a trail whose file is closed: gives the closed file its own name, and finds what the next file begins with.
import type { Files } from "../lib/files.ts";
import type { Continued, Metrics } from "../model/audit-record.ts";
import { ReconcileError, systemErrorCode } from "../model/errors.ts";
import { readLastRecord } from "./head.ts";
import { isMetrics } from "./metrics.ts";
import { closedPath, fileNameOf, findTrailParts, type TrailFiles } from "./trail-parts.ts";

/** `closedAt` is the time of the record that closes the file. Throws ReconcileError `audit/unwritable`, and Node's errors. */
export async function renameClosed(
  files: Pick<Files, "rename">,
  path: string,
  closedAt: string,
): Promise<void> {
  const to = closedPath(path, closedAt);
  try {
    await files.rename(path, to);
  } catch (cause) {
    if (systemErrorCode(cause) !== "EEXIST") throw cause;
    const message = `the audit trail ${path} is closed, and its new name is taken: ${to} exists`;
    throw new ReconcileError("audit/unwritable", message, {
      hint: `move ${to} away; the next run then goes on in a new file`,
      cause,
    });
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
