// Which endpoint each event type goes to: balanced, and with as few moves from where they are now as balance allows.
//
// 1. Each endpoint's quota is its fair share rounded down or up. The ups go first to endpoints that hold more than
//    their rounded-down share (each such up saves a move), and among those to the ones that then need no write.
// 2. Each endpoint keeps what it holds, up to its quota.
// 3. A webhook whose endpoint left hands its event types to the endpoint it is re-pointed at, so that it only gains
//    or only loses.
// 4. The rest goes round the endpoints that have room, in pool order.
import { keepDuplicatesOnce } from "./duplicates.ts";
import { makeShares } from "./shares.ts";

export interface Slot {
  readonly weight: number;
  /** The desired event types live on this endpoint now; empty where it has no webhook. */
  readonly held: ReadonlySet<string>;
  /** Whether the webhook here is right in everything, provided that exactly `held` is assigned to it. */
  readonly clean: boolean;
  /** Whether a webhook delivers here now. */
  readonly occupied: boolean;
}

export interface Assignment {
  /** For each slot its event types, in manifest order. */
  readonly assigned: readonly (readonly string[])[];
  /** Index of a leaver → index of the slot that its webhook is re-pointed at. */
  readonly repointed: ReadonlyMap<number, number>;
}

/** `leavers`: for each webhook whose endpoint left the pool, the event types it holds. */
export function assign(
  eventTypes: readonly string[],
  slots: readonly Slot[],
  more: { readonly cap: number; readonly leavers: readonly ReadonlySet<string>[] },
): Assignment {
  const shares = makeShares(
    eventTypes.length,
    slots.map((slot) => slot.weight),
    more.cap,
  );
  const ups = eventTypes.length - shares.reduce((sum, share) => sum + share.floor, 0);
  const keeper = keepDuplicatesOnce(eventTypes, slots, { shares, ups });
  const quotas = makeQuotas(slots, { shares, ups, keeper, leavers: more.leavers.length });
  const assigned = slots.map((): string[] => []);
  const hasRoom = (slot: number): boolean => (assigned[slot]?.length ?? 0) < (quotas[slot] ?? 0);

  let rest: string[] = [];
  for (const eventType of eventTypes) {
    const slot = keeper.get(eventType);
    if (slot !== undefined && hasRoom(slot)) assigned[slot]?.push(eventType);
    else rest.push(eventType);
  }

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
  return { assigned: inManifestOrder(assigned, eventTypes), repointed };
}

function makeQuotas(
  slots: readonly Slot[],
  given: {
    readonly shares: readonly { readonly floor: number; readonly fractional: boolean }[];
    readonly ups: number;
    readonly keeper: ReadonlyMap<string, number>;
    readonly leavers: number;
  },
): number[] {
  const quotas = given.shares.map((share) => share.floor);
  const kept = slots.map(() => 0);
  for (const slot of given.keeper.values()) kept[slot] = (kept[slot] ?? 0) + 1;
  // An up that brings a webhook into being costs a write, unless one that leaves can be re-pointed at it.
  const isFree = (index: number): boolean => slots[index]?.occupied === false;
  const certain = slots.filter((_, index) => isFree(index) && (quotas[index] ?? 0) > 0).length;
  const optional = [...slots.keys()].filter((index) => isFree(index) && quotas[index] === 0);
  const costly = new Set(optional.slice(Math.max(0, given.leavers - certain)));
  const rankOf = (index: number): number => {
    const floor = given.shares[index]?.floor ?? 0;
    const count = kept[index] ?? 0;
    const untouched = slots[index]?.clean === true && slots[index].held.size === count;
    if (count > floor) return untouched && count === floor + 1 ? 0 : 1;
    return (untouched && count === floor) || costly.has(index) ? 3 : 2;
  };
  given.shares
    .flatMap((share, index) => (share.fractional ? [{ index, rank: rankOf(index) }] : []))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .slice(0, given.ups)
    .forEach(({ index }) => (quotas[index] = (quotas[index] ?? 0) + 1));
  return quotas;
}

function inManifestOrder(assigned: readonly string[][], eventTypes: readonly string[]): string[][] {
  const position = new Map(eventTypes.map((eventType, index) => [eventType, index]));
  return assigned.map((held) => held.sort((a, b) => (position.get(a) ?? 0) - (position.get(b) ?? 0)));
}
