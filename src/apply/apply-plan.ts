// Plan → writes. A group's phases follow each other, groups run side by side, and one group's failure leaves the
// others going. Each write: intent on disk, request, outcome on disk.
import PQueue from "p-queue";
import type { Clock } from "../lib/clock.ts";
import { groupBy } from "../lib/group-by.ts";
import type { AuditEntry, AuditSource } from "../model/audit-record.ts";
import { errorText, invariant, ReconcileError } from "../model/errors.ts";
import type { Operation, Plan } from "../model/plan.ts";
import type { LiveWebhook } from "../model/webhook.ts";
import type { Driver } from "../genesys/driver.ts";

export interface ApplyPorts {
  readonly driver: Driver;
  /** Appends to the trail and returns once the record is on disk. */
  readonly record: (entry: AuditEntry) => Promise<unknown>;
  readonly clock: Clock;
  /** Writes under way at once. */
  readonly concurrency: number;
  /** Once it fires, writes in flight are finished and no other is started. */
  readonly interrupted: AbortSignal;
  /** The manifest that a group comes from; null where it has none. */
  readonly sourceOf: (group: string) => AuditSource | null;
  /** Called after every write. */
  readonly onProgress: (done: number, total: number) => void;
}

/** The operations with what became of them: none is left `planned`. Never throws for a write that failed. */
export async function applyPlan(plan: Plan, ports: ApplyPorts): Promise<Plan> {
  const queue = new PQueue({ concurrency: ports.concurrency });
  const total = [...plan.operations, ...plan.prunes].filter(
    (operation) => operation.status === "planned",
  ).length;
  let done = 0;
  const write = async (operation: Operation): Promise<Operation> => {
    if (operation.status !== "planned") return operation;
    const outcome = await queue.add(() => writeOne(operation, ports));
    done += 1;
    ports.onProgress(done, total);
    return outcome;
  };
  const byGroup = groupBy(plan.operations, (operation) => operation.group);
  const groups = await Promise.all(
    [...byGroup.values()].map((operations) => applyPhases(operations, write)),
  );
  const operations = groups.flat();
  const clear = operations.every(succeeded);
  const prunes = clear
    ? await Promise.all(plan.prunes.map(write))
    : plan.prunes.map((prune) => skip(prune, "not every other operation succeeded"));
  return { ...plan, operations, prunes };
}

/** `operations`: one group's, by phase. Those that a guard refused count as not succeeded. */
async function applyPhases(
  operations: readonly Operation[],
  write: (operation: Operation) => Promise<Operation>,
): Promise<Operation[]> {
  const applied: Operation[] = [];
  for (const phase of groupBy(operations, (operation) => operation.phase).values()) {
    const clear = applied.every(succeeded);
    const late = "an earlier operation of the group did not succeed";
    applied.push(...(clear ? await Promise.all(phase.map(write)) : phase.map((step) => skip(step, late))));
  }
  return applied;
}

async function writeOne(operation: Operation, ports: ApplyPorts): Promise<Operation> {
  if (ports.interrupted.aborted) return skip(operation, "interrupted before it was started");
  try {
    await ports.record(entryOf(operation, ports, { event: "change.intended" }));
  } catch (error) {
    return { ...operation, status: "failed", error: errorText(error) };
  }
  const startedMs = ports.clock.monotonic();
  const outcome = await send(operation, ports.driver);
  const latencyMs = Math.round(ports.clock.monotonic() - startedMs);
  const success = { applied: true, failed: false, unknown: null }[outcome.status];
  const event = outcome.status === "applied" ? "change.applied" : "change.failed";
  try {
    await ports.record(entryOf({ ...operation, ...outcome }, ports, { event, success, latencyMs }));
  } catch (error) {
    return {
      ...operation,
      status: "unknown",
      error: `sent, but its outcome is not on record: ${errorText(error)}`,
    };
  }
  return { ...operation, ...outcome };
}

interface Outcome {
  readonly status: "applied" | "failed" | "unknown";
  readonly webhookId: string | null;
  readonly error: string | null;
}

async function send(operation: Operation, driver: Driver): Promise<Outcome> {
  try {
    const stored = await call(operation, driver);
    return { status: "applied", webhookId: stored?.id ?? operation.webhookId, error: null };
  } catch (error) {
    const unknown = error instanceof ReconcileError && error.code === "api/outcomeUnknown";
    return {
      status: unknown ? "unknown" : "failed",
      webhookId: operation.webhookId,
      error: errorText(error),
    };
  }
}

async function call(operation: Operation, driver: Driver): Promise<LiveWebhook | null> {
  const { after, webhookId } = operation;
  if (!webhookId) {
    invariant(after, "a create has a document");
    return driver.create(after);
  }
  if (after) return driver.update(webhookId, after);
  await driver.delete(webhookId);
  return null;
}

function entryOf(
  operation: Operation,
  ports: ApplyPorts,
  more: Pick<AuditEntry, "event"> & Partial<Pick<AuditEntry, "success" | "latencyMs">>,
): AuditEntry {
  const { action, group, endpoint, webhookId, before, after, patch, error } = operation;
  const source = ports.sourceOf(group);
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
    source,
  };
}

function skip(operation: Operation, error: string): Operation {
  return operation.status === "planned" ? { ...operation, status: "skipped", error } : operation;
}

function succeeded(operation: Operation): boolean {
  return operation.status === "applied" || operation.status === "recovered";
}
