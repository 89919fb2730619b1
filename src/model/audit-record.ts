// One line of the audit trail.
import type * as schema from "./schema/audit-record.ts";
import type * as statements from "./schema/trail-statements.ts";
import type { runProvenance } from "./schema/run-provenance.ts";
import type { TypeOf } from "./schema/type-of.ts";

export type AuditEvent = TypeOf<typeof schema.auditEvent>;

/** Stands where a record would name a person or a machine. */
export const unnamed = "not recorded";

/** The part of a record that the caller supplies; the trail adds the rest. */
export type AuditEntry = TypeOf<typeof schema.auditEntry>;

export type AuditSource = TypeOf<typeof schema.auditSource>;

/** The fields that all records of a run have in common. */
export type AuditRun = TypeOf<typeof schema.auditRun>;

/** What is known of who and what ran, beside the actor. */
export type RunProvenance = TypeOf<typeof runProvenance>;

export type AuditRecord = TypeOf<typeof schema.auditRecord>;

/** Names the two heads of a trail that did not verify and from which a run went on. */
export type AcceptedHead = TypeOf<typeof statements.acceptedHead>;

/** Names the last applied commit, where a run went back to an older one. */
export type OlderThan = TypeOf<typeof statements.olderThan>;

/** Names the unsigned records before the first signed one. */
export type UnsignedBefore = TypeOf<typeof statements.unsignedBefore>;

/** Names the closed file that a trail goes on from, and its head. */
export type Continued = TypeOf<typeof statements.continued>;

/** Counts since the trail began. No count includes a write that was recorded and never tried. */
export type Metrics = TypeOf<typeof schema.metrics>;

/** Names the archive with the records of several trails, one of which goes on here. */
export type Archive = TypeOf<typeof statements.archive>;

/** Names the older records that a record claims for its organisation. */
export type Claims = TypeOf<typeof statements.claims>;
