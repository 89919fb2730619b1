// Chooses the endpoint of each event type: balanced, and with as few moves from where they are now as balance allows.
//
// 1. Each endpoint's quota is its fair share rounded down or up (quotas.ts).
// 2. Each endpoint keeps what it holds, up to its quota (keep.ts chooses which of several endpoints keeps an event type).
// 3. A resource whose endpoint left hands its event types to the endpoint it is re-pointed at, so that it only gains
//    or only loses.
// 4. The rest goes round the endpoints that have room, in pool order.
import { chooseQuotas, type Slot } from "./quotas.ts";
import { makeShares, type Share } from "./shares.ts";

export interface Assignment {
  /** For each slot its event types, in manifest order. */
  readonly assigned: readonly (readonly string[])[];
  /** Index of a leaver → index of the slot that its resource is re-pointed at. */
  readonly repointed: ReadonlyMap<number, number>;
  readonly shares: readonly Share[];
  /** How many event types stay: no balanced assignment keeps more. */
  readonly kept: number;
}

/**
 * `keepFirst`: the event types, in the order in which an endpoint that cannot keep all of its own keeps them. `leavers`:
 * for each resource whose endpoint left the pool, the event types it holds.
 */
export function assign(
  eventTypes: readonly string[],
  slots: readonly Slot[],
  more: {
    readonly cap: number;
    readonly keepFirst: readonly string[];
    readonly leavers: readonly ReadonlySet<string>[];
  },
): Assignment {
  const weights = slots.map((slot) => slot.weight);
  const shares = makeShares(eventTypes.length, weights, more.cap);
  const chosen = chooseQuotas(eventTypes, slots, { shares, leavers: more.leavers.length });
  const { quotas, keeper } = chosen;
  const assigned = slots.map((): string[] => []);
  const hasRoom = (slot: number): boolean => (assigned[slot]?.length ?? 0) < (quotas[slot] ?? 0);

  const kept = new Set<string>();
  for (const eventType of more.keepFirst) {
    const slot = keeper.get(eventType);
    if (slot === undefined || !hasRoom(slot)) continue;
    assigned[slot]?.push(eventType);
    kept.add(eventType);
  }
  let rest = eventTypes.filter((eventType) => !kept.has(eventType));

  const joiners = slots.flatMap((slot, index) =>
    !slot.occupied && (quotas[index] ?? 0) > 0 ? [index] : [],
  );
  const repointed = new Map<number, number>();
  for (const [leaver, held] of [...more.leavers.entries()].slice(0, joiners.length)) {
    const joiner = joiners[repointed.size] ?? 0;
    repointed.set(leaver, joiner);
    rest = rest.filter((eventType) => {
      if (!held.has(eventType) || !hasRoom(joiner)) return true;
      assigned[joiner]?.push(eventType);
      return false;
    });
  }

  let next = 0;
  for (const eventType of rest) {
    while (!hasRoom(next)) next = (next + 1) % slots.length;
    assigned[next]?.push(eventType);
    next = (next + 1) % slots.length;
  }
  return { assigned: inManifestOrder(assigned, eventTypes), repointed, shares, kept: chosen.kept };
}

function inManifestOrder(assigned: readonly string[][], eventTypes: readonly string[]): string[][] {
  const position = new Map(eventTypes.map((eventType, index) => [eventType, index]));
  return assigned.map((held) => held.sort((a, b) => (position.get(a) ?? 0) - (position.get(b) ?? 0)));
}
