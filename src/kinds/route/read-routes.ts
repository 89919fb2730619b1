// Reads routes: the rules of the buses, the target of each, and the destinations.
import { believe, orNotFound, type Parsed } from "../../genesys/parsed.ts";
import { isObject } from "../../genesys/client/json.ts";
import { describeUnread } from "../../genesys/read-entity.ts";
import { mapConcurrently } from "../../lib/map-concurrently.ts";
import type { EventBridgeAction, EventBridgeApi } from "../../model/aws-api.ts";
import type { AwsWebhooks } from "../../model/config.ts";
import { ReconcileError } from "../../model/errors.ts";
import type { UnreadResource } from "../../model/listing.ts";
import { ownerOf } from "../../model/ownership.ts";
import { makeLive, type LiveResource } from "../../model/resource.ts";
import { policyOf } from "./delivery-policy.ts";
import type { EventBus } from "./event-bus.ts";
import { route } from "./kind.ts";
import {
  parseDestination,
  parseRule,
  parseTarget,
  type Destination,
  type Rule,
  type Target,
} from "./shape.ts";
import { hasRightSettings } from "./wanted.ts";

export interface OnBus {
  readonly api: EventBridgeApi;
  readonly bus: EventBus;
  /** Null if the config has no routes any more. */
  readonly settings: AwsWebhooks | null;
}

export interface RulesOfBus {
  readonly live: readonly LiveResource[];
  readonly unread: readonly UnreadResource[];
  /** How many rules the bus has, those of others included. */
  readonly rules: number;
}

/** How many requests for targets are under way at once. */
const concurrency = 8;
/** EventBridge allows 300 rules a bus and 3,000 destinations a region by default; more than this is no list. */
const maxPages = 100;
const pageSize = 100;

/**
 * Lists every rule of a bus that names a group or an owner, or that only has a name, and the owner's destinations to which no
 * rule leads; of none with null, since a destination is of no bus. A bus that is not there has none.
 */
export async function listRoutes(on: OnBus, owner: string | null): Promise<RulesOfBus> {
  const { api, bus } = on;
  const listed = await orNotFound(listAll(api, ["ListRules", "Rules"], { EventBusName: bus.name }));
  if (listed === null) return { live: [], unread: [], rules: 0 };
  const destinations = await listDestinations(api);
  const unused = new Map([...destinations.values()].map((one) => [one.arn, one.name]));
  const read = await mapConcurrently(listed, concurrency, async (entity) => {
    const rule = parseRule(entity);
    if (!rule.ok) return describeUnread(route, renamed(entity), `expected ${rule.expected}`);
    if (ownerOf(rule.value) === null) return asStranger(rule.value);
    const targets = await listTargets(rule.value.name, on);
    for (const { arn } of targets) unused.delete(arn);
    return asLive(rule.value, { targets, destinations }, on.settings);
  });
  const names = new Set(read.map(({ name }) => name));
  const unnamed = [...unused.values()].filter((name) => hasFormOfOurs.test(name) && !names.has(name));
  const left = owner === null ? [] : unnamed;
  const leftOver = await mapConcurrently(left, concurrency, async (name) => readLeftOver(name, on));
  return {
    live: [
      ...read.filter((one): one is LiveResource => "endpoint" in one),
      ...leftOver.filter((one) => one !== null).filter((one) => one.owner === owner),
    ],
    unread: read.filter((one): one is UnreadResource => "why" in one),
    rules: listed.length,
  };
}

/** A list does not show the description, which holds the marker. */
const hasFormOfOurs = /-[0-9a-f]{8}$/;

/** A destination whose rule is not made yet, or is deleted already, because a pass was cut off. Null if it does not exist. */
export async function readLeftOver(name: string, on: OnBus): Promise<LiveResource | null> {
  const destination = await readDestination(name, on);
  if (!destination) return null;
  const { endpoint, description } = destination;
  return makeLive(route, {
    ...{ id: name, name, endpoint, eventTypes: [], description: description ?? "" },
    state: withoutRule,
  });
}

const withoutRule = "a destination without a rule";

export function isLeftOver({ state }: LiveResource): boolean {
  return state === withoutRule;
}

/** Where a list names an entity in AWS's way. */
function renamed(entity: unknown): unknown {
  if (!isObject(entity)) return entity;
  return { id: entity["Name"], name: entity["Name"], description: entity["Description"] };
}

/** Null if the rule does not exist. */
export async function readRoute(name: string, on: OnBus): Promise<LiveResource | null> {
  const parts = await readParts(name, on);
  return parts && asLive(parts.rule, parts, on.settings);
}

export interface Parts {
  readonly rule: Rule;
  readonly targets: readonly Target[];
  /** By ARN. */
  readonly destinations: ReadonlyMap<string, Destination>;
}

