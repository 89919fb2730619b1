// The end of a trail, for whoever follows it.
import type { AuditRecord } from "../model/audit-record.ts";
import { decodeLine } from "./lines.ts";
import { readLinesBackwards, type TrailFiles } from "./read-trail.ts";
import { parseRecord } from "./parse-record.ts";

/**
 * Oldest first, at most `limit`: with `after` those that follow that `seq`, none left out between; without it the
 * last ones. What is no sound record is passed over. Throws ReconcileError `audit/unreadable`.
 */
export async function readRecent(
  files: TrailFiles,
  path: string,
  { after, limit }: { readonly after: number | null; readonly limit: number },
): Promise<readonly AuditRecord[]> {
  const newestFirst: AuditRecord[] = [];
  for await (const line of readLinesBackwards(files, path)) {
    const parsed = parseRecord(decodeLine(line) ?? "");
    if (!parsed.ok) continue;
    const { record } = parsed;
    if (after !== null && record.seq <= after) break;
    newestFirst.push(record);
    // Whoever follows goes on where it was, so of what is newer only the oldest are for now.
    if (after === null && newestFirst.length === limit) break;
    if (newestFirst.length > 2 * limit) newestFirst.splice(0, limit);
  }
  const oldestFirst = newestFirst.reverse();
  return after === null ? oldestFirst : oldestFirst.slice(0, limit);
}
