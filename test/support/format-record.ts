// A record as its line in the trail.
import type { AuditRecord } from "../../src/model/audit-record.ts";

/** With the newline. */
export function formatRecord(record: AuditRecord): string {
  return `${JSON.stringify(record)}\n`;
}
