// A group's live webhooks → what a manifest says of them, with the weights under which nothing has to move, and what
// no manifest can say.
//
// A group delivers each event type to one endpoint, has one state, the same options for all its resources, and one webhook
// an endpoint.
// Fair shares with the loads as weights are the loads themselves, so any split over endpoints can be expressed.
import { compareText } from "../lib/compare.ts";
import { count } from "../lib/count.ts";
import { groupBy } from "../lib/group-by.ts";
import { endpointKey, shownEndpoint } from "../model/endpoint.ts";
import { joinWords } from "../lib/join-words.ts";
import { nounOf } from "../model/kind.ts";
import { sameOptions, type KindOptions, type OptionsValue } from "../model/options.ts";
import type { PoolEndpoint } from "../model/subscription.ts";
import { mayDeliver, type LiveResource } from "../model/resource.ts";
import { readStateFile } from "../model/ownership.ts";

export interface Expressed {
  /** By URL; empty where no webhook has an event type. */
  readonly endpoints: readonly PoolEndpoint[];
  /** By name. */
  readonly eventTypes: readonly string[];
  /** The options of the group's kind; null of a kind that has none. */
  readonly options: { readonly of: KindOptions; readonly value: OptionsValue } | null;
  readonly state: "enabled" | "disabled";
  /** The offset files that the descriptions name, those of webhooks that deliver first. */
  readonly stateFiles: readonly string[];
  /** What could not be expressed, a sentence each. */
  readonly notes: readonly string[];
}

interface Site {
  readonly url: string;
  readonly webhooks: readonly LiveResource[];
  readonly eventTypes: ReadonlySet<string>;
  /** How many event types it gets. */
  load: number;
}

/** A pool is read by people: its tenth endpoint comes after its second. */
const byNumber = new Intl.Collator("en", { numeric: true });

/** `live`: all of one group that may be taken over. The order does not matter. */
export function express(live: readonly LiveResource[]): Expressed {
  const { delivering, left, state } = divide(live);
  const sites = Array.from(
    groupBy(delivering, ({ endpoint }) => endpointKey(endpoint)).values(),
    makeSite,
  ).sort((a, b) => byNumber.compare(a.url, b.url) || compareText(a.url, b.url));
  const shared = shareOut(sites);
  const used = sites.filter(({ load }) => load > 0);
  const of = live[0]?.kind.options ?? null;
  const found = of ? countOptions(of, delivering) : [];
  return {
    endpoints: used.map(({ url, load }) => ({ url, weight: weightOf(load, used) })),
    eventTypes: [...new Set(delivering.flatMap(({ eventTypes }) => eventTypes))].sort(compareText),
    options: of && { of, value: found[0]?.value ?? of.defaults },
    state,
    stateFiles: [...delivering, ...left].flatMap(({ description }) => readStateFile(description) ?? []),
    notes: [
      ...(of ? describeOptions(of, found, delivering) : []),
      ...describeShared(shared),
      ...sites.filter(({ load }) => load === 0).map(describeIdle),
      ...left.map((webhook) => describeLeft(webhook, delivering)),
    ],
  };
}

interface Divided {
  /** What delivers, or would where nothing does. */
  readonly delivering: readonly LiveResource[];
  readonly left: readonly LiveResource[];
  readonly state: Expressed["state"];
}

function divide(live: readonly LiveResource[]): Divided {
  const sorted = live.toSorted((a, b) => compareText(a.endpoint, b.endpoint) || compareText(a.id, b.id));
  const filled = sorted.filter(({ eventTypes }) => eventTypes.length > 0);
  const enabled = filled.filter(mayDeliver);
  const delivering = enabled.length > 0 ? enabled : filled;
  const left = sorted.filter((webhook) => !delivering.includes(webhook));
  return { delivering, left, state: enabled.length > 0 ? "enabled" : "disabled" };
}

/** Why no manifest can say what is live, with the way out; null where one can. */
export function findObstacle(live: readonly LiveResource[]): string | null {
  const kinds = [...new Set(live.map(({ kind }) => kind))];
  if (kinds.length > 1) {
    const nouns = kinds.map((kind) => kind.nouns).join(" and ");
    return `it has ${nouns}, and all endpoints of a group are of one kind; name another group in the descriptions of one`;
  }
  const [first, ...others] = divide(live).delivering;
  const options = first?.kind.options;
  if (!first || options?.ifDiffering !== "refused") return null;
  const { key, defaults } = options;
  const other = others.find((one) => !sameOptions(options, one[key] ?? defaults, first[key] ?? defaults));
  if (!other) return null;
  return (
    `${quote(first)} and ${quote(other)} differ in ${joinWords(Object.keys(defaults), "or")}, and a group has one of ` +
    "each; name another group in the descriptions of those that differ"
  );
}

function makeSite(webhooks: readonly LiveResource[]): Site {
  const [first] = webhooks;
  const eventTypes = new Set(webhooks.flatMap((webhook) => webhook.eventTypes));
  return { url: first?.endpoint ?? "", webhooks, eventTypes, load: 0 };
}

/** Counts each event type at one site, one that is live at several at the one with the least; returns these. */
function shareOut(sites: readonly Site[]): readonly string[] {
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

/** The loads, in lowest terms; 1 for all where equal shares, rounded, are the loads. */
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

/** The most common ones first. */
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
      ? [`there are ${found.length} ${nouns}, and a group has one: written is ${one}`]
      : []),
    ...(without > 0 ? [`${count(without, resource)} without a ${noun}: --adopt sets ${one}`] : []),
  ];
}

/** More names than these help nobody. */
const maxNames = 5;

function describeShared(shared: readonly string[]): string[] {
  if (shared.length === 0) return [];
  const are = `${count(shared.length, "event type")} ${shared.length === 1 ? "is" : "are"}`;
  return [
    `${are} live at several endpoints, and a group delivers each to one of them: ${listNames(shared)}`,
  ];
}

export function listNames(names: readonly string[]): string {
  const more = names.length > maxNames ? ` and ${names.length - maxNames} more` : "";
  return `${names.slice(0, maxNames).join(", ")}${more}`;
}

function describeIdle({ url, webhooks }: Site): string {
  const which = webhooks.map(quote).join(", ");
  const what = "delivers nothing that another endpoint does not deliver";
  return `${shownEndpoint(url)} ${what}: it is left out, and --adopt deletes ${which}`;
}

/** A webhook that delivers nothing, in a group that delivers. */
function describeLeft(webhook: LiveResource, delivering: readonly LiveResource[]): string {
  const elsewhere = new Set(delivering.flatMap(({ eventTypes }) => eventTypes));
  const lost = webhook.eventTypes.filter((eventType) => !elsewhere.has(eventType));
  if (webhook.eventTypes.length === 0)
    return `${quote(webhook)} has no event types: it is left out, and --adopt deletes it`;
  const with_ = lost.length > 0 ? `, and with it what nothing delivers now: ${listNames(lost)}` : "";
  return `${quote(webhook)} is disabled and its group is not: it is left out, and --adopt deletes it${with_}`;
}

/** How a webhook is named in a sentence. */
export function quote({ name, id }: Pick<LiveResource, "name" | "id">): string {
  return `"${name}" (id ${id})`;
}
