// An intent on record whose outcome may not be.
import type { AuditRecord } from "../model/audit-record.ts";

/** A `change.intended` record. */
export type OpenIntent = Pick<
  AuditRecord,
  "seq" | "timestamp" | "platformTime" | "runId" | "webhookId" | "before" | "after" | "patch"
> & {
  readonly operation: NonNullable<AuditRecord["operation"]>;
  /** Null of a resource that several groups share. */
  readonly group: string | null;
  readonly endpoint: string;
};

/** An open intent with what tells how long ago its request may have left. */
export interface AgedIntent extends OpenIntent {
  /**
   * When its run made its last record, by the same clock as `timestamp`. Intents are recorded ahead, so the request may have
   * waited until then.
   */
  readonly lastSeenAt: string;
}

/** True for every parsed record of a change, not only for `change.intended`. */
export function isIntent(record: AuditRecord): record is AuditRecord & OpenIntent {
  const { operation, endpoint } = record;
  return operation !== null && endpoint !== null;
}
