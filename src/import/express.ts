// Expresses a group's live resources as the values of a manifest, with weights under which no event type has to move,
// and notes what no manifest can express.
//
// In a manifest, a group delivers each event type to one endpoint, and has one state and the same options for all its
// resources. With the loads as weights, the fair shares are the loads themselves, so a manifest can express any split over
// endpoints.
import { compareText } from "../lib/compare.ts";
import { count } from "../lib/count.ts";
import { groupBy } from "../lib/group-by.ts";
import { endpointKey, shownEndpoint } from "../model/endpoint.ts";
import { joinWords } from "../lib/join-words.ts";
import { nounOf } from "../model/kind.ts";
import { fieldsOf, sameOptions, type KindOptions, type OptionsValue } from "../model/options.ts";
import type { PoolEndpoint } from "../model/subscription.ts";
import { mayDeliver, type LiveResource } from "../model/resource.ts";
import { stateFileOf } from "../model/ownership.ts";

export interface Expressed {
  /** Sorted by URL; empty if no resource has an event type. */
  readonly endpoints: readonly PoolEndpoint[];
  /** Sorted by name. */
  readonly eventTypes: readonly string[];
  /** The options of the group's kind; null for a kind without options. */
  readonly options: { readonly of: KindOptions; readonly value: OptionsValue } | null;
  readonly state: "enabled" | "disabled";
  /** The offset files that the descriptions name; those of delivering resources come first. */
  readonly stateFiles: readonly string[];
  /** One sentence for each thing that a manifest cannot express. */
  readonly notes: readonly string[];
}

interface Site {
  readonly url: string;
  readonly resources: readonly LiveResource[];
  readonly eventTypes: ReadonlySet<string>;
  /** How many event types the manifest gives it. */
  load: number;
}

/** People read the pool, so endpoint 10 comes after endpoint 2. */
const byNumber = new Intl.Collator("en", { numeric: true });

/** `live` holds all resources of one group that may be taken over; their order does not matter. */
export function express(live: readonly LiveResource[]): Expressed {
  const { delivering, left, state } = divide(live);
  const sites = Array.from(
    groupBy(delivering, ({ endpoint }) => endpointKey(endpoint)).values(),
    makeSite,
  ).sort((a, b) => byNumber.compare(a.url, b.url) || compareText(a.url, b.url));
  const shared = countLoads(sites);
  const used = sites.filter(({ load }) => load > 0);
  const of = live[0]?.kind.options ?? null;
  const found = of ? countOptions(of, delivering) : [];
  return {
    endpoints: used.map(({ url, load }) => ({ url, weight: weightOf(load, used) })),
    eventTypes: [...new Set(delivering.flatMap(({ eventTypes }) => eventTypes))].sort(compareText),
    options: of && { of, value: found[0]?.value ?? of.defaults },
    state,
    stateFiles: [...delivering, ...left].flatMap((live) => stateFileOf(live) ?? []),
    notes: [
      ...(of ? describeOptions(of, found, delivering) : []),
      ...describeShared(shared),
      ...sites.filter(({ load }) => load === 0).map(describeIdle),
      ...left.map((resource) => describeLeft(resource, delivering)),
    ],
  };
}

interface Divided {
  /** The resources that deliver; if none does, those that would if they were enabled. */
  readonly delivering: readonly LiveResource[];
  readonly left: readonly LiveResource[];
  readonly state: Expressed["state"];
}

function divide(live: readonly LiveResource[]): Divided {
  const sorted = live.toSorted((a, b) => compareText(a.endpoint, b.endpoint) || compareText(a.id, b.id));
  const filled = sorted.filter(({ eventTypes }) => eventTypes.length > 0);
  const enabled = filled.filter(mayDeliver);
  const delivering = enabled.length > 0 ? enabled : filled;
  const left = sorted.filter((resource) => !delivering.includes(resource));
  return { delivering, left, state: enabled.length > 0 ? "enabled" : "disabled" };
}

/** Returns why no manifest can express what is live, and what to do; null if a manifest can. */
export function findInexpressible(live: readonly LiveResource[]): string | null {
  const kinds = [...new Set(live.map(({ kind }) => kind))];
  if (kinds.length > 1) {
    const nouns = kinds.map((kind) => kind.nouns).join(" and ");
    return `it has ${nouns}, but all resources of a group are of one kind; name another group in the descriptions of the others`;
  }
  const [first, ...others] = divide(live).delivering;
  const options = first?.kind.options;
  if (!first || options?.ifDiffering !== "refused") return null;
  const { key, defaults } = options;
  const own = first[key] ?? defaults;
  const other = others.find((one) => !sameOptions(options, one[key] ?? defaults, own));
  if (!other) return null;
  const fields = findDiffering(options, own, other[key] ?? defaults);
  const one = fields.length === 1 ? "only one" : "only one of each";
  return (
    `${nameResource(first)} and ${nameResource(other)} differ in ${joinWords(fields, "and")}, and a group has ${one}; ` +
    "name another group in the descriptions of those that differ"
  );
}

