// Reads the newest records of a trail, for a client that follows it.
import type { AuditRecord } from "../model/audit-record.ts";
import { findStartAfter } from "./find-after.ts";
import { decodeLine } from "./lines.ts";
import { readLines, readLinesBackwards } from "./read-trail.ts";
import type { TrailFiles } from "./trail-parts.ts";
import { parseRecord } from "./parse-record.ts";

/**
 * Returns at most `limit` records, oldest first. With `after` they are the first ones that follow that `seq`; without it
 * they are the last ones. It skips lines that are not sound records. Throws ReconcileError `audit/unreadable`.
 */
export async function readRecent(
  files: TrailFiles,
  path: string,
  { after, limit }: { readonly after: number | null; readonly limit: number },
): Promise<readonly AuditRecord[]> {
  const newestFirst: AuditRecord[] = [];
  let hasSearched = false;
  for await (const line of readLinesBackwards(files, path)) {
    const parsed = parseRecord(decodeLine(line) ?? "");
    if (!parsed.ok) continue;
    const { record } = parsed;
    if (after !== null && record.seq <= after) break;
    newestFirst.push(record);
    // A client that follows continues from `after`, so only the oldest of the newer records are kept for this answer.
    if (after === null && newestFirst.length === limit) break;
    if (newestFirst.length <= 2 * limit) continue;
    newestFirst.splice(0, limit);
    // A client that follows is at the end; only another one is worth a search. A trail in disorder is read to its start.
    const start = hasSearched || after === null ? null : await findStartAfter(files, path, after);
    hasSearched = true;
    if (start !== null) return readFrom(files, path, { start, limit });
  }
  const oldestFirst = newestFirst.reverse();
  return after === null ? oldestFirst : oldestFirst.slice(0, limit);
}

async function readFrom(
  files: TrailFiles,
  path: string,
  { start, limit }: { readonly start: number; readonly limit: number },
): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = [];
  for await (const line of readLines(files, path, start)) {
    const parsed = parseRecord(line === null ? "" : (decodeLine(line) ?? ""));
    if (!parsed.ok) continue;
    records.push(parsed.record);
    if (records.length === limit) break;
  }
  return records;
}
