// A plan beside that of a base revision: which of its operations a change makes, and which were pending before it.
import { sameEndpoint } from "../model/endpoint.ts";
import type { Kinds } from "../model/kind.ts";
import type { Base, BaseCounts } from "../model/base.ts";
import { allOperations, mapOperations, type Operation, type Origin, type Plan } from "../model/plan.ts";
import { diffDocuments } from "../model/document-diff.ts";

/** Both plans are made from the same live state and the same history. */
export function dividePlan(
  plan: Plan,
  before: Plan,
  kinds: Kinds,
): { readonly plan: Plan; readonly parts: Pick<Base, "change" | "pending" | "obsolete"> } {
  const known = new Map(allOperations(before).map((operation) => [keyOf(operation, kinds), operation]));
  const mark = (operation: Operation): Operation => ({
    ...operation,
    origin: originOf(operation, known.get(keyOf(operation, kinds)), kinds),
  });
  const forgotten = new Set(before.orphans.map(({ webhookId }) => webhookId));
  const marked: Plan = {
    ...plan,
    ...mapOperations(plan, mark),
    orphans: plan.orphans.map((orphan) => ({
      ...orphan,
      origin: forgotten.has(orphan.webhookId) ? "pending" : "change",
    })),
  };
  const still = new Set(allOperations(plan).map((operation) => keyOf(operation, kinds)));
  const moved = countMoves(plan, before);
  const change = allOperations(marked).filter(({ origin }) => origin !== "pending");
  const pending = allOperations(marked).filter(({ origin }) => origin === "pending");
  return {
    plan: marked,
    parts: {
      change: countOperations(change, moved.change),
      pending: countOperations(pending, moved.pending),
      obsolete: [...known]
        .filter(([key, { status }]) => status === "planned" && !still.has(key))
        .map(([, { action, group, endpoint, webhookId, name, reason }]) => ({
          ...{ action, group, endpoint, webhookId, name, reason },
        })),
    },
  };
}

/**
 * Identifies an operation in both plans. A resource that is to be created has no id yet, but its name; what several groups
 * share may be written twice.
 */
function keyOf(operation: Operation, kinds: Kinds): string {
  const { webhookId, name, group, before, after } = operation;
  const isLoss = group === null && (!after || (before?.eventTypes.length ?? 0) > after.eventTypes.length);
  return JSON.stringify([webhookId ?? [kinds.of(operation).name, name], isLoss]);
}

/** This change also causes an operation that only one of the plans holds back, such as one whose freeze it takes away. */
function originOf(operation: Operation, before: Operation | undefined, kinds: Kinds): Origin {
  if (!before) return "change";
  if (!isSameWrite(operation, before, kinds)) return "both";
  return isHeld(operation) === isHeld(before) ? "pending" : "change";
}

function isSameWrite(one: Operation, other: Operation, kinds: Kinds): boolean {
  return one.action === other.action && diffDocuments(one.after, other.after, kinds.of(one)).length === 0;
}

function isHeld({ status }: Operation): boolean {
  return status === "skipped";
}

/** Counts only groups without operations that are held back, as the summary does. */
function countMoves(plan: Plan, before: Plan): Record<Exclude<Origin, "both">, number> {
  const held = new Set(plan.operations.filter(isHeld).map(({ group }) => group));
  const goals = new Map(
    before.groups.flatMap(({ group, moves }) =>
      moves.map(({ eventType, to }) => [`${group}\n${eventType}`, to] as const),
    ),
  );
  const counts = { change: 0, pending: 0 };
  for (const { group, moves } of plan.groups) {
    if (held.has(group)) continue;
    for (const { eventType, to } of moves) {
      const goal = goals.get(`${group}\n${eventType}`);
      counts[goal !== undefined && sameEndpoint(goal, to) ? "pending" : "change"] += 1;
    }
  }
  return counts;
}

function countOperations(operations: readonly Operation[], movedEventTypes: number): BaseCounts {
  const counts = { create: 0, update: 0, delete: 0, adopt: 0, movedEventTypes, skipped: 0 };
  for (const operation of operations) counts[isHeld(operation) ? "skipped" : operation.action] += 1;
  return counts;
}
