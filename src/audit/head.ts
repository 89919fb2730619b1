// Reads the last record of a trail. `audit head` prints it, so that a copy of its hash can be kept elsewhere.
import { decodeLine } from "./lines.ts";
import { isTorn, readLinesBackwards, type TrailFiles } from "./read-trail.ts";
import { findRecord, type FoundRecord } from "./parse-record.ts";
import { isHash } from "./record.ts";

export interface LastRecord {
  /** It has a hash, which was not checked against its content; null if the trail has no record. */
  readonly record: (FoundRecord & { readonly hash: string }) | null;
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
    const record = findRecord(decodeLine(line) ?? "");
    const hash = record?.hash;
    if (isHash(hash)) return { record: { ...record, hash }, skipped, tornTail };
    skipped += 1;
  }
  return { record: null, skipped, tornTail };
}
