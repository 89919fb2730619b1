// Reads the last record of a trail. `audit head` prints it, so that a copy of its hash can be kept elsewhere.
import { isTorn, readLinesBackwards } from "./read-trail.ts";
import type { TrailFiles } from "./trail-parts.ts";
import type { FoundRecord } from "./parse-record.ts";
import { findHead, type Head } from "./record.ts";

export interface LastRecord {
  /** Its number and hash were not checked against its content; null if the trail has no record. */
  readonly record: (FoundRecord & Head) | null;
  /** How many lines after it are not records. */
  readonly skipped: number;
  /** True if the file ends in the middle of a line, as after a crash. */
  readonly tornTail: boolean;
}

/** Reads no more than the trail's end. Throws ReconcileError `audit/unreadable`. */
export async function readLastRecord(files: TrailFiles, path: string): Promise<LastRecord> {
  const tornTail = await isTorn(files, path);
  let skipped = 0;
  for await (const line of readLinesBackwards(files, path)) {
    const found = findHead(line);
    if (found) return { record: { ...found.record, ...found.head }, skipped, tornTail };
    skipped += 1;
  }
  return { record: null, skipped, tornTail };
}

/** Returns the head of a trail, proven or not; null if it has no record. Throws ReconcileError `audit/unreadable`. */
export async function readHead(files: TrailFiles, path: string): Promise<Head | null> {
  const { record } = await readLastRecord(files, path);
  return record && { seq: record.seq, hash: record.hash };
}
