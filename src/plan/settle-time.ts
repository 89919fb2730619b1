// Finds how long a plan waits at least until what its resources gain is delivered, for kinds that deliver it only some time
// after the platform has stored it.
import { groupBy } from "../lib/group-by.ts";
import type { Kinds } from "../model/kind.ts";
import { isPlanned, type Operation, type Plan } from "../model/plan.ts";

/** Returns the plan with the time that it waits at least, if anything waits. */
export function withLeastWait(plan: Plan, kinds: Kinds): Plan {
  const leastWaitMs = findLeastWaitMs(plan, kinds);
  if (leastWaitMs === 0 && plan.leastWaitMs === undefined) return plan;
  return { ...plan, leastWaitMs };
}

/** In ms; 0 if nothing waits. All groups of a plan wait together. */
function findLeastWaitMs(
  { operations, prunes, groups }: Pick<Plan, "operations" | "prunes" | "groups">,
  kinds: Kinds,
): number {
  const settling = kinds.all.filter((kind) => kinds.settleMsOf(kind) > 0);
  if (settling.length === 0) return 0;
  const gainers = operations.filter((one) => isPlanned(one) && gainsEventTypes(one));
  const waiting = gainers.filter((one) => settling.includes(kinds.of(one)));
  const settleMs = Math.max(0, ...waiting.map((one) => kinds.settleMsOf(kinds.of(one))));
  if (settleMs === 0) return 0;
  const served = new Map(
    groups.map(({ group, endpoints }) => [group, new Set(endpoints.flatMap((one) => one.eventTypes))]),
  );
  const byGroup = groupBy(operations.filter(isPlanned), ({ group }) => group);
  const waits = [...groupBy(waiting, ({ group }) => group)].map(([group, its]) => {
    const wanted = served.get(group ?? "") ?? new Set<string>();
    const gains = new Set(its.map(({ phase }) => phase));
    const losers = (byGroup.get(group) ?? []).filter((one) => losesAny(one, wanted));
    return countWaits(gains, new Set(losers.map(({ phase }) => phase)));
  });
  const gained = new Set(waiting.flatMap(({ after }) => after?.eventTypes ?? []));
  const pruned = prunes.some((one) => isPlanned(one) && losesAny(one, gained)) ? 1 : 0;
  return Math.max(pruned, ...waits) * settleMs;
}

/**
 * True if a done write makes its resource deliver event types that it did not deliver before. The document of one that is not
 * complete says `enabled`, too; then the patch changes its state.
 */
export function gainsEventTypes({
  before,
  after,
  patch,
}: Pick<Operation, "before" | "after" | "patch">): boolean {
  if (after?.state !== "enabled") return false;
  const isOther = patch.some(({ path }) => path === "/state" || path === "/endpoint");
  const had = new Set(before?.state === "enabled" && !isOther ? before.eventTypes : []);
  return after.eventTypes.some((eventType) => !had.has(eventType));
}

/** Whether it takes away event types that others are to deliver. */
function losesAny({ before, after }: Operation, wanted: ReadonlySet<string>): boolean {
  if (before?.state !== "enabled") return false;
  const kept = new Set(after?.eventTypes);
  return before.eventTypes.some((eventType) => wanted.has(eventType) && !kept.has(eventType));
}

/** Each phase with losers waits for the gains since the wait before it. */
function countWaits(gains: ReadonlySet<number>, losses: ReadonlySet<number>): number {
  let [waits, isNew] = [0, false];
  for (const phase of [...new Set([...gains, ...losses])].sort((a, b) => a - b)) {
    if (isNew && losses.has(phase)) {
      waits += 1;
      isNew = false;
    }
    isNew ||= gains.has(phase);
  }
  return waits;
}
