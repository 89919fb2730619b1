// Finds out what became of a write: its answer tells it, or, if the answer was lost, what is live now.
import { backoffMs } from "../genesys/client/retry.ts";
import type { ResourcePort } from "../genesys/driver.ts";
import type { Clock } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import { rowOf } from "../model/error-class.ts";
import { errorText, invariant, platformCodeIn, ReconcileError, type FieldFault } from "../model/errors.ts";
import type { Kind, Kinds } from "../model/kind.ts";
import type { Listing } from "../model/listing.ts";
import type { LiveResource } from "../model/resource.ts";
import { diffDocuments } from "../model/document-diff.ts";
import { findLostSuccessor, type Successor } from "./gainers.ts";
import { lateMs } from "./intent-age.ts";
import { withWayOut } from "./health.ts";
import { pause } from "./pause.ts";
import { findListed, judgeWrite, type Judgement, type WriteToJudge } from "./judge.ts";

export interface OutcomePorts {
  /** By name, until when (a time of the monotonic clock) a create of an earlier run may still take effect. */
  readonly lateCreates: ReadonlyMap<string, number>;
  readonly driver: ResourcePort;
  readonly kinds: Kinds;
  /** What is live, listed after the call; callers who ask while a list is under way share the next one. */
  readonly listLive: () => Promise<Listing>;
  readonly clock: Clock;
  readonly random: Random;
  readonly interrupted: AbortSignal;
}

/**
 * `recovered`: it took effect, though its answer was lost. `found`: this run changed nothing, because the platform refused
 * the request or none was needed, and the resource is as wanted: someone else made it so. `stale`: the live state has
 * changed since the plan, and the group has to be planned anew. `notReady`: it was refused, because the platform does not
 * take its endpoint yet. `unknown`: it may or may not have taken effect. `unsent`: the pass was stopped before it was sent.
 */
export interface Outcome {
  readonly status:
    "applied" | "recovered" | "found" | "failed" | "stale" | "notReady" | "unknown" | "unsent";
  /** Whether it took effect; null if that is unknown. */
  readonly success: boolean | null;
  readonly webhookId: string | null;
  readonly error: string | null;
  /** The error's code, such as `api/unavailable`; null without an error, and if it was `found` and nothing was sent. */
  readonly code: string | null;
  /** The platform's own code of the error; absent if it sent none. */
  readonly platformCode?: string;
  /** The faults that the platform found in the document; empty if it named no field. */
  readonly faults: readonly FieldFault[];
}

/** How often a write is sent in all, if its answer is lost and it had no effect. */
const maxSends = 3;
const withoutEffect = new Set<Outcome["status"]>(["failed", "notReady", "unsent"]);

export interface WriteContext {
  /** The resources that must deliver what the write takes away. */
  readonly successors: readonly Successor[];
  /** The ids of the resources that its plan was made from. */
  readonly known: ReadonlySet<string>;
}

/** Sends a write, and looks at what is live if its answer is lost or shows that the plan is out of date. Never throws. */
export async function sendAndSee(
  write: WriteToJudge,
  group: WriteContext,
  ports: OutcomePorts,
): Promise<Outcome> {
  const early = await awaitEarlier(write, group, ports);
  if (early) return early;
  let isLost = false;
  for (let sends = 1; ; sends += 1) {
    const sent = await send(write, ports);
    if (isOver(sent, isLost)) return sent;
    // Neither a refusal nor an interrupt tells whether an earlier sending, which may be late, took effect.
    if (withoutEffect.has(sent.status))
      return isLost ? { ...sent, status: "unknown", success: null } : sent;
    // A late write has usually arrived a moment after its answer was lost. After an interrupt there is still time to look.
    if (sent.status === "unknown")
      await pause(isRepeatable(write, ports.kinds) ? backoffMs(sends, ports.random) : lateMs, ports);
    isLost ||= sent.status === "unknown";
    const seen = await look(write, group.known, ports);
    if (seen instanceof ReconcileError) return unseen(sent, seen);
    const end = settle(sent, seen, { isLost, sends });
    if (end !== null) return end;
    if (ports.interrupted.aborted) return sent;
    // Seconds have passed since they were read.
    const lost = await findLostSuccessor(group.successors, ports).catch(asFailure);
    if (lost instanceof ReconcileError) return unseen(sent, lost);
    if (lost !== null) return staleAs({ ...sent, error: lost }, seen, isLost);
  }
}

/** After a lost answer, what is found done may be the work of an earlier sending, which only a look can tell. */
function isOver({ status }: Outcome, isLost: boolean): boolean {
  return status === "applied" || (status === "found" && !isLost);
}

/** Whether the platform would refuse the second one if both arrived. */
function isRepeatable({ webhookId, after }: WriteToJudge, kinds: Kinds): boolean {
  return webhookId !== null || !after || kinds.of(after).isUnique;
}

/** Waits for a request of an earlier run that wanted the same and may still arrive; null if there is no such request. */
async function awaitEarlier(
  write: WriteToJudge,
  group: WriteContext,
  ports: OutcomePorts,
): Promise<Outcome | null> {
  const untilMs = isRepeatable(write, ports.kinds)
    ? undefined
    : ports.lateCreates.get(write.after?.name ?? "");
  if (untilMs === undefined) return null;
  const nothing = { success: false, webhookId: null, code: null, faults: [] } as const;
  await pause(Math.max(0, untilMs - ports.clock.monotonic()), ports);
  const stopped = "interrupted while an earlier create could still arrive";
  if (ports.interrupted.aborted) return { ...nothing, status: "unsent", error: stopped };
  const seen = await look(write, group.known, ports);
  if (seen instanceof ReconcileError)
    return {
      ...nothing,
      ...platformCodeIn(seen),
      status: "failed",
      error: errorText(seen),
      code: seen.code,
    };
  if (seen.state === "done") return { ...succeeded(seen.webhookId), status: "recovered" };
  return seen.state === "changed" ? { ...nothing, status: "stale", error: seen.how } : null;
}

