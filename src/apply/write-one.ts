// One write: its gainers read again, the intent on disk, the request, the outcome on disk.
import type { AuditEntry, AuditSource } from "../model/audit-record.ts";
import { errorText, ReconcileError, type FieldFault } from "../model/errors.ts";
import type { Operation } from "../model/plan.ts";
import type { Health } from "./health.ts";
import { sendAndSee, type Outcome, type OutcomePorts } from "./outcome.ts";
import { findLostHolder, type Holder } from "./gainers.ts";

export interface WritePorts extends OutcomePorts {
  /** Appends to the trail and returns once the record is on disk. */
  readonly record: (entry: AuditEntry) => Promise<{ readonly seq: number }>;
  /** The manifest that a group comes from; null where it has none. */
  readonly sourceOf: (group: string) => AuditSource | null;
  readonly health: Health;
}

export interface Written {
  readonly operation: Operation;
  /** What was planned from is no longer so: the group has to be planned anew. */
  readonly isStale: boolean;
  /** What the platform found wrong with its document. */
  readonly faults: readonly FieldFault[];
}

/** `holders`: the webhooks that must deliver what this write takes away. Never throws for a write that failed. */
export async function writeOne(
  operation: Operation,
  holders: readonly Holder[],
  ports: WritePorts,
): Promise<Written> {
  const stopped = ports.health.stopped();
  if (stopped !== null) return final(skip(operation, `not started: ${stopped}`));
  try {
    const lost = await findLostHolder(holders, ports.driver);
    if (lost !== null)
      return { operation: { ...operation, status: "failed", error: lost }, isStale: true, faults: [] };
    const intent = await ports.record(entryOf(operation, ports, { event: "change.intended" }));
    return await sendOnRecord(operation, intent.seq, ports);
  } catch (error) {
    ports.health.count(error instanceof ReconcileError ? error.code : null);
    return final({ ...operation, status: "failed", error: errorText(error) });
  }
}

async function sendOnRecord(operation: Operation, intent: number, ports: WritePorts): Promise<Written> {
  const startedMs = ports.clock.monotonic();
  const { status, success, webhookId, error, code, faults } = await sendAndSee(operation, ports);
  const latencyMs = Math.round(ports.clock.monotonic() - startedMs);
  ports.health.count(code);
  const isStale = status === "stale";
  const outcome = { ...operation, webhookId, error, status: isStale ? ("failed" as const) : status };
  try {
    await ports.record(entryOf(outcome, ports, { event: events[status], success, latencyMs, intent }));
    return { operation: outcome, isStale, faults };
  } catch (failure) {
    const unrecorded = `sent, but its outcome is not on record: ${errorText(failure)}`;
    return final({ ...operation, webhookId, status: "unknown", error: unrecorded });
  }
}

const events: Readonly<Record<Outcome["status"], AuditEntry["event"]>> = {
  applied: "change.applied",
  recovered: "change.recovered",
  failed: "change.failed",
  stale: "change.failed",
  unknown: "change.failed",
};

export function entryOf(
  operation: Pick<Operation, "action" | "group" | "endpoint" | "webhookId" | "before" | "after" | "error"> &
    Pick<AuditEntry, "patch">,
  { sourceOf }: Pick<WritePorts, "sourceOf">,
  more: Pick<AuditEntry, "event"> & Partial<Pick<AuditEntry, "success" | "latencyMs" | "intent">>,
): AuditEntry {
  const { action, group, endpoint, webhookId, before, after, patch, error } = operation;
  return {
    event: more.event,
    operation: action,
    group,
    endpoint,
    webhookId,
    before,
    after,
    patch,
    success: more.success ?? null,
    latencyMs: more.latencyMs ?? null,
    error,
    source: sourceOf(group),
    intent: more.intent ?? null,
  };
}

export function skip(operation: Operation, error: string): Operation {
  return operation.status === "planned" ? { ...operation, status: "skipped", error } : operation;
}

export function final(operation: Operation): Written {
  return { operation, isStale: false, faults: [] };
}