/** Returns the fields whose values mean something else. */
function findDiffering(options: KindOptions, own: OptionsValue, other: OptionsValue): readonly string[] {
  const differs = (field: string): boolean => {
    const mixed: OptionsValue = { ...own, [field]: Reflect.get(other, field) as unknown };
    return !sameOptions(options, mixed, own);
  };
  return fieldsOf(options).filter(differs);
}

function makeSite(resources: readonly LiveResource[]): Site {
  const [first] = resources;
  const eventTypes = new Set(resources.flatMap((resource) => resource.eventTypes));
  return { url: first?.endpoint ?? "", resources, eventTypes, load: 0 };
}

/**
 * Counts each event type at one site; an event type that is live at several sites counts at the one with the lowest
 * load. Returns the event types that are live at several.
 */
function countLoads(sites: readonly Site[]): readonly string[] {
  const homes = new Map<string, Site[]>();
  for (const site of sites)
    for (const eventType of site.eventTypes) homes.set(eventType, [...(homes.get(eventType) ?? []), site]);
  const inOrder = [...homes].sort(([a, atA], [b, atB]) => atA.length - atB.length || compareText(a, b));
  for (const [, at] of inOrder) {
    const [least] = at.toSorted((a, b) => a.load - b.load || a.eventTypes.size - b.eventTypes.size);
    if (least) least.load += 1;
  }
  return inOrder.filter(([, at]) => at.length > 1).map(([eventType]) => eventType);
}

/** Returns the loads in lowest terms as weights; 1 for every endpoint if equal shares, rounded, give the same loads. */
function weightOf(load: number, sites: readonly Site[]): number {
  const loads = sites.map((site) => site.load);
  if (Math.max(...loads) - Math.min(...loads) <= 1) return 1;
  return load / loads.reduce(greatestCommonDivisor);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

interface CountedOptions {
  readonly value: OptionsValue;
  readonly resources: number;
}

/** Counts the resources that have each value; the most common value comes first. */
function countOptions(
  options: KindOptions,
  delivering: readonly LiveResource[],
): readonly CountedOptions[] {
  const found: { value: OptionsValue; resources: number }[] = [];
  for (const { [options.key]: value } of delivering) {
    if (!value) continue;
    const same = found.find((one) => sameOptions(options, one.value, value));
    if (same) same.resources += 1;
    else found.push({ value, resources: 1 });
  }
  return found.sort((a, b) => b.resources - a.resources);
}

function describeOptions(
  { key, noun, nouns }: KindOptions,
  found: readonly CountedOptions[],
  delivering: readonly LiveResource[],
): string[] {
  const [first] = found;
  const resource = nounOf(delivering.map(({ kind }) => kind));
  const without = delivering.filter((live) => !live[key]).length;
  const one = first ? `that of ${first.resources} of ${count(delivering.length, resource)}` : "the default";
  return [
    ...(found.length > 1
      ? [`there are ${found.length} ${nouns}, but a group has one: the manifest has ${one}`]
      : []),
    ...(without > 0 ? [`${count(without, resource)} without a ${noun}: --adopt sets ${one}`] : []),
  ];
}

/** A sentence lists this many names at most. */
const maxNames = 5;

function describeShared(shared: readonly string[]): string[] {
  if (shared.length === 0) return [];
  const are = `${count(shared.length, "event type")} ${shared.length === 1 ? "is" : "are"}`;
  return [
    `${are} live at several endpoints, but a group delivers each event type to one endpoint: ${listNames(shared)}`,
  ];
}

export function listNames(names: readonly string[]): string {
  const more = names.length > maxNames ? ` and ${names.length - maxNames} more` : "";
  return `${names.slice(0, maxNames).join(", ")}${more}`;
}

function describeIdle({ url, resources }: Site): string {
  const which = resources.map(nameResource).join(", ");
  const what = "gets only event types that another endpoint gets, too";
  return `${shownEndpoint(url)} ${what}: the manifest leaves it out, and --adopt deletes ${which}`;
}

/** Describes a resource that delivers nothing, in a group that delivers. */
function describeLeft(resource: LiveResource, delivering: readonly LiveResource[]): string {
  const elsewhere = new Set(delivering.flatMap(({ eventTypes }) => eventTypes));
  const lost = resource.eventTypes.filter((eventType) => !elsewhere.has(eventType));
  if (resource.eventTypes.length === 0)
    return `${nameResource(resource)} has no event types: the manifest leaves it out, and --adopt deletes it`;
  const onlyHere = lost.length > 0 ? `; no other resource of the group delivers ${listNames(lost)}` : "";
  return `${nameResource(resource)} is disabled but its group is not: the manifest leaves it out, and --adopt deletes it${onlyHere}`;
}

/** Names a resource in a sentence: `"name" (id …)`. */
export function nameResource({ name, id }: Pick<LiveResource, "name" | "id">): string {
  return `"${name}" (id ${id})`;
}
