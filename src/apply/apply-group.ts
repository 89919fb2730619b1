// Applies one group's operations, phase by phase, and plans the group anew if someone else has changed its resources.
import { groupBy } from "../lib/group-by.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Held } from "../model/held.ts";
import { errorText, platformCodeIn, ReconcileError } from "../model/errors.ts";
import { isDone, listServing, type GroupPlan, type Move, type Operation } from "../model/plan.ts";
import type { ResourceDocument } from "../model/resource.ts";
import { findSuccessors, findServers, noteServer } from "./gainers.ts";
import { final, skip, type GroupContext, type Written } from "./write-one.ts";

/** After so many new plans someone is at work on the group right now, and the next pass is soon enough. */
const maxReplans = 3;

/** One group of a plan; `plan` is null if the group has no manifest. */
export interface GroupWork {
  readonly plan: GroupPlan | null;
  readonly operations: readonly Operation[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface GroupPorts {
  readonly write: (operation: Operation, group: GroupContext) => Promise<Written>;
  /** Plans the group from what is live now. Null if exactly the first plan shall be applied. */
  readonly replan: ((group: string, done: DoneSoFar) => Promise<GroupWork>) | null;
}

/** What this pass has done to a group. */
export interface DoneSoFar {
  /** By id, what it has written. */
  readonly written: ReadonlyMap<string, ResourceDocument>;
  /** The ids of what it has deleted. */
  readonly deleted: ReadonlySet<string>;
}

/** Returns no operation that is still `planned`. `diagnostics` are those of the plans made meanwhile. */
export async function applyGroup(work: GroupWork, ports: GroupPorts): Promise<GroupWork> {
  let current = work;
  let before: readonly Operation[] = [];
  const diagnostics: Diagnostic[] = [];
  for (let replans = 0; ; replans += 1) {
    const { operations, stale } = await applyPhases(current, ports.write);
    const settled = { ...current, operations: [...before, ...operations], diagnostics };
    if (!stale || !current.plan) return settled;
    const { replan } = ports;
    if (!replan) return { ...settled, diagnostics: [outdated(current.plan)] };
    const done = [...before, ...operations.filter(isDone)];
    const next = replans < maxReplans ? await planAnew(current.plan, done, replan) : null;
    if (!next || next instanceof ReconcileError) {
      const why = next
        ? `cannot be planned anew: ${errorText(next)}`
        : `was planned anew ${maxReplans} times, and is out of date again`;
      return {
        ...settled,
        diagnostics: [
          ...diagnostics,
          {
            ...warn(current.plan, `group "${current.plan.group}" ${why}`),
            ...platformCodeIn(next ?? stale),
          },
        ],
      };
    }
    const message = `group "${current.plan.group}" was planned anew: ${stale.action} of ${stale.name}: ${stale.error ?? ""}`;
    diagnostics.push({ ...warn(current.plan, message), ...platformCodeIn(stale) }, ...next.diagnostics);
    before = done;
    current = next;
  }
}

/** Operations that stay undone after a stale one get the status `skipped`. */
async function applyPhases(
  { plan, operations }: GroupWork,
  write: GroupPorts["write"],
): Promise<{ readonly operations: readonly Operation[]; readonly stale: Operation | undefined }> {
  const servers = findServers(plan?.endpoints ?? [], operations);
  const outdated = { isOutdated: false };
  const served = (plan?.endpoints ?? []).flatMap(listServing);
  const known = new Set([...served, ...operations].flatMap(({ webhookId }) => webhookId ?? []));
  const contextOf = (step: Operation): GroupContext => ({
    successors: plan ? findSuccessors(step, plan, { servers, operations }) : [],
    known,
    plan: outdated,
  });
  const applied: Written[] = [];
  for (const phase of groupBy(operations, (operation) => operation.phase).values()) {
    const isClear = applied.every(({ operation }) => isDone(operation));
    const late: Held = { by: "earlier", waitsFor: "itsGroup" };
    const written = isClear
      ? await Promise.all(phase.map((step) => write(step, contextOf(step))))
      : phase.map((step) => final(skip(step, late)));
    applied.push(...written);
    for (const { operation } of written) if (isDone(operation)) noteServer(servers, operation);
  }
  const stale = applied.find(({ isStale }) => isStale)?.operation;
  return { operations: applied.map(({ operation }) => operation), stale };
}

/** The new operations come after those that are `done`. Returns an error if the group cannot be planned. */
async function planAnew(
  first: GroupPlan,
  done: readonly Operation[],
  replan: NonNullable<GroupPorts["replan"]>,
): Promise<GroupWork | ReconcileError> {
  const written = new Map(
    done.flatMap(({ webhookId, after }) => (webhookId !== null && after ? [[webhookId, after]] : [])),
  );
  const deleted = new Set(
    done.flatMap(({ webhookId, after }) => (webhookId === null || after ? [] : [webhookId])),
  );
  try {
    const next = await replan(first.group, { written, deleted });
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

function warn(plan: GroupPlan, message: string): Diagnostic {
  const hint = "someone else changed what is live of it: let one applier at a time manage an owner";
  return { severity: "warning", code: "group/replanned", message, hint, ...plan.place };
}
