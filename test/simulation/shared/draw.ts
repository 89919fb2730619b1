// What the dice choose: the two commits, where a machine is held and for how long, and what becomes of a call to the store.
import type { Dice } from "../dice.ts";
import { kindsOf, type ResourcesName } from "../resources.ts";
import { changeGroups, makeGroups, manifestText, repaired, type Group } from "../scenario.ts";
import type { Fate, Ground, Place } from "./place.ts";
import type { Hold } from "./sleeper.ts";

type Size = Pick<Ground, "mostGroups" | "mostTypes">;

export function drawGroups(resources: ResourcesName, size: Size, dice: Dice): readonly Group[] {
  return makeGroups(kindsOf(resources), dice)
    .slice(0, size.mostGroups)
    .map((group) => small(group, size));
}

/** A disabled group delivers nothing, so its stories would show neither a gap nor a duplicate. */
function small(group: Group, { mostTypes }: Size): Group {
  const eventTypes = group.eventTypes.slice(0, mostTypes);
  return repaired({ ...group, state: "enabled", eventTypes, pool: group.pool.slice(0, 3) });
}

/** Another commit: in most stories it differs, so that there is something to do. */
export function drawCommit(
  resources: ResourcesName,
  { groups, size }: { readonly groups: readonly Group[]; readonly size: Size },
  dice: Dice,
): readonly Group[] {
  const text = (all: readonly Group[]): string => all.map(manifestText).join("");
  let other = groups;
  for (let tries = 0; tries < 5 && text(other) === text(groups); tries += 1) {
    const { groups: changed } = changeGroups(kindsOf(resources), groups, dice);
    other = changed.slice(0, size.mostGroups + 1).map((group) => small(group, size));
  }
  return other;
}

/** Anywhere, and more often where it matters. */
const awaits = [
  ".",
  "before the check of write",
  "before the check of write",
  "after the answer to write",
  "(before|after) append",
  "before append",
  "after (take|look|push)",
  "(renew|lock|before push)",
  "sync of",
] as const;

/**
 * On a disk that machines share, nothing can stop a record that was checked and not yet written: a limit that the
 * documentation names. So a machine is not held there.
 */
const notBetweenCheckAndDisk = "(?!.*(size of|before append to|before sync of) \\S*audit-logs)";

type Times = Pick<Place, "lastsMs" | "waitMs">;

/** One machine of a story is held for so long that another one may follow it. */
export function drawHold(
  dice: Dice,
  { lastsMs, waitMs }: Times,
  { isBehind, at }: { readonly isBehind: boolean; readonly at: RegExp | undefined },
): Hold {
  if (at) return { at, nth: dice.between(1, 3), forMs: 1.4 * lastsMs };
  const forMs = dice.pick([
    dice.between(lastsMs, 2 * lastsMs),
    dice.between(lastsMs, lastsMs + waitMs),
    dice.between(Math.floor(lastsMs / 2), lastsMs + 5_000),
    lastsMs + waitMs + dice.below(60_000),
  ]);
  if (isBehind) return { at: /behind the check of write/, nth: dice.between(1, 3), forMs };
  const where = dice.pick(awaits);
  return {
    at: new RegExp(`^(?!behind)${notBetweenCheckAndDisk}.*${where}`),
    nth: where === "." ? dice.between(1, 200) : dice.between(1, 4),
    forMs: dice.chance(0.1) ? null : forMs,
  };
}

/** Any pass may be held for less than the lease lasts. */
export function drawShortHold(dice: Dice, { lastsMs }: Times): Hold {
  const at = new RegExp(`^(?!behind)${notBetweenCheckAndDisk}`);
  return { at, nth: dice.between(1, 100), forMs: dice.between(100, lastsMs) };
}

/** `rate` is the share of calls that meet a fault. */
export function drawFate(dice: Dice, rate: number): Fate {
  if (dice.chance(rate)) return dice.pick(fates)(dice);
  return { upMs: dice.between(0, 20), downMs: dice.between(0, 20), ends: "well" };
}

/** Of a store that cannot be reached. */
export const away: Fate = { upMs: 3_000, downMs: 0, ends: "unreached" };

const fates: readonly ((dice: Dice) => Fate)[] = [
  (dice) => ({ upMs: dice.between(500, 4_000), downMs: dice.below(4_000), ends: "well" }),
  (dice) => ({ upMs: dice.below(4_000), downMs: 0, ends: "unreached" }),
  (dice) => ({ upMs: dice.below(2_000), downMs: dice.below(8_000), ends: "lost" }),
  (dice) => ({ upMs: dice.below(1_000), downMs: 0, ends: "refused" }),
];
