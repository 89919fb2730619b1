// One line of the audit trail.
import type * as schema from "./schema/audit-record.ts";
import type { TypeOf } from "./schema/type-of.ts";

export type AuditEvent = TypeOf<typeof schema.auditEvent>;

/** The part of a record that the caller supplies; the trail adds the rest. */
export type AuditEntry = TypeOf<typeof schema.auditEntry>;

export type AuditSource = TypeOf<typeof schema.auditSource>;

/** The fields that all records of a run have in common. */
export type AuditRun = TypeOf<typeof schema.auditRun>;

export type AuditRecord = TypeOf<typeof schema.auditRecord>;

/** Counts since the trail began. No count includes a write that was recorded and never tried. */
export type Metrics = TypeOf<typeof schema.metrics>;
