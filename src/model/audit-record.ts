// One line of the audit trail.
import type * as schema from "./schema/audit-record.ts";
import type { TypeOf } from "./schema/type-of.ts";

export type AuditEvent = TypeOf<typeof schema.auditEvent>;

/** What the caller knows of an event; the trail adds the rest. */
export type AuditEntry = TypeOf<typeof schema.auditEntry>;

export type AuditSource = TypeOf<typeof schema.auditSource>;

/** The same for all records of a run. */
export type AuditRun = TypeOf<typeof schema.auditRun>;

export type AuditRecord = TypeOf<typeof schema.auditRecord>;

/** Counts since the trail began. A write that was on record and never tried counts in none of them. */
export type Metrics = TypeOf<typeof schema.metrics>;
