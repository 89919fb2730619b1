// Holds back everything in a plan but the writes that put drift of unchanged groups back, while not every manifest is valid.
import { groupBy } from "../lib/group-by.ts";
import { isPlanned, mapOperations, type Operation, type Plan } from "../model/plan.ts";
import { makeLive } from "../model/resource.ts";
import type { Subscription } from "../model/subscription.ts";
import { sayPutBack } from "../words/say-cause.ts";
import { findDrift } from "./find-cause.ts";
import { leave } from "./leave.ts";
import { planWithMissing, type PutBackFacts } from "./plan-with-missing.ts";

/**
 * A write puts drift back if it makes a resource of an unchanged group as the trail last recorded it. In a group that has
 * other changes or moves to wait for, it must also take no declared event type away and add none that is live elsewhere.
 */
export function holdToPutBacks(whole: Plan, facts: PutBackFacts): Plan {
  const plan = planWithMissing(whole, facts);
  const back = findPutBacks(plan, facts);
  const change = (operation: Operation): Operation => {
    if (!isPlanned(operation)) return operation;
    return back.has(operation)
      ? { ...operation, reason: sayPutBack(operation.reason) }
      : leave(operation, { by: "invalidManifests" });
  };
  return { ...plan, ...mapOperations(plan, change) };
}

function findPutBacks({ operations, groups }: Plan, facts: PutBackFacts): ReadonlySet<Operation> {
  const moving = new Set(groups.flatMap(({ group, moves }) => (moves.length > 0 ? [group] : [])));
  const byGroup = groupBy(operations.filter(isPlanned), ({ group }) => group ?? "");
  return new Set(
    [...byGroup].flatMap(([group, those]) => {
      const desired = facts.declared.get(group);
      if (!desired || !facts.unchanged.has(group)) return [];
      const back = those.filter((operation) => isAsRecorded(operation, desired, facts));
      const isAll = back.length === those.length && !moving.has(group);
      return isAll ? back : back.filter((operation) => isAlone(operation, desired, facts));
    }),
  );
}

function isAsRecorded(operation: Operation, desired: Subscription, facts: PutBackFacts): boolean {
  const { action, webhookId, after } = operation;
  if (!after || action === "adopt" || action === "delete") return false;
  const { recorded, kinds } = facts.planning;
  const kind = kinds.of(operation);
  const id = action === "create" ? findGoneId(after.name, facts) : webhookId;
  if (id === null || !recorded.has(id)) return false;
  return findDrift(makeLive(kind, { ...after, id }), recorded, desired).length === 0;
}

/** Returns the id under which the trail last recorded the resource of this name; null if it is live, or never was. */
function findGoneId(name: string, { live, planning }: PutBackFacts): string | null {
  const ids = new Set(live.map(({ id }) => id));
  const [missing] = [...planning.recorded].find(([id, one]) => one.name === name && !ids.has(id)) ?? [];
  return missing ?? null;
}

function isAlone(
  { webhookId, before, after }: Operation,
  desired: Subscription,
  { live }: PutBackFacts,
): boolean {
  const [had, has] = [new Set(before?.eventTypes), new Set(after?.eventTypes)];
  const others = live.filter(({ id, group }) => id !== webhookId && group === desired.group);
  const isElsewhere = (eventType: string): boolean =>
    others.some(({ eventTypes }) => eventTypes.includes(eventType));
  return (
    !desired.eventTypes.some((eventType) => had.has(eventType) && !has.has(eventType)) &&
    ![...has].some((eventType) => !had.has(eventType) && isElsewhere(eventType))
  );
}
