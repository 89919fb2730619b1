// Reads and lists EventBridge integrations, and waits until the platform has switched one on or off.
import type { DriverPorts } from "../../genesys/driver.ts";
import { mapConcurrently } from "../../lib/map-concurrently.ts";
import { ReconcileError } from "../../model/errors.ts";
import { eventBridge, integrationType } from "./kind.ts";
import type { UnreadResource } from "../../model/listing.ts";
import type { Api } from "../../genesys/client/api.ts";
import { isObject } from "../../genesys/client/json.ts";
import { backoffMs } from "../../genesys/client/retry.ts";
import type { ApiAnswer } from "../../genesys/client/parse-answer.ts";
import { wait } from "../../genesys/client/wait.ts";
import { askUntilShown, longestHiddenMs, type WriteMemory } from "../../genesys/write-memory.ts";
import {
  isComplete,
  isGoing,
  parseConfiguration,
  parseIntegration,
  type Configuration,
  type ConfiguredIntegration,
  type Integration,
} from "./shape.ts";
import { listPages, pageSize } from "../../genesys/list-pages.ts";
import { believe, orNotFound, pathOf, requireId, type Parsed } from "../../genesys/parsed.ts";
import { describeUnread, type Entities } from "../../genesys/read-entity.ts";

export const integrationsPath = eventBridge.path;
/** How many configurations are read at once, if the list does not hold them. */
const readConcurrency = 4;
/** The platform usually takes seconds. After this time the pass gives up, and the next pass looks again. */
const longestSettlingMs = 120_000;

export interface ListedIntegrations extends Entities<Integration> {
  /** The ids of all that the list showed. */
  readonly shown: ReadonlySet<string>;
  /** How many more the platform counts than it shows to this client. */
  readonly hidden: number;
}

/**
 * Asks for the configurations along with the list, and for each that the list leaves incomplete by itself. Leaves out those
 * that the platform is still deleting.
 */
export async function listIntegrations(api: Pick<Api, "request">): Promise<ListedIntegrations> {
  const listed = await listPages(api, {
    ...{ kind: eventBridge, path: integrationsPath, nouns: "integrations", parse: parseOfType },
    query: `integrationType=${integrationType}&expand=config.current`,
    countsOthers: (total) => isTotalOfAllTypes(total, api),
  });
  const isOwnFault = makeFaultRule();
  const staying = listed.found.filter((one) => !isGoing(one));
  const all = await mapConcurrently(staying, readConcurrency, (one) =>
    completeListed(one, api, isOwnFault),
  );
  return {
    found: all.flatMap((one) => ("why" in one ? [] : [one])),
    unread: [...listed.unread, ...all.flatMap((one) => ("why" in one ? [one] : []))],
    shown: new Set([...listed.found, ...listed.unread].flatMap(({ id }) => id ?? [])),
    hidden: listed.hidden,
  };
}

/**
 * True if `total` counts integrations of every type, so that it does not tell how many of this type the list hides. It is
 * not documented whether it does: it does if a list of all types has the same total, and shows another type.
 */
async function isTotalOfAllTypes(total: number, api: Pick<Api, "request">): Promise<boolean> {
  for (let page = 1; page <= Math.ceil(total / pageSize); page += 1) {
    const body = await api
      .request("GET", `${integrationsPath}?pageSize=${pageSize}&pageNumber=${page}`)
      .then((answer) => answer.body, orNothing);
    if (!isObject(body) || body["total"] !== total || !Array.isArray(body["entities"])) return false;
    if (body["entities"].some(isOfOtherType)) return true;
  }
  return false;
}

/** A refusal leaves open what the total counts, and ends no list. */
function orNothing(error: unknown): null {
  if (error instanceof ReconcileError && error.code !== "api/interrupted") return null;
  throw error;
}

/** Null for an integration of another type: the platform may ignore the query that asks for one type. */
function parseOfType(entity: unknown): Parsed<Integration | null> {
  return isOfOtherType(entity) ? { ok: true, value: null } : parseIntegration(entity);
}

function isOfOtherType(entity: unknown): boolean {
  const type = isObject(entity) && isObject(entity["integrationType"]) ? entity["integrationType"] : {};
  return typeof type["id"] === "string" && type["id"] !== integrationType;
}

/** The configuration of one integration may be odd or refused, which costs only that one and not the list. */
async function completeListed(
  one: Integration,
  api: Pick<Api, "request">,
  isOwnFault: (error: ReconcileError) => boolean,
): Promise<Integration | UnreadResource> {
  const { id, name, notes } = one;
  let current: unknown = null;
  const parse = (body: unknown): Parsed<Configuration> => {
    current = body;
    return parseConfiguration(body);
  };
  const leaveUnread = (why: string): UnreadResource =>
    describeUnread(eventBridge, { id, name, notes, config: { current } }, why);
  try {
    const whole = await withConfiguration(one, api, parse);
    return whole.config ? whole : leaveUnread("the platform lists it, and has no configuration of it");
  } catch (error) {
    if (error instanceof ReconcileError && isOwnFault(error)) return leaveUnread(error.message);
    throw error;
  }
}

/** The platform may fail at so many configurations of a list; at more of them it is an outage. */
const mostFailed = 3;

/** Returns whether an error concerns one configuration of the list and no other. */
function makeFaultRule(): (error: ReconcileError) => boolean {
  let failed = 0;
  return ({ code }) => {
    if (code !== "api/unavailable") return ownFaults.has(code);
    failed += 1;
    return failed <= mostFailed;
  };
}

