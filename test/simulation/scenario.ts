// What can happen to the manifests: consumer groups at random, and how they change from round to round.
import type { Dice } from "./dice.ts";
import type { Kinds, SimulatedKind } from "./resources.ts";

/** A manifest as a user would mean it. */
export interface Group {
  readonly kind: SimulatedKind;
  readonly name: string;
  readonly endpointUrl: string;
  readonly pool: readonly { readonly url: string; readonly weight: number }[];
  readonly eventTypes: readonly string[];
  readonly mode: "overLimit" | "always";
  readonly state: "enabled" | "disabled";
  readonly retryPolicy: {
    readonly retryCount: number;
    readonly retryInterval: string;
    readonly retryOnTimeout: boolean;
  };
}

export const owner = "simulation";
export const perEndpoint = 15;
const mostTypes = 24;
const mostEndpoints = 6;

export const names = ["alpha", "beta", "gamma", "delta"];

export function makeGroups(kinds: Kinds, dice: Dice): readonly Group[] {
  const count = dice.pick(kinds.all.length > 1 ? [2, 3, 3, 4] : [1, 1, 2, 2, 3, 4]);
  return dice.some(names, count).map((name) => makeGroup(someKind(kinds, dice), dice, name));
}

function someKind({ all }: Kinds, dice: Dice): SimulatedKind {
  return all.length > 1 ? dice.pick(all) : all[0];
}

export function makeGroup(kind: SimulatedKind, dice: Dice, name: string): Group {
  return repaired({
    ...{ kind, name },
    endpointUrl: kind.endpointOf(name, dice.chance(0.5) ? 0 : outsideThePool),
    pool: dice.some([0, 1, 2, 3, 4, 5, 6, 7], dice.between(1, mostEndpoints)).map((number) => ({
      url: spelt(dice, kind.endpointOf(name, number)),
      weight: weigh(dice),
    })),
    eventTypes: dice.some(eventTypesOf(kind, name), dice.between(1, mostTypes)),
    mode: dice.pick(["always", "always", "overLimit"]),
    state: dice.chance(0.9) ? "enabled" : "disabled",
    retryPolicy: { retryCount: 3, retryInterval: "PT1M", retryOnTimeout: true },
  });
}

const outsideThePool = 99;

/** One and the same event type may be of interest to several groups. */
export function eventTypesOf({ typePrefix }: SimulatedKind, group: string): readonly string[] {
  const own = Array.from({ length: mostTypes - 4 }, (_, index) => `${group}.event${index}.created`);
  const shared = Array.from({ length: 6 }, (_, index) => `shared.event${index}.created`);
  return [...own, ...shared].map((eventType) => `${typePrefix}${eventType}`);
}

function spelt(dice: Dice, url: string): string {
  return dice.chance(0.1) ? url.replace("https://h", "https://H").replace(".com", ".com:443") : url;
}

function weigh(dice: Dice): number {
  return dice.pick([1, 1, 1, 1, 2, 3, 7]);
}

export interface Changed {
  readonly groups: readonly Group[];
  /** In words, one a change. */
  readonly what: readonly string[];
}

/** A round's changes to the manifests; at least one group is left, for no manifest at all is an error. */
export function changeGroups(kinds: Kinds, before: readonly Group[], dice: Dice): Changed {
  const what: string[] = [];
  let groups = before.map((group) => {
    if (!dice.chance(0.7)) return group;
    const { does, change } = dice.pick(changes);
    what.push(`${group.name}: ${does}`);
    return repaired(change(group, dice));
  });
  const missing = names.filter((name) => !groups.some((group) => group.name === name));
  if (missing.length > 0 && dice.chance(0.15)) {
    const name = dice.pick(missing);
    what.push(`${name}: a new manifest`);
    groups = [...groups, makeGroup(someKind(kinds, dice), dice, name)];
  }
  if (groups.length > 1 && dice.chance(0.15)) {
    const { name } = dice.pick(groups);
    what.push(`${name}: its manifest is removed`);
    groups = groups.filter((group) => group.name !== name);
  }
  return { groups, what };
}

interface Change {
  readonly does: string;
  readonly change: (group: Group, dice: Dice) => Group;
}

