// Carries one write out: records the intent, reads the gainers again, sends the request, records the outcome.
import type { Found } from "../genesys/driver.ts";
import type { AuditEntry, AuditSource } from "../model/audit-record.ts";
import { rowOf } from "../model/error-class.ts";
import { errorText, platformCodeIn, ReconcileError, type FieldFault } from "../model/errors.ts";
import type { Held } from "../model/held.ts";
import { isPlanned, type Operation } from "../model/plan.ts";
import { leave } from "../plan/leave.ts";
import { sayHeld } from "../words/say-held.ts";
import type { Health } from "./health.ts";
import type { Readiness } from "./readiness.ts";
import type { Busy } from "./busy.ts";
import { sendAndSee, type Outcome, type OutcomePorts, type WriteContext } from "./outcome.ts";
import { findLostSuccessor } from "./gainers.ts";

export interface WritePorts extends OutcomePorts {
  /** Appends to the trail and returns once the record is on disk. */
  readonly record: (entry: AuditEntry) => Promise<{
    readonly seq: number;
    /** Absent if it is not on record yet. */ readonly timestamp?: string;
  }>;
  /** Returns the manifest that a group comes from; null if it has none. */
  readonly sourceOf: (group: string) => AuditSource | null;
  readonly health: Health;
  readonly readiness: Readiness;
  readonly busy: Pick<Busy, "during">;
  /** Called before each request; false if another process may have taken over. */
  readonly mayWrite: () => Promise<boolean>;
  /** The platform's time in ms since 1970, by its last answer; null if it is unknown. */
  readonly platformNow: () => number | null;
  /** Runs the action as soon as a request may be under way; writes to the disk do not take such a turn. */
  readonly inTurn: <T>(action: () => Promise<T>) => Promise<T>;
}

export interface Written {
  readonly operation: Operation;
  /** The live state is not the one that the plan was made from, so the group has to be planned anew. */
  readonly isStale: boolean;
  /** How the resource was found as the operation wants it, if this run did not make it so; else null. */
  readonly found: Found | null;
  /** The faults that the platform found in its document. */
  readonly faults: readonly FieldFault[];
  /** When its outcome was recorded, in ms since 1970; null if it is not on record. */
  readonly recordedAtMs: number | null;
}

export interface GroupContext extends WriteContext {
  /** The group's writes share it: one of them sets it when it finds that the live state has changed since the plan. */
  readonly plan: { isOutdated: boolean };
}

/** Never throws for a write that failed. */
export async function writeOne(
  operation: Operation,
  group: GroupContext,
  ports: WritePorts,
): Promise<Written> {
  const stopped = ports.health.stopped();
  if (stopped !== null) return final(skip(operation, { by: "stop", why: stopped }));
  let intent: number;
  try {
    intent = (await ports.record(intentOf(operation, ports))).seq;
  } catch (error) {
    endIfUnwritable(error, ports);
    return final({ ...operation, status: "failed", error: errorText(error) });
  }
  const { outcome, isAttempted, latencyMs, held } = await ports.busy.during(() =>
    ports.readiness.sendWhenReady(findNewEndpoint(operation), () =>
      ports.inTurn(() => sendTimed(operation, group, ports)),
    ),
  );
  const { status, success, webhookId, error, faults } = outcome;
  const told = { error, ...platformCodeIn(outcome) };
  const tried: Operation = { ...operation, webhookId, ...told, status: statuses[status] };
  const written = held ? leave(tried, held) : tried;
  const event = events[status];
  const found = status !== "found" ? null : isAttempted ? "refused" : "unsent";
  try {
    const { timestamp } = await ports.record(
      entryOf(written, ports, { event, success, latencyMs, intent, attempted: isAttempted }),
    );
    const recordedAtMs = timestamp === undefined ? null : Date.parse(timestamp);
    return { operation: written, isStale: status === "stale", found, faults, recordedAtMs };
  } catch (failure) {
    endIfUnwritable(failure, ports);
    if (!isAttempted) return { ...final(written), found };
    const unrecorded = `sent, but its outcome is not on record: ${errorText(failure)}`;
    return final({ ...written, status: "unknown", error: unrecorded });
  }
}

/** The endpoint that a write makes a resource lead to; null if it changes no endpoint. */
function findNewEndpoint({ before, after }: Operation): string | null {
  return after && after.endpoint !== before?.endpoint ? after.endpoint : null;
}

/** Stops the run if the trail takes no more records. A record that is too long only fails its own write. */
function endIfUnwritable(error: unknown, { health }: WritePorts): void {
  const isOwn = error instanceof ReconcileError && error.code === "audit/recordTooLong";
  if (!isOwn) health.end("the audit trail takes no more records");
}

