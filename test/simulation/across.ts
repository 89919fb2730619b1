// What happens to manifests where there are several kinds: a group goes over to another one, and a group's endpoints go
// to groups that take its place.
import type { Dice } from "./dice.ts";
import type { Kinds, SimulatedKind } from "./resources.ts";
import { makeGroup, names, perEndpoint, repaired, type Changed, type Group } from "./scenario.ts";

export interface Across extends Changed {
  readonly goneOver: number;
  readonly handedOver: number;
}

const heirs = [...names, "epsilon", "zeta"];

/** `before`: the groups of the round before, whose event sources nobody else gets while they have a manifest. */
export function changeAcross(changed: Changed, before: readonly Group[], { kinds, dice }: Chance): Across {
  const what = [...changed.what];
  const groups = changed.groups.map((group) => {
    if (!dice.chance(0.25)) return group;
    const kind = dice.pick(kinds.all.filter(({ scheme }) => scheme !== group.kind.scheme));
    what.push(`${group.name}: goes over from ${group.kind.scheme} to ${kind.scheme}`);
    return goOver(group, kind, dice);
  });
  const goneOver = what.length - changed.what.length;
  const handed = dice.chance(0.3) ? handOver(groups, { kinds, dice }) : null;
  if (handed) what.push(handed.what);
  return {
    groups: withoutClashes(handed?.groups ?? groups, before),
    what,
    goneOver,
    handedOver: handed ? 1 : 0,
  };
}

interface Chance {
  readonly kinds: Kinds;
  readonly dice: Dice;
}

/** Mostly with its event types, which then have to be delivered all the time. */
function goOver(group: Group, kind: SimulatedKind, dice: Dice): Group {
  const made = makeGroup(kind, dice, group.name);
  const eventTypes = dice.chance(0.8) ? group.eventTypes : made.eventTypes;
  return repaired({ ...made, eventTypes, state: group.state });
}

/** A group loses its manifest; one or two others share its event types, and the first of them has its endpoints. */
function handOver(
  groups: readonly Group[],
  { kinds, dice }: Chance,
): { readonly groups: readonly Group[]; readonly what: string } | null {
  const sources = groups.filter(({ kind }) => kind.scheme === "eventbridge");
  const free = heirs.filter((name) => !groups.some((group) => group.name === name));
  if (free.length === 0) return null;
  // Of an event source there is one integration, so that something has to be handed over.
  const from = dice.pick(sources.length > 0 && dice.chance(0.7) ? sources : groups);
  const [first = "", second] = dice.some(free, dice.between(1, 2));
  const cut = second === undefined ? from.eventTypes.length : dice.between(1, from.eventTypes.length);
  const heir = repaired({
    ...makeGroup(from.kind, dice, first),
    ...{ pool: dice.some(from.pool, dice.between(1, from.pool.length)), mode: "always" },
    eventTypes: from.eventTypes.slice(0, cut),
  });
  const others =
    second === undefined
      ? []
      : [
          repaired({
            ...makeGroup(dice.pick(kinds.all), dice, second),
            eventTypes: from.eventTypes.slice(cut),
          }),
        ];
  return {
    groups: [...groups.filter(({ name }) => name !== from.name), heir, ...others],
    what: `${from.name}: its manifest gives way to ${[heir, ...others].map(({ name }) => name).join(" and ")}`,
  };
}

/** Two manifests with one event source are refused: who had it keeps it. */
function withoutClashes(groups: readonly Group[], before: readonly Group[]): readonly Group[] {
  const taken = new Map<string, string>();
  const claim = (group: Group): void => {
    for (const url of sourcesOf(group)) if (!taken.has(url)) taken.set(url, group.name);
  };
  const named = new Set(groups.map(({ name }) => name));
  for (const group of before) if (named.has(group.name)) claim(group);
  for (const group of groups) claim(group);
  return groups.map((group) => {
    const { kind, name, eventTypes } = group;
    if (kind.scheme !== "eventbridge") return group;
    const isFree = (url: string): boolean => (taken.get(url) ?? name) === name;
    const spare = (): string => {
      let number = firstSpare;
      while (
        !isFree(kind.endpointOf(name, number)) ||
        pool.some(({ url }) => url === kind.endpointOf(name, number))
      )
        number += 1;
      return kind.endpointOf(name, number);
    };
    const pool = group.pool.filter(({ url }) => isFree(url));
    while (pool.length < Math.ceil(eventTypes.length / perEndpoint)) pool.push({ url: spare(), weight: 1 });
    const endpointUrl = isFree(group.endpointUrl) ? group.endpointUrl : spare();
    return { ...group, pool, endpointUrl };
  });
}

/** Beyond those that a manifest is made with. */
const firstSpare = 50;

function sourcesOf({ kind, endpointUrl, pool }: Group): readonly string[] {
  return kind.scheme === "eventbridge" ? [endpointUrl, ...pool.map(({ url }) => url)] : [];
}
