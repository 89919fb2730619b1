// Applies one group's operations, phase by phase, and plans the group anew if someone else has changed its resources.
import { groupBy } from "../lib/group-by.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Held } from "../model/held.ts";
import { errorText, platformCodeIn, ReconcileError } from "../model/errors.ts";
import {
  isDone,
  isPlanned,
  listServing,
  type GroupPlan,
  type Move,
  type Operation,
} from "../model/plan.ts";
import type { ResourceDocument } from "../model/resource.ts";
import { findSuccessors, findServers, noteServer, type Successor } from "./gainers.ts";
import { final, skip, type GroupContext, type Written } from "./write-one.ts";

/** After so many new plans someone is at work on the group right now, and the next pass is soon enough. */
const maxReplans = 3;

/** The pauses between the lists that do not show what a create conflicts with: half a minute in all. */
const pausesMs = [1_000, 2_000, 4_000, 8_000, 15_000];

/** One group of a plan; `plan` is null if the group has no manifest. */
export interface GroupWork {
  readonly plan: GroupPlan | null;
  readonly operations: readonly Operation[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface GroupPorts {
  readonly write: (operation: Operation, group: GroupContext) => Promise<Written>;
  /** Resolves once what the successors have gained is delivered, or at once if the pass was interrupted. */
  readonly settle: (operation: Operation, successors: readonly Successor[]) => Promise<void>;
  /** Plans the group from what is live now. Null if exactly the first plan shall be applied. */
  readonly replan: ((group: string, done: DoneSoFar) => Promise<GroupWork>) | null;
  /** Resolves after the time; false if the pass was interrupted meanwhile. */
  readonly pause: (delayMs: number) => Promise<boolean>;
}

/** What this pass has done to a group. */
export interface DoneSoFar {
  /** By id, what it has written. */
  readonly written: ReadonlyMap<string, ResourceDocument>;
  /** The ids of what it has deleted. */
  readonly deleted: ReadonlySet<string>;
  /** The ids of what it has found otherwise than its plan says. */
  readonly stale: ReadonlySet<string>;
}

/** Returns no operation that is still `planned`. `diagnostics` are those of the plans made meanwhile. */
export async function applyGroup(work: GroupWork, ports: GroupPorts): Promise<GroupWork> {
  let current = work;
  let before: readonly Operation[] = [];
  /** Creates that the platform refused because of something that no list shows; each was sent once more. */
  const unseen = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  for (let replans = 0; ; replans += 1) {
    const { operations, stale } = await applyPhases(current, ports);
    const settled = { ...current, operations: [...before, ...operations], diagnostics };
    if (!stale || !current.plan) return settled;
    const { plan } = current;
    const { replan } = ports;
    if (!replan) return { ...settled, diagnostics: [outdated(plan)] };
    if (unseen.has(stale.operation.name))
      return { ...settled, diagnostics: [...diagnostics, conflictUnseen(plan, stale.operation)] };
    const done = [...before, ...operations.filter(isDone)];
    const again = () => planAnew(plan, { done, stale }, replan);
    const next = replans < maxReplans ? await planUntilSeen(stale, again, ports) : null;
    if (!next || next instanceof ReconcileError) {
      const why = next
        ? `cannot be planned anew: ${errorText(next)}`
        : `was planned anew ${maxReplans} times, and is out of date again`;
      return {
        ...settled,
        diagnostics: [
          ...diagnostics,
          { ...warn(plan, `group "${plan.group}" ${why}`), ...platformCodeIn(next ?? stale.operation) },
        ],
      };
    }
    if (repeats(next, stale)) unseen.add(stale.operation.name);
    const { action, name, error } = stale.operation;
    const message = `group "${plan.group}" was planned anew: ${action} of ${name}: ${error ?? ""}`;
    diagnostics.push({ ...warn(plan, message), ...platformCodeIn(stale.operation) }, ...next.diagnostics);
    before = done;
    current = next;
  }
}

/**
 * A list may lag behind: then it does not show yet what a create conflicts with, and the new plan would create the same
 * again. So the group is planned anew after growing pauses, until a list shows it, or until these are over.
 */
async function planUntilSeen(
  stale: Stale,
  planAgain: () => Promise<GroupWork | ReconcileError>,
  { pause }: Pick<GroupPorts, "pause">,
): Promise<GroupWork | ReconcileError> {
  let next = await planAgain();
  for (const delayMs of pausesMs) {
    if (next instanceof ReconcileError || !repeats(next, stale)) return next;
    if (!(await pause(delayMs))) return next;
    next = await planAgain();
  }
  return next;
}

/** True if the plan creates what the platform has just refused, as if nothing stood in its way. */
function repeats({ operations }: GroupWork, { operation: { action, name, endpoint } }: Stale): boolean {
  return (
    action === "create" &&
    operations.some(
      (one) => isPlanned(one) && one.action === action && one.name === name && one.endpoint === endpoint,
    )
  );
}

interface Stale {
  readonly operation: Operation;
  /** The ids of the resources that it found otherwise than the plan says, or may have found so. */
  readonly ids: readonly string[];
}

/** Operations that stay undone after a stale one get the status `skipped`. */
async function applyPhases(
  { plan, operations }: GroupWork,
  { write, settle }: Pick<GroupPorts, "write" | "settle">,
): Promise<{ readonly operations: readonly Operation[]; readonly stale: Stale | undefined }> {
  const servers = findServers(plan?.endpoints ?? [], operations);
  const outdated = { isOutdated: false };
  const served = (plan?.endpoints ?? []).flatMap(listServing);
  const known = new Set([...served, ...operations].flatMap(({ webhookId }) => webhookId ?? []));
  const contextOf = (step: Operation): GroupContext => ({
    successors: plan ? findSuccessors(step, plan, { servers, operations }) : [],
    known,
    plan: outdated,
  });
  const applied: (Written & Pick<GroupContext, "successors">)[] = [];
  const writeStep = async (step: Operation) => {
    const context = contextOf(step);
    await settle(step, context.successors);
    return { ...(await write(step, context)), successors: context.successors };
  };
  for (const phase of groupBy(operations, (operation) => operation.phase).values()) {
    const isClear = applied.every(({ operation }) => isDone(operation));
    const late: Held = { by: "earlier", waitsFor: "itsGroup" };
    const written = isClear
      ? await Promise.all(phase.map(writeStep))
      : phase.map((step) => ({ ...final(skip(step, late)), successors: [] }));
    applied.push(...written);
    for (const { operation } of written) if (isDone(operation)) noteServer(servers, operation);
  }
  const found = applied.filter(({ isStale }) => isStale);
  const ids = found
    .flatMap(({ operation, successors }) => [operation, ...successors])
    .flatMap(({ webhookId }) => webhookId ?? []);
  const stale = found[0] && { operation: found[0].operation, ids };
  return { operations: applied.map(({ operation }) => operation), stale };
}

/** The new operations come after those that are `done`. Returns an error if the group cannot be planned. */
async function planAnew(
  first: GroupPlan,
  { done, stale }: { readonly done: readonly Operation[]; readonly stale: Stale },
  replan: NonNullable<GroupPorts["replan"]>,
): Promise<GroupWork | ReconcileError> {
  const written = new Map(
    done.flatMap(({ webhookId, after }) => (webhookId !== null && after ? [[webhookId, after]] : [])),
  );
  const deleted = new Set(
    done.flatMap(({ webhookId, after }) => (webhookId === null || after ? [] : [webhookId])),
  );
  try {
    const next = await replan(first.group, { written, deleted, stale: new Set(stale.ids) });
    const lastPhase = Math.max(0, ...done.map(({ phase }) => phase));
    const operations = next.operations.map((step) => ({ ...step, phase: step.phase + lastPhase }));
    return { ...next, operations, plan: next.plan && joinPlans(first, next.plan, { done, operations }) };
  } catch (error) {
    if (error instanceof ReconcileError) return error;
    throw error;
  }
}

/** Returns one plan that tells all that the pass does to the group. */
function joinPlans(
  first: GroupPlan,
  next: GroupPlan,
  { done, operations }: { readonly done: readonly Operation[]; readonly operations: readonly Operation[] },
): GroupPlan {
  const moves = new Map<string, Move>();
  for (const move of [...first.moves, ...next.moves]) {
    const from = moves.get(move.eventType)?.from ?? move.from;
    moves.set(move.eventType, { ...move, from });
  }
  const planned = new Set(operations.map(({ webhookId }) => webhookId));
  const writtenBefore = new Set(
    done
      .filter(({ after, webhookId }) => after && !planned.has(webhookId))
      .map(({ webhookId }) => webhookId),
  );
  return {
    ...next,
    moves: [...moves.values()].filter(({ from, to }) => from !== to),
    unchanged: Math.max(0, next.unchanged - writtenBefore.size),
  };
}

function outdated({ group, place }: GroupPlan): Diagnostic {
  const message = `group "${group}" was changed by someone else meanwhile: the rest of its plan is not applied`;
  return { severity: "error", code: "group/outdated", message, hint: "make a new plan", ...place };
}

function conflictUnseen({ group, place }: GroupPlan, { name, error }: Operation): Diagnostic {
  const waited = `${pausesMs.reduce((sum, delayMs) => sum + delayMs, 0) / 1000} s`;
  const message = `group "${group}": the platform refuses to create "${name}" because it exists, and for ${waited} no list has shown it: ${error ?? ""}`;
  const hint =
    "nothing was made twice. Run again later, for the list may lag behind; if it stays so, this client may not see what exists: " +
    "ask an administrator of the organisation who made it, or use another consumerGroupId";
  return { severity: "error", code: "group/conflictUnseen", message, hint, ...place };
}

function warn(plan: GroupPlan, message: string): Diagnostic {
  const hint = "someone else changed what is live of it: let one applier at a time manage an owner";
  return { severity: "warning", code: "group/replanned", message, hint, ...plan.place };
}