/** Reads the rule, its targets and the destination of ours. Null if the rule does not exist. */
export async function readParts(name: string, on: OnBus): Promise<Parts | null> {
  const rule = await readRule(name, on);
  if (!rule) return null;
  const targets = await listTargets(name, on);
  const own = targets.find(({ id }) => id === name);
  const destination = own ? await readDestination(nameOfDestination(own.arn), on) : null;
  return { rule, targets, destinations: new Map(destination ? [[destination.arn, destination]] : []) };
}

/** The ARN ends with `:api-destination/<name>/<id>`; any other target has no name here. */
function nameOfDestination(arn: string): string {
  return /:api-destination\/([^/]+)/.exec(arn)?.[1] ?? "";
}

export async function readRule(name: string, { api, bus }: OnBus): Promise<Rule | null> {
  const answer = await orNotFound(api.call("DescribeRule", { Name: name, EventBusName: bus.name }));
  return answer === null ? null : believe(parseRule(answer), "DescribeRule");
}

export async function readDestination(name: string, { api }: OnBus): Promise<Destination | null> {
  if (name === "") return null;
  const answer = await orNotFound(api.call("DescribeApiDestination", { Name: name }));
  return answer === null ? null : believe(parseDestination(answer), "DescribeApiDestination");
}

export async function listTargets(name: string, { api, bus }: OnBus): Promise<readonly Target[]> {
  const input = { Rule: name, EventBusName: bus.name };
  const listed = (await orNotFound(listAll(api, ["ListTargetsByRule", "Targets"], input))) ?? [];
  return listed.map((one) => believe(parseTarget(one), "ListTargetsByRule"));
}

async function listDestinations(api: EventBridgeApi): Promise<ReadonlyMap<string, Destination>> {
  const listed = await listAll(api, ["ListApiDestinations", "ApiDestinations"]);
  const parsed = listed.map((one) => believe(parseDestination(one), "ListApiDestinations"));
  return new Map(parsed.map((one) => [one.arn, one]));
}

/** Follows the tokens from page to page. */
async function listAll(
  api: EventBridgeApi,
  [action, key]: readonly [EventBridgeAction, string],
  input: Readonly<Record<string, unknown>> = {},
): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  let token: string | null = null;
  for (let page = 1; page <= maxPages; page += 1) {
    const more: Record<string, unknown> = token === null ? {} : { NextToken: token };
    const answer = await api.call(action, { ...input, Limit: pageSize, ...more });
    const { entities, next } = believe(parsePage(answer, key), action);
    found.push(...entities);
    if (next === null) return found;
    if (next === token) throw new ReconcileError("api/malformed", `${action}: a page leads to itself`);
    token = next;
  }
  throw new ReconcileError("api/tooManyPages", `${action}: more than ${maxPages} pages`);
}

function parsePage(
  body: unknown,
  key: string,
): Parsed<{ readonly entities: readonly unknown[]; readonly next: string | null }> {
  const entities = isObject(body) ? (body[key] ?? []) : null;
  const next = isObject(body) ? (body["NextToken"] ?? null) : null;
  if (!Array.isArray(entities) || (next !== null && typeof next !== "string"))
    return { ok: false, expected: `a page of ${key}` };
  return { ok: true, value: { entities, next } };
}

/** A rule without an owner's marker may have the name of one of ours, which then cannot be made. */
function asStranger({ name, description }: Rule): LiveResource {
  return makeLive(route, {
    ...{ id: name, name, endpoint: "https:", eventTypes: [], state: "disabled", description },
  });
}

function asLive(
  rule: Rule,
  { targets, destinations }: Pick<Parts, "targets" | "destinations">,
  settings: AwsWebhooks | null,
): LiveResource {
  const { name, description, eventTypes } = rule;
  const own = targets.find(({ id }) => id === name) ?? null;
  const destination = own && (destinations.get(own.arn) ?? null);
  const byName = [...destinations.values()].find((one) => one.name === name);
  return makeLive(route, {
    ...{ id: name, name, description, eventTypes: eventTypes ?? [] },
    endpoint: (destination ?? byName)?.endpoint ?? "https:",
    state: stateOf(rule, { own, destination, settings }),
    ...(own ? { retryPolicy: policyOf(own.attempts ?? 185, own.ageSeconds ?? 86_400) } : {}),
    ...(targets.length > (own ? 1 : 0) ? { unmodelled: ["Targets"] } : {}),
  });
}

/** A route whose target or destination differs from what the config says may deliver, and perhaps not as it should. */
function stateOf(
  { state, eventTypes }: Rule,
  {
    own,
    destination,
    settings,
  }: {
    readonly own: Target | null;
    readonly destination: Destination | null;
    readonly settings: AwsWebhooks | null;
  },
): string {
  if (state === "DISABLED") return "disabled";
  if (!own) return "without a target";
  if (eventTypes === null) return "with another pattern";
  if (settings && !hasRightSettings(own, destination, settings)) return "with another target";
  return state === "ENABLED" ? "enabled" : state.toLowerCase();
}
