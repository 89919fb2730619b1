// Associates an integration's event source in AWS with an event bus of its name, so that its events reach somebody, and tells
// which sources are not associated.
import type { AwsPorts } from "../../genesys/driver.ts";
import { backoffMs } from "../../genesys/client/retry.ts";
import { isObject } from "../../genesys/client/json.ts";
import { wait } from "../../genesys/client/wait.ts";
import { orNotFound } from "../../genesys/parsed.ts";
import { eventSourceName, type EventBridgeApi } from "../../model/aws-api.ts";
import { isCode, ReconcileError } from "../../model/errors.ts";
import type { LiveResource } from "../../model/resource.ts";
import { parseEventSource, type EventSource } from "./event-source.ts";
import type { ReadPorts } from "./integrations.ts";

/** The platform makes the source in AWS some time after it reports the integration active. */
const longestAssociatingMs = 5 * 60_000;
const mostSources = 100;
const mostPages = 20;

interface Associating extends ReadPorts {
  /** Counts the writes that took effect. */
  readonly progress: { writes: number };
}

/**
 * Resolves once the source is ACTIVE, or at once if the config does not ask for it. Throws ReconcileError
 * `aws/sourceNotActive` if that takes too long, and as `EventBridgeApi` does.
 */
export async function associate(live: LiveResource, stepping: Associating): Promise<void> {
  const source = parseEventSource(live.endpoint);
  const { aws, clock, random, interrupted, onWait, progress } = stepping;
  if (!aws?.config?.associate || !source || live.state !== "enabled") return;
  if (!(await isOurAccount(source, aws))) return;
  const api = aws.api.eventBridge(source.awsRegion);
  const name = eventSourceName(await aws.organizationId(), source.suffix);
  const untilMs = clock.monotonic() + longestAssociatingMs;
  for (let look = 1; ; look += 1) {
    const state = await readState(name, api);
    if (state === "ACTIVE") return;
    if (state === "PENDING" && (await attach(name, api))) progress.writes += 1;
    if (clock.monotonic() >= untilMs) throw notActive(name, state);
    onWait(state === null ? `event source ${name} is not in AWS yet` : `event source ${name} is ${state}`);
    await wait(clock, backoffMs(Math.min(look, 2), random), interrupted);
  }
}

/**
 * Throws ReconcileError `aws/sourceNotActive` if the config leaves the association to the user and the source of this endpoint is
 * not ACTIVE: what moved there would reach nobody.
 */
export async function requireActiveSource(endpoint: string, aws: AwsPorts): Promise<void> {
  const source = parseEventSource(endpoint);
  if (!source || aws.config?.associate !== false) return;
  const name = eventSourceName(await aws.organizationId(), source.suffix);
  const state = await readState(name, aws.api.eventBridge(source.awsRegion));
  if (state === "ACTIVE") return;
  const is = state === null ? "is not in AWS yet" : `is ${state} in AWS`;
  throw new ReconcileError("aws/sourceNotActive", `event source ${name} ${is}, so it reaches nobody`, {
    hint: "associate it with an event bus in the EventBridge console, or set aws.associate to true; then run again",
  });
}

/**
 * A source that the platform made again needs its bus again, which may be there still; one that was deactivated has it.
 * Returns whether a write took effect.
 */
async function attach(name: string, api: EventBridgeApi): Promise<boolean> {
  const made = await unlessRefused(api.call("CreateEventBus", { Name: name, EventSourceName: name }));
  if (made || (await readState(name, api)) !== "PENDING") return true;
  return unlessRefused(api.call("ActivateEventSource", { Name: name }));
}

/** False if AWS refuses it as things are; the next look tells what became of the source. */
async function unlessRefused(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (isCode(error, "api/conflict", "api/notFound", "api/rejected")) return false;
    throw error;
  }
}

async function readState(name: string, api: EventBridgeApi): Promise<string | null> {
  const answer = await orNotFound(api.call("DescribeEventSource", { Name: name }));
  const state = isObject(answer) ? answer["State"] : null;
  return typeof state === "string" ? state : null;
}

function notActive(name: string, state: string | null): ReconcileError {
  const is = state === null ? "is not in AWS" : `is ${state} in AWS`;
  const minutes = longestAssociatingMs / 60_000;
  return new ReconcileError("aws/sourceNotActive", `event source ${name} ${is} after ${minutes} minutes`, {
    hint:
      state === "DELETED"
        ? "delete its event bus in AWS, which also deletes the rules on it, and run again"
        : "look at the source in the EventBridge console; the next pass goes on",
  });
}

/**
 * Returns the resources with their state as AWS shows it: an integration whose source is not ACTIVE there delivers to
 * nobody. If the config does not ask for association, only the source that feeds its routes is looked at.
 */
export async function withSourceStates(
  live: readonly LiveResource[],
  { aws }: ReadPorts,
): Promise<readonly LiveResource[]> {
  const { config } = aws ?? {};
  if (!aws || !config || (!config.associate && config.webhooks === null)) return live;
  const ours = live.filter(
    ({ owner, state, group }) =>
      owner === aws.owner && state === "enabled" && (config.associate || group === null),
  );
  const places = await Promise.all(ours.map(async (one) => [one, await findPlace(one, aws)] as const));
  const regions = new Set(places.flatMap(([, place]) => place?.awsRegion ?? []));
  if (regions.size === 0) return live;
  const organizationId = await aws.organizationId();
  const states = new Map(
    await Promise.all(
      [...regions].map(async (region) => [region, await listStates(organizationId, region, aws)] as const),
    ),
  );
  const changed = new Map(
    places.flatMap(([one, place]) => {
      if (!place) return [];
      const state =
        states.get(place.awsRegion)?.get(eventSourceName(organizationId, place.suffix)) ?? "missing";
      return state === "ACTIVE" ? [] : [[one, withState(one, `${state.toLowerCase()} in AWS`)] as const];
    }),
  );
  return live.map((one) => changed.get(one) ?? one);
}

function withState(live: LiveResource, state: string): LiveResource {
  return { ...live, state, delivers: "perhaps" };
}

async function findPlace({ endpoint }: LiveResource, aws: AwsPorts): Promise<EventSource | null> {
  const source = parseEventSource(endpoint);
  return source && (await isOurAccount(source, aws)) ? source : null;
}

/** The credentials show the sources of one account alone. */
async function isOurAccount({ awsAccountId }: EventSource, { api, config }: AwsPorts): Promise<boolean> {
  return awsAccountId === (config?.webhooks?.account ?? (await api.identify()).account);
}

async function listStates(
  organizationId: string,
  region: string,
  { api }: AwsPorts,
): Promise<ReadonlyMap<string, string>> {
  const states = new Map<string, string>();
  let token: Record<string, unknown> = {};
  for (let page = 1; page <= mostPages; page += 1) {
    const input = { NamePrefix: eventSourceName(organizationId, ""), Limit: mostSources, ...token };
    const answer = await api.eventBridge(region).call("ListEventSources", input);
    const { EventSources: sources = [], NextToken: next } = isObject(answer) ? answer : {};
    if (!Array.isArray(sources))
      throw new ReconcileError("api/malformed", "AWS ListEventSources: expected a list of EventSources");
    for (const one of sources as readonly unknown[])
      if (isObject(one) && typeof one["Name"] === "string" && typeof one["State"] === "string")
        states.set(one["Name"], one["State"]);
    if (typeof next !== "string") return states;
    token = { NextToken: next };
  }
  throw new ReconcileError("api/tooManyPages", `AWS ListEventSources: more than ${mostPages} pages`);
}
