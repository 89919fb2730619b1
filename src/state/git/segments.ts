// Cuts a trail into segments: files of JSON Lines, each named by the number of its first record.
import type { StoredRecord } from "../shared-store.ts";

export interface Segment {
  readonly first: number;
  readonly lines: Buffer;
}

/** The files of a state's commit. */
export const trailFolder = "trail";
/** Holds the hash of each record whose own line does not name it. */
export const hashesFile = "hashes.json";

/** A segment is no larger, unless its only record is. */
const mostBytes = 1024 * 1024;
/**
 * A segment of this size gets no further push: each push stores its last segment anew, and the more segments there are,
 * the larger are the folders, which each push stores anew as well.
 */
const fullBytes = 64 * 1024;

const newline = 10;

/** A folder for each thousand numbers, so that none grows with the trail: `trail/000000001/000000001234.jsonl`. */
export function segmentPath(first: number): string {
  const name = String(first).padStart(12, "0");
  return `${trailFolder}/${name.slice(0, -3)}/${name}.jsonl`;
}

/** Returns the number of the segment's first record; null for another file. */
export function parseSegmentName(name: string): number | null {
  const [, digits] = /^(\d{12,15})\.jsonl$/.exec(name) ?? [];
  return digits === undefined ? null : Number(digits);
}

/** The segments that are new or change if the records are appended. `last` is null if there is none yet. */
export function extendSegments(last: Segment | null, records: readonly StoredRecord[]): Segment[] {
  const changed: { readonly first: number; readonly parts: Buffer[]; size: number }[] = [];
  let current =
    last && last.lines.length < fullBytes
      ? { first: last.first, parts: [last.lines], size: last.lines.length }
      : null;
  for (const { seq, line } of records) {
    const bytes = Buffer.from(`${line}\n`);
    if (!current || current.size + bytes.length > mostBytes) current = { first: seq, parts: [], size: 0 };
    if (changed.at(-1) !== current) changed.push(current);
    current.parts.push(bytes);
    current.size += bytes.length;
  }
  return changed.map(({ first, parts }) => ({ first, lines: Buffer.concat(parts) }));
}

/** The lines of the segment from record `seq` on. */
export function linesFrom({ first, lines }: Segment, seq: number): Buffer {
  let start = 0;
  for (let left = seq - first; left > 0; left -= 1) {
    const end = lines.indexOf(newline, start);
    if (end < 0) return lines.subarray(lines.length);
    start = end + 1;
  }
  return lines.subarray(start);
}

/** The hash that a record's line names; null if it names none. */
export function namedHash(line: string): string | null {
  return textIn(line, "hash");
}

/** True unless the line names another record than this one before it. */
export function follows(line: string, hash: string): boolean {
  return (textIn(line, "prevHash") ?? hash) === hash;
}

function textIn(line: string, key: string): string | null {
  try {
    const record = JSON.parse(line) as unknown;
    if (typeof record !== "object" || record === null || !Object.hasOwn(record, key)) return null;
    const found = (record as Readonly<Record<string, unknown>>)[key];
    return typeof found === "string" ? found : null;
  } catch {
    return null;
  }
}