const ownFaults: ReadonlySet<string> = new Set([
  ...["api/malformed", "api/forbidden", "api/rejected", "api/conflict"],
]);

/** Reads the configuration if the answer left it incomplete. */
async function withConfiguration(
  one: Integration,
  api: Pick<Api, "request">,
  parse: (body: unknown) => Parsed<Configuration>,
): Promise<Integration> {
  if (one.config && isComplete(one.config)) return one;
  const found = await readConfiguration(one.id, api, parse);
  return { ...one, config: found ? found.config : null };
}

/** Reads the complete configuration, which an answer about the integration may lack; null if the platform has none. */
async function readConfiguration<T = Configuration>(
  id: string,
  api: Pick<Api, "request">,
  parse: (body: unknown) => Parsed<T>,
): Promise<{ readonly config: T } | null> {
  const at = `${pathOf(integrationsPath, id, "integration")}/config/current`;
  const answer = await orNotFound(api.request("GET", at));
  return answer && { config: believe(parse(answer.body), `GET ${at}`) };
}

export type ReadPorts = DriverPorts & { readonly memory: WriteMemory };

/**
 * Null if there is none, also a minute after a write of this process, or if the platform is deleting it. Throws
 * `api/unsettled` if it was created in this process and the platform still shows nothing but its configuration.
 */
export async function readIntegration(id: string, ports: ReadPorts): Promise<Integration | null> {
  const found = await readStates(id, ports);
  return found && withConfiguration(found, ports.api, parseConfiguration);
}

/**
 * Reads the integration and its complete configuration, which a write needs; null and `api/unsettled` as above. Throws
 * `api/malformed` if it has no configuration.
 */
export async function readForWrite(id: string, ports: ReadPorts): Promise<ConfiguredIntegration | null> {
  const found = await readStates(id, ports);
  if (!found) return null;
  const current = await readConfiguration(id, ports.api, parseConfiguration);
  if (current) return { ...found, config: current.config };
  // It was deleted between the two reads, unless it still exists.
  if (!(await readStates(id, ports))) return null;
  throw new ReconcileError("api/malformed", `GET ${integrationsPath}/${id}: no configuration`);
}

/** The configuration that the answer holds may be incomplete. */
async function readStates(id: string, ports: ReadPorts): Promise<Integration | null> {
  const at = pathOf(integrationsPath, id, "integration");
  const ask = (): Promise<ApiAnswer | null> => orNotFound(ports.api.request("GET", at));
  const answer = await askUntilShown({ id, noun: "integration" }, ask, ports);
  if (!answer) {
    if (await isConfigurationShown(id, ports)) throw notShown(id);
    return null;
  }
  const found = believe(parseOfType(answer.body), `GET ${at}`);
  requireId(found?.id ?? "", id, `GET ${at}`);
  return found && !isGoing(found) ? found : null;
}

/** The platform has the configuration of a new integration at once. */
async function isConfigurationShown(id: string, { api, memory }: ReadPorts): Promise<boolean> {
  if (![...memory.unlisted.values()].includes(id)) return false;
  return (await readConfiguration(id, api, parseConfiguration)) !== null;
}

function notShown(id: string): ReconcileError {
  const message = `integration ${id} was created, but is not shown after ${longestHiddenMs / 1000} s`;
  return new ReconcileError("api/unsettled", `${message}; the next pass looks again`);
}

/** The platform may still report an earlier error at the first look, but not at the second. */
const looksAtAnError = 2;

/**
 * Resolves once the platform reports the state that was asked for. Throws ReconcileError `api/stateError` if it reports
 * an error, and `api/unsettled` if it takes too long.
 */
export async function settle(first: Integration, options: ReadPorts): Promise<Integration> {
  const { clock, random, interrupted, onWait } = options;
  const untilMs = clock.monotonic() + longestSettlingMs;
  let errors = 0;
  for (let look = 1, now = first; ; look += 1) {
    const { name, intendedState, reportedState, reportedReason } = now;
    const isOn = intendedState === "ENABLED";
    if (reportedState === (isOn ? "ACTIVE" : "INACTIVE")) return now;
    // Without a reported state, an integration that was switched off counts as off, but one that was switched on must
    // still be reported active.
    if (!isOn && reportedState === "") return now;
    errors = reportedState === "ERROR" ? errors + 1 : 0;
    if (!isOn && errors > 0) return now;
    if (errors >= looksAtAnError) {
      const message = `integration "${name}" is switched on, and reports an error: ${reportedReason || "no reason given"}`;
      throw new ReconcileError("api/stateError", message);
    }
    if (clock.monotonic() >= untilMs) {
      const limit = `${longestSettlingMs / 1000} s`;
      const message = `integration "${name}" is still ${wordFor(reportedState)} after ${limit}`;
      const hint = "if its event source is new, associate it in AWS before a sync moves event types to it";
      throw new ReconcileError("api/unsettled", `${message}; the next pass looks again`, { hint });
    }
    onWait(`${name} is ${wordFor(reportedState)}`);
    await wait(clock, backoffMs(Math.min(look, 2), random), interrupted);
    const next = await readIntegration(now.id, options);
    if (!next) throw new ReconcileError("api/notFound", `GET ${integrationsPath}/${now.id}: not found`);
    now = next;
  }
}

function wordFor(reportedState: string): string {
  return reportedState === "" ? "without a reported state" : reportedState.toLowerCase();
}
