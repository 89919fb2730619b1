// Chooses how many event types each endpoint gets: its fair share rounded down or up, so that the fewest event types move
// and, among those, the fewest resources are written.
// ups.ts picks the endpoints that are rounded up, given what that is worth at each.
//
// Only an event type that is live on several endpoints makes resources exclude each other: two that hold it cannot
// both stay as they are. The code tries which of them do.
import { invariant } from "../model/errors.ts";
import { keepMost, type Holdings } from "./keep.ts";
import type { Share } from "./shares.ts";
import { pickUps } from "./ups.ts";

/** An endpoint of the pool, and what is live there. */
export interface Slot {
  readonly weight: number;
  /** The desired event types that are delivered here now. */
  readonly held: ReadonlySet<string>;
  /** The event types of each resource here that is right in all else: it is not written if exactly these are assigned. */
  readonly right: readonly ReadonlySet<string>[];
  /** Whether a resource delivers here now. */
  readonly occupied: boolean;
  /**
   * Returns how many resources are written here for so many event types, if it keeps these of those that it holds; null if
   * an endpoint has one resource.
   */
  readonly writesFor: ((count: number, keeps: (eventType: string) => boolean) => number) | null;
}

export interface Quotas {
  /** For each slot. */
  readonly quotas: readonly number[];
  /** The slot that keeps an event type, if it has room for it. */
  readonly keeper: ReadonlyMap<string, number>;
  /** How many event types stay: no balanced assignment keeps more. */
  readonly kept: number;
}

interface Pool {
  readonly eventTypes: readonly string[];
  readonly slots: readonly Slot[];
  readonly shares: readonly Share[];
  /** Resources whose endpoint left the pool. */
  readonly leavers: number;
  /** By event type, the slots at which it is live. */
  readonly homes: ReadonlyMap<string, readonly number[]>;
  /** By slot, whether its only resource is right and no choice at another slot changes that. */
  readonly settled: readonly boolean[];
}

/** By slot, resources that stay as they are in this trial. */
type Fixed = ReadonlyMap<number, ReadonlySet<string>>;

interface Solution extends Quotas {
  /** How many resources are written, less a number that is the same for every choice. */
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

/** Combinations tried: all of ten contested resources, in far less than a second. */
const maxTries = 1024;

/** Returns the best over all ways of leaving contested resources as they are; `free` is the way that leaves none. */
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
  // The most writes that the undecided resources can save.
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

/** Returns the best if the `fixed` resources stay as they are; undefined if the shares do not allow that. */
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

/** The slots that may keep the event type and are not fixed. */
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
  // Rounding up costs a write if it creates a resource, unless a resource that leaves can be re-pointed at the endpoint.
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