const changes: readonly Change[] = [
  {
    does: "the pool grows",
    change: (group, dice) => ({ ...group, pool: [...group.pool, ...fresh(group, dice, 1)] }),
  },
  {
    does: "the pool grows by several",
    change: (group, dice) => ({ ...group, pool: [...fresh(group, dice, 3), ...group.pool] }),
  },
  {
    does: "the pool shrinks",
    change: (group, dice) => ({ ...group, pool: dice.some(group.pool, group.pool.length - 1) }),
  },
  {
    does: "the pool is in another order",
    change: (group, dice) => ({ ...group, pool: dice.some(group.pool, group.pool.length) }),
  },
  {
    does: "one endpoint is replaced",
    change: (group, dice) => ({ ...group, pool: [...fresh(group, dice, 1), ...group.pool.slice(1)] }),
  },
  {
    does: "the pool is replaced",
    change: (group, dice) => ({ ...group, pool: fresh(group, dice, mostEndpoints) }),
  },
  {
    does: "the weights change",
    change: (group, dice) => ({
      ...group,
      pool: group.pool.map(({ url }) => ({ url, weight: weigh(dice) })),
    }),
  },
  {
    does: "endpoints are spelt anew",
    change: (group, dice) => ({
      ...group,
      pool: group.pool.map(({ url, weight }) => ({
        url: spelt(dice, url.toLowerCase().replace(":443", "")),
        weight,
      })),
    }),
  },
  {
    does: "event types are added",
    change: (group, dice) => ({ ...group, eventTypes: [...added(group, dice), ...group.eventTypes] }),
  },
  {
    does: "event types are removed",
    change: (group, dice) => ({
      ...group,
      eventTypes: dice.some(group.eventTypes, group.eventTypes.length - dice.between(1, 4)),
    }),
  },
  {
    does: "some event types are removed, others added",
    change: (group, dice) => ({
      ...group,
      eventTypes: [...dice.some(group.eventTypes, group.eventTypes.length - 2), ...added(group, dice)],
    }),
  },
  {
    does: "the mode is switched",
    change: (group) => ({ ...group, mode: group.mode === "always" ? "overLimit" : "always" }),
  },
  {
    does: "the state is switched",
    change: (group) => ({ ...group, state: group.state === "enabled" ? "disabled" : "enabled" }),
  },
  {
    does: "the endpoint without a pool changes",
    change: (group, dice) => ({ ...group, endpointUrl: group.kind.endpointOf(group.name, dice.below(8)) }),
  },
  {
    does: "the retry policy changes",
    change: (group, dice) => ({
      ...group,
      retryPolicy: { ...group.retryPolicy, retryInterval: dice.pick(["PT1M", "PT60S", "PT30S"]) },
    }),
  },
];

function fresh(group: Group, dice: Dice, count: number): Group["pool"] {
  const known = new Set(group.pool.map(({ url }) => endpointKey(url)));
  const left = [0, 1, 2, 3, 4, 5, 6, 7]
    .map((number) => group.kind.endpointOf(group.name, number))
    .filter((url) => !known.has(url));
  return dice.some(left, count).map((url) => ({ url, weight: weigh(dice) }));
}

function added(group: Group, dice: Dice): readonly string[] {
  const left = eventTypesOf(group.kind, group.name).filter(
    (eventType) => !group.eventTypes.includes(eventType),
  );
  return dice.some(left, dice.between(1, 4));
}

/** What validation would refuse is no scenario: too many event types, too few endpoints, none of either. */
export function repaired(group: Group): Group {
  const eventTypes = group.eventTypes.slice(0, mostTypes);
  if (eventTypes.length === 0) eventTypes.push(`${group.kind.typePrefix}${group.name}.event0.created`);
  const pool = group.pool.slice(0, mostEndpoints);
  const needed = Math.max(1, Math.ceil(eventTypes.length / perEndpoint));
  for (let number = 0; pool.length < needed; number += 1) {
    const url = group.kind.endpointOf(group.name, number);
    if (pool.every((other) => endpointKey(other.url) !== url)) pool.push({ url, weight: 1 });
  }
  return { ...group, eventTypes, pool };
}

/** The endpoints in use: the contract's, not the product's, reading of the modes. */
export function poolOf({ mode, eventTypes, pool, endpointUrl }: Group): Group["pool"] {
  const split = mode === "always" || eventTypes.length > perEndpoint;
  return split ? pool : [{ url: endpointUrl, weight: 1 }];
}

/** Equal for two spellings of one endpoint. */
export function endpointKey(url: string): string {
  return new URL(url).href;
}

export function manifestText(group: Group): string {
  const { name, endpointUrl, pool, eventTypes, mode, state, retryPolicy } = group;
  const { retryCount, retryInterval, retryOnTimeout } = retryPolicy;
  const endpoints = pool.map(({ url, weight }) => `{ url: "${url}", weight: ${weight} }`);
  return [
    "apiVersion: reconcile.genesys/v1",
    "kind: WebhookSubscription",
    "metadata:",
    `  name: ${name}`,
    "spec:",
    `  endpointUrl: ${endpointUrl}`,
    `  endpointPool: [${endpoints.join(", ")}]`,
    `  eventTypes: [${eventTypes.join(", ")}]`,
    `  retryPolicy: { retryCount: ${retryCount}, retryInterval: ${retryInterval}, retryOnTimeout: ${String(retryOnTimeout)} }`,
    `  state: ${state}`,
    `  offsetTracking: { stateFile: ${stateFileOf(name)} }`,
    `  rebalance: { mode: ${mode} }`,
    "",
  ].join("\n");
}

export function stateFileOf(group: string): string {
  return `/var/data/${group}.json`;
}