/** Returns null if it is to be sent again. */
function settle(
  sent: Outcome,
  seen: Judgement,
  { isLost, sends }: { readonly isLost: boolean; readonly sends: number },
): Outcome | null {
  if (seen.state === "done")
    return isLost ? { ...succeeded(seen.webhookId), status: "recovered" } : found(seen.webhookId, sent);
  if (seen.state === "changed" || sent.status === "stale") return staleAs(sent, seen, isLost);
  if (sends < maxSends) return null;
  return { ...sent, error: `${sent.error ?? ""}; sent ${sends} times, without effect so far` };
}

function unseen(sent: Outcome, failure: ReconcileError): Outcome {
  const error = `${sent.error ?? ""}; looking for it failed, too: ${errorText(failure)}`;
  return { ...sent, status: "unknown", success: null, error };
}

/** `isLost`: an earlier sending may still take effect. */
function staleAs(sent: Outcome, seen: Judgement, isLost: boolean): Outcome {
  const how = seen.state === "changed" ? `${seen.how}; ` : "";
  return { ...sent, status: "stale", success: isLost ? null : false, error: `${how}${sent.error ?? ""}` };
}

async function look(
  write: WriteToJudge,
  known: ReadonlySet<string>,
  ports: OutcomePorts,
): Promise<Judgement | ReconcileError> {
  try {
    const live = await findWritten(write, ports);
    // The plan does something else to that resource, such as to delete it.
    if (write.webhookId === null && live && known.has(live.id))
      return { state: "changed", how: `someone made it of ${live.kind.noun} ${live.id}` };
    return judgeWrite(write, live);
  } catch (error) {
    return asFailure(error);
  }
}

function asFailure(error: unknown): ReconcileError {
  if (error instanceof ReconcileError) return error;
  throw error;
}

async function findWritten(write: WriteToJudge, ports: OutcomePorts): Promise<LiveResource | null> {
  if (write.webhookId !== null)
    return ports.driver.read({ kind: kindOf(write, ports.kinds), id: write.webhookId });
  return findListed(write, await ports.listLive(), ports.kinds);
}

/** Every operation has a document before or after it; the types do not tell. */
function kindOf({ before, after }: Pick<WriteToJudge, "before" | "after">, kinds: Kinds): Kind {
  const document = before ?? after;
  invariant(document, "a write has a document");
  return kinds.of(document);
}

async function send(write: WriteToJudge, ports: OutcomePorts): Promise<Outcome> {
  try {
    return await call(write, ports);
  } catch (error) {
    const { code = null, fields: faults = [] } = error instanceof ReconcileError ? error : {};
    const { write: end } = rowOf(code ?? "");
    const status = end === "halfDone" ? "failed" : end;
    const success = end === "unknown" || end === "halfDone" ? null : false;
    const { webhookId } = write;
    return { status, success, webhookId, error: withWayOut(error), code, faults, ...platformCodeIn(error) };
  }
}

async function call(write: WriteToJudge, { driver, kinds }: OutcomePorts): Promise<Outcome> {
  const kind = kindOf(write, kinds);
  const done = await carryOut(write, kind, driver);
  const { webhookId: id } = done;
  const how = id === null ? null : driver.found?.({ kind, id });
  if (!how || done.status !== "applied") return done;
  return how === "unsent"
    ? found(id, { error: "no request was needed", code: null })
    : found(id, { error: "the platform refused what was sent", code: "api/conflict" });
}

async function carryOut(write: WriteToJudge, kind: Kind, driver: ResourcePort): Promise<Outcome> {
  const { webhookId: id, before, after } = write;
  if (id === null) {
    invariant(after, "a create has a document");
    return checkStored(await driver.create(kind, after), write);
  }
  if (after) return checkStored(await driver.update({ kind, id }, after, before), write);
  await driver.delete({ kind, id }, before);
  return succeeded(id);
}

function found(webhookId: string | null, { error, code }: Pick<Outcome, "error" | "code">): Outcome {
  const how = `it was found done, and not by this run: ${error ?? ""}`;
  return { ...succeeded(webhookId), status: "found", success: false, error: how, code };
}

/** The answer of a write may lack event types that the platform did not accept, and these would be delivered to no endpoint. */
function checkStored(
  stored: LiveResource,
  { webhookId, after }: Pick<WriteToJudge, "webhookId" | "after">,
): Outcome {
  const steps = diffDocuments(stored, after, stored.kind);
  const paths = steps.map(({ path }) => path.slice(1));
  if (webhookId !== null && stored.id !== webhookId) paths.push("id");
  if (paths.length === 0) return succeeded(stored.id);
  const isFilledIn = steps.some(({ op, value }) => op === "remove" || value === null);
  const wayOut = isFilledIn ? "; what it filled in is kept if the manifest states it" : "";
  const error = `the platform stored something else than was sent: ${paths.join(", ")}${wayOut}`;
  const code = "api/storedOtherwise";
  return { status: "failed", success: false, webhookId: webhookId ?? stored.id, error, code, faults: [] };
}

function succeeded(webhookId: string | null): Outcome {
  return { status: "applied", success: true, webhookId, error: null, code: null, faults: [] };
}
