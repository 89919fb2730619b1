// An event type that is live on several endpoints stays on one of them: which, so that the fewest must move.
//
// The number that can stay is a sum of concave functions of what the endpoints keep, so a choice that no chain of
// hand-overs improves is the best there is.
import type { Share } from "./shares.ts";

interface Holder {
  readonly held: ReadonlySet<string>;
  readonly clean: boolean;
}

/** The endpoint (by index) that keeps each event type which is live on any. */
export function keepDuplicatesOnce(
  eventTypes: readonly string[],
  slots: readonly Holder[],
  given: { readonly shares: readonly Share[]; readonly ups: number },
): Map<string, number> {
  const keeper = new Map<string, number>();
  const duplicates: { eventType: string; holders: readonly number[] }[] = [];
  const kept = slots.map(() => 0);
  const give = (eventType: string, slot: number): void => {
    keeper.set(eventType, slot);
    kept[slot] = (kept[slot] ?? 0) + 1;
  };
  for (const eventType of eventTypes) {
    const holders = slots.flatMap((slot, index) => (slot.held.has(eventType) ? [index] : []));
    if (holders.length === 1) give(eventType, holders[0] ?? 0);
    else if (holders.length > 1) duplicates.push({ eventType, holders });
  }
  // A webhook that is right as it is keeps its event types first: it may then need no write.
  const fits = (slot: number): boolean => {
    const { floor = 0, fractional = false } = given.shares[slot] ?? {};
    const size = slots[slot]?.held.size ?? 0;
    return slots[slot]?.clean === true && (size === floor || (fractional && size === floor + 1));
  };
  for (const { eventType, holders } of duplicates) {
    give(eventType, holders.find(fits) ?? holders[0] ?? 0);
  }
  while (improve(duplicates, keeper, { kept, ...given }));
  return keeper;
}

/** Hands event types over along the shortest chain that lets one more of them stay; false where there is none. */
function improve(
  duplicates: readonly { readonly eventType: string; readonly holders: readonly number[] }[],
  keeper: Map<string, number>,
  given: { readonly kept: number[]; readonly shares: readonly Share[]; readonly ups: number },
): boolean {
  const { kept } = given;
  const before = countStaying(given);
  for (const start of kept.keys()) {
    const cameBy = new Map<number, { from: number; eventType: string }>();
    const queue = [start];
    for (const from of queue) {
      for (const { eventType, holders } of duplicates) {
        if (keeper.get(eventType) !== from) continue;
        for (const to of holders) {
          if (to === start || cameBy.has(to)) continue;
          cameBy.set(to, { from, eventType });
          queue.push(to);
          kept[start] = (kept[start] ?? 0) - 1;
          kept[to] = (kept[to] ?? 0) + 1;
          if (countStaying(given) > before) {
            for (let at = to; at !== start;) {
              const step = cameBy.get(at);
              if (!step) break;
              keeper.set(step.eventType, at);
              at = step.from;
            }
            return true;
          }
          kept[start] = (kept[start] ?? 0) + 1;
          kept[to] = (kept[to] ?? 0) - 1;
        }
      }
    }
  }
  return false;
}

function countStaying(given: {
  readonly kept: readonly number[];
  readonly shares: readonly Share[];
  readonly ups: number;
}): number {
  let staying = 0;
  let wantUp = 0;
  for (const [index, { floor, fractional }] of given.shares.entries()) {
    const count = given.kept[index] ?? 0;
    staying += Math.min(count, floor);
    if (fractional && count > floor) wantUp += 1;
  }
  return staying + Math.min(wantUp, given.ups);
}
