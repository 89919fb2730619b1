// How many event types each endpoint gets: its fair share rounded down or up, so that the fewest event types move
// and, among those, the fewest webhooks are written.
// ups.ts picks the endpoints that are rounded up, given what that is worth at each.
//
// Only an event type that is live on several endpoints puts webhooks in each other's way: two that hold it cannot
// both stay as they are. Which of them do is found by trying.
import { invariant } from "../model/errors.ts";
import { keepMost, type Holdings } from "./keep.ts";
import type { Share } from "./shares.ts";
import { pickUps } from "./ups.ts";

/** An endpoint of the pool, and what is live there. */
export interface Slot {
  readonly weight: number;
  /** The desired event types that are delivered here now. */
  readonly held: ReadonlySet<string>;
  /** For each webhook here that is right in all else, its event types: it is not written if just these are assigned. */
  readonly right: readonly ReadonlySet<string>[];
  /** Whether a webhook delivers here now. */
  readonly occupied: boolean;
  /**
   * How many resources are written here for so many event types, where it keeps these of those that it holds; null where
   * it is one, or none.
   */
  readonly writesFor: ((count: number, keeps: (eventType: string) => boolean) => number) | null;
}

export interface Quotas {
  /** For each slot. */
  readonly quotas: readonly number[];
  /** The slot that keeps an event type, where there is room for it there. */
  readonly keeper: ReadonlyMap<string, number>;
  /** How many event types stay: no balanced assignment keeps more. */
  readonly kept: number;
}

interface Pool {
  readonly eventTypes: readonly string[];
  readonly slots: readonly Slot[];
  readonly shares: readonly Share[];
  /** Webhooks whose endpoint left the pool. */
  readonly leavers: number;
  /** For each event type that is live here the slots that it is live on. */
  readonly homes: ReadonlyMap<string, readonly number[]>;
  /** For each slot whether its one webhook is right, and nothing that happens elsewhere keeps it from staying so. */
  readonly settled: readonly boolean[];
}

/** Webhooks, by slot, that stay as they are, whatever else that asks of the others. */
type Fixed = ReadonlyMap<number, ReadonlySet<string>>;

interface Solution extends Quotas {
  /** How many webhooks are written, short of a number that is the same whatever is decided here. */
  readonly writes: number;
}

export function chooseQuotas(
  eventTypes: readonly string[],
  slots: readonly Slot[],
  { shares, leavers }: { readonly shares: readonly Share[]; readonly leavers: number },
): Quotas {
  const homes = new Map<string, number[]>();
  for (const [index, { held }] of slots.entries()) {
    for (const eventType of held) {
      const found = homes.get(eventType);
      if (found) found.push(index);
      else homes.set(eventType, [index]);
    }
  }
  const settled = slots.map((slot) => isSettled(slot, homes));
  const pool: Pool = { eventTypes, slots, shares, leavers, homes, settled };
  const contested = slots.map((slot, index) =>
    settled[index] ? [] : slot.right.filter((has) => fitsShare(has.size, shares[index])),
  );
  const free = solve(pool, new Map());
  invariant(free, "fair shares add up to the event types when rounded");
  return tryFixing(pool, contested, free);
}

function isSettled({ held, right }: Slot, homes: Pool["homes"]): boolean {
  const [only] = right;
  const isAllHere = right.length === 1 && only?.size === held.size;
  return (
    isAllHere && [...held].every((eventType) => only.has(eventType) && homes.get(eventType)?.length === 1)
  );
}

function fitsShare(count: number, share: Share | undefined): boolean {
  return count === share?.floor || (share?.fractional === true && count === share.floor + 1);
}

/** Combinations tried: every one of ten contested webhooks, in far less than a second. */
const maxTries = 1024;

/** The best over all ways of leaving contested webhooks as they are; `free` is the one that leaves none. */
function tryFixing(
  pool: Pool,
  contested: readonly (readonly ReadonlySet<string>[])[],
  free: Solution,
): Solution {
  let best = free;
  const { slots } = pool;
  let tries = 0;
  const fixed = new Map<number, ReadonlySet<string>>();
  const taken = new Set<string>();
  // How many writes the webhooks that are still to be decided upon can save at most.
  const savedAt = slots.map(({ writesFor }) => writesFor?.(0, () => false) ?? 1);
  const sumOf = (chosen: Iterable<number>): number =>
    [...chosen].reduce((sum, slot) => sum + (savedAt[slot] ?? 0), 0);
  const isOpen = (slot: number): boolean => (contested[slot]?.length ?? 0) > 0;
  const open = contested.map((_, first) =>
    sumOf([...slots.keys()].filter((slot) => slot >= first && isOpen(slot))),
  );
  const decide = (slot: number): void => {
    if (tries >= maxTries || free.writes - sumOf(fixed.keys()) - (open[slot] ?? 0) >= best.writes) return;
    if (slot === contested.length) {
      tries += 1;
      const solution = solve(pool, fixed);
      if (solution?.kept === free.kept && solution.writes < best.writes) best = solution;
      return;
    }
    for (const has of contested[slot] ?? []) {
      if ([...has].some((eventType) => taken.has(eventType))) continue;
      fixed.set(slot, has);
      for (const eventType of has) taken.add(eventType);
      decide(slot + 1);
      for (const eventType of has) taken.delete(eventType);
      fixed.delete(slot);
    }
    decide(slot + 1);
  };
  decide(0);
  return best;
}

