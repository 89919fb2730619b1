// The last record of a trail: what `audit head` prints, and what to keep elsewhere.
import { decodeLine } from "./lines.ts";
import { isTorn, readLinesBackwards, type TrailFiles } from "./read-trail.ts";
import { findRecord, type FoundRecord } from "./parse-record.ts";

export interface LastRecord {
  /** Checked to have a hash, but against nothing; null where the trail has no record. */
  readonly record: (FoundRecord & { readonly hash: string }) | null;
  /** How many lines behind it are no records. */
  readonly skipped: number;
  /** The file stops in the middle of a line, as after a crash. */
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

/** A line that somebody edited may hold anything, and what is printed here goes into other commands. */
function isHash(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}
