// Finds the newest record of an owner, which tells the organisation by its name.
import type { AuditRecord } from "../model/audit-record.ts";
import { makeRecordFilter, type RecordFilter } from "./belongs.ts";
import { bufferOf, decodeLine } from "./lines.ts";
import { parseRecord } from "./parse-record.ts";
import { readLinesBackwards } from "./read-trail.ts";
import type { TrailFiles } from "./trail-parts.ts";

/** Null if no record names the owner and an organisation. Throws ReconcileError `audit/unreadable`. */
export async function findNewestOf(
  files: TrailFiles,
  path: string,
  whose: RecordFilter,
): Promise<Pick<AuditRecord, "environment" | "organization"> | null> {
  const counts = makeRecordFilter(whose, { older: false });
  for await (const bytes of readLinesBackwards(files, path)) {
    if (!counts(bufferOf(bytes))) continue;
    const parsed = parseRecord(decodeLine(bytes) ?? "");
    if (parsed.ok && parsed.record.owner === whose.owner && parsed.record.organization)
      return parsed.record;
  }
  return null;
}
