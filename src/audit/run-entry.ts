// The fields of a record that is about a run or about the trail itself, and about no resource.
import type { AuditEntry } from "../model/audit-record.ts";

export const runEntry: Omit<AuditEntry, "event"> = {
  operation: null,
  group: null,
  endpoint: null,
  webhookId: null,
  before: null,
  after: null,
  patch: null,
  success: null,
  latencyMs: null,
  error: null,
  source: null,
  intent: null,
  attempted: null,
};