interface Sent {
  readonly outcome: Outcome;
  /** False if no request was tried, so that nothing was changed. */
  readonly isAttempted: boolean;
  /** Why it was held back; absent if it was tried, or if reading the gainers failed it. */
  readonly held?: Held;
}

async function sendTimed(
  operation: Operation,
  group: GroupContext,
  ports: WritePorts,
): Promise<Sent & { readonly latencyMs: number | null }> {
  const startedMs = ports.clock.monotonic();
  const sent = await sendUnlessStopped(operation, group, ports);
  const { status, code } = sent.outcome;
  if (status === "stale") group.plan.isOutdated = true;
  if (status !== "unsent") ports.health.count(code);
  const latencyMs = Math.round(ports.clock.monotonic() - startedMs);
  return { ...sent, latencyMs: sent.isAttempted ? latencyMs : null };
}

async function sendUnlessStopped(
  operation: Operation,
  group: GroupContext,
  ports: WritePorts,
): Promise<Sent> {
  const { health } = ports;
  const untried = (status: Outcome["status"], error: string, code: string | null = null): Sent => {
    const { webhookId } = operation;
    return { outcome: { status, success: false, webhookId, error, code, faults: [] }, isAttempted: false };
  };
  const unsent = (held: Held): Sent => ({ ...untried("unsent", sayHeld(held)), held });
  const stopped = health.stopped();
  if (stopped !== null) return unsent({ by: "stop", why: stopped });
  const stopAsOvertaken = (): Sent => {
    if (health.stopped() === null) health.end("another process may have taken over");
    return unsent({ by: "stop", why: health.stopped() ?? "" });
  };
  if (!(await ports.mayWrite())) return stopAsOvertaken();
  try {
    const lost = await findLostSuccessor(group.successors, ports);
    if (lost !== null) return untried("stale", lost);
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error;
    const text = errorText(error);
    if (rowOf(error.code).write === "unsent") return unsent({ by: "stop", why: health.stopped() ?? text });
    const failed = untried("failed", text, error.code);
    return { ...failed, outcome: { ...failed.outcome, ...platformCodeIn(error) } };
  }
  if (group.plan.isOutdated) return unsent({ by: "earlier", waitsFor: "newPlan" });
  const outcome = await sendAndSee(operation, group, ports);
  if (outcome.status !== "unsent")
    return { outcome, isAttempted: outcome.status !== "found" || outcome.code !== null };
  // The client asks for the lease last of all, and leaves a write unsent if it cannot be confirmed.
  if (outcome.code === "lease/unsure") return stopAsOvertaken();
  return unsent({ by: "stop", why: health.stopped() ?? outcome.error ?? "" });
}

const statuses: Readonly<Record<Outcome["status"], Operation["status"]>> = {
  applied: "applied",
  recovered: "recovered",
  // The group's later operations go on from it; the result leaves it out.
  found: "recovered",
  failed: "failed",
  notReady: "failed",
  stale: "failed",
  unknown: "unknown",
  unsent: "skipped",
};

const events: Readonly<Record<Outcome["status"], AuditEntry["event"]>> = {
  applied: "change.applied",
  recovered: "change.recovered",
  found: "change.failed",
  failed: "change.failed",
  notReady: "change.failed",
  stale: "change.failed",
  unknown: "change.failed",
  unsent: "change.failed",
};

/** The platform's time lets the next run see how old the intent is, if this one dies. */
function intentOf(operation: Operation, ports: WritePorts): AuditEntry {
  const entry = entryOf(operation, ports, { event: "change.intended" });
  const nowMs = ports.platformNow();
  return nowMs === null ? entry : { ...entry, platformTime: new Date(nowMs).toISOString() };
}

export function entryOf(
  operation: Pick<Operation, "action" | "group" | "endpoint" | "webhookId" | "before" | "after" | "error"> &
    Pick<AuditEntry, "patch">,
  { sourceOf }: Pick<WritePorts, "sourceOf">,
  more: Pick<AuditEntry, "event"> &
    Partial<Pick<AuditEntry, "success" | "latencyMs" | "intent" | "attempted" | "carried">>,
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
    source: group === null ? null : sourceOf(group),
    intent: more.intent ?? null,
    attempted: more.attempted ?? null,
    ...(more.carried ? { carried: true } : {}),
  };
}

export function skip(operation: Operation, held: Held): Operation {
  return isPlanned(operation) ? leave(operation, held) : operation;
}

export function final(operation: Operation): Written {
  return { operation, isStale: false, found: null, faults: [], recordedAtMs: null };
}