/** The best where the `fixed` webhooks stay as they are; undefined where the shares do not allow that. */
function solve(pool: Pool, fixed: Fixed): Solution | undefined {
  const { eventTypes, shares } = pool;
  const holdings = holdingsOf(pool, fixed);
  const quotas = shares.map(({ floor }, slot) => fixed.get(slot)?.size ?? floor);
  const ups = eventTypes.length - quotas.reduce((sum, quota) => sum + quota, 0);
  const candidates = shares.flatMap(({ fractional }, slot) =>
    fractional && !fixed.has(slot) ? [slot] : [],
  );
  if (ups < 0 || ups > candidates.length) return undefined;
  for (const slot of pickUps(candidates, ups, { quotas, holdings, worth: worthOfUps(pool, fixed) })) {
    quotas[slot] = (quotas[slot] ?? 0) + 1;
  }
  const room = quotas.map((quota, slot) => (fixed.has(slot) ? 0 : quota));
  const { keeper, count } = keepMost(holdings, room);
  const keptByFixed = [...fixed].reduce(
    (sum, [slot, has]) =>
      sum + [...has].filter((eventType) => pool.homes.get(eventType)?.includes(slot)).length,
    0,
  );
  for (const eventType of eventTypes) {
    const [home, ...others] = freeHomes(eventType, pool, fixed);
    if (home !== undefined && others.length === 0) keeper.set(eventType, home);
  }
  for (const [slot, has] of fixed) for (const eventType of has) keeper.set(eventType, slot);
  return {
    quotas,
    keeper,
    kept: keptByFixed + count,
    writes: countWrites(pool, { quotas, keeper, fixed }),
  };
}

function countWrites(
  { slots, leavers, settled }: Pool,
  { quotas, keeper, fixed }: Pick<Quotas, "quotas" | "keeper"> & { readonly fixed: Fixed },
): number {
  const writesAt = (slot: number): number =>
    slots[slot]?.writesFor?.(quotas[slot] ?? 0, (eventType) => keeper.get(eventType) === slot) ?? 0;
  const ofParts = [...slots.keys()]
    .filter((slot) => !fixed.has(slot))
    .reduce((sum, slot) => sum + writesAt(slot), 0);
  const untouched = slots.filter(
    ({ held, writesFor }, slot) =>
      !writesFor && (fixed.has(slot) || (settled[slot] && quotas[slot] === held.size)),
  ).length;
  const joiners = slots.filter(
    (slot, index) => !slot.writesFor && !slot.occupied && (quotas[index] ?? 0) > 0,
  ).length;
  return ofParts + Math.max(leavers, joiners) - untouched;
}

/** The slots, of those that are not fixed, that may keep the event type. */
function freeHomes(eventType: string, { homes }: Pool, fixed: Fixed): readonly number[] {
  const all = homes.get(eventType) ?? [];
  if (fixed.size === 0) return all;
  const isTaken = [...fixed.values()].some((has) => has.has(eventType));
  return isTaken ? [] : all.filter((slot) => !fixed.has(slot));
}

function holdingsOf(pool: Pool, fixed: Fixed): Holdings {
  const singles = pool.slots.map(() => 0);
  const duplicates: (readonly [string, readonly number[]])[] = [];
  for (const eventType of pool.eventTypes) {
    const homes = freeHomes(eventType, pool, fixed);
    const [home] = homes;
    if (home !== undefined && homes.length === 1) singles[home] = (singles[home] ?? 0) + 1;
    else if (homes.length > 1) duplicates.push([eventType, homes]);
  }
  return { singles, duplicates };
}

/** The number of writes that rounding a slot up saves (above 0) or costs (below 0). */
function worthOfUps(pool: Pool, fixed: Fixed): readonly number[] {
  const { slots, shares, leavers } = pool;
  // An up that brings a webhook into being costs a write, unless one that leaves can be re-pointed at it.
  const joining = slots.filter(
    (slot, index) => !slot.occupied && !fixed.has(index) && (shares[index]?.floor ?? 0) > 0,
  ).length;
  let spare = leavers - joining;
  const taken = new Set([...fixed.values()].flatMap((has) => [...has]));
  const isFree = (eventType: string): boolean => !taken.has(eventType);
  return slots.map((slot, index) => {
    const floor = shares[index]?.floor ?? 0;
    if (slot.writesFor) return slot.writesFor(floor, isFree) - slot.writesFor(floor + 1, isFree);
    if (!slot.occupied) {
      if (floor > 0) return 0;
      if (shares[index]?.fractional) spare -= 1;
      return spare >= 0 ? 0 : -1;
    }
    if (!pool.settled[index]) return 0;
    if (slot.held.size === floor + 1) return 1;
    return slot.held.size === floor ? -1 : 0;
  });
}
