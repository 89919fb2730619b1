// Reads and lists EventBridge integrations, and waits until the platform has switched one on or off.
import type { DriverPorts } from "../../genesys/driver.ts";
import PQueue from "p-queue";
import { ReconcileError } from "../../model/errors.ts";
import { eventBridge, integrationType } from "./kind.ts";
import type { UnreadResource } from "../../model/listing.ts";
import type { Api } from "../../genesys/client/api.ts";
import { isObject } from "../../genesys/client/json.ts";
import { backoffMs } from "../../genesys/client/retry.ts";
import { wait } from "../../genesys/client/wait.ts";
import {
  isGoing,
  parseConfiguration,
  parseIntegration,
  type Configuration,
  type Integration,
} from "./shape.ts";
import { listPages } from "../../genesys/list-pages.ts";
import { believe, orNotFound, pathOf, requireId, type Parsed } from "../../genesys/parsed.ts";
import { describeUnread, type Entities } from "../../genesys/read-entity.ts";

export const integrationsPath = eventBridge.path;
/** How many configurations are read at once, if the list does not hold them. */
const readConcurrency = 4;
/** The platform usually takes seconds. After this time the pass gives up, and the next pass looks again. */
const longestSettlingMs = 120_000;

export async function listIntegrations(api: Pick<Api, "request">): Promise<Entities<Integration>> {
  const query = `integrationType=${integrationType}`;
  const listed = await listPages(api, {
    ...{ kind: eventBridge, path: integrationsPath, query, nouns: "integrations" },
    parse: parseOfType,
  });
  const queue = new PQueue({ concurrency: readConcurrency });
  try {
    const all = await queue.addAll(
      listed.found.filter((one) => !isGoing(one)).map((one) => () => completeListed(one, api)),
    );
    const found = all.flatMap((one) => ("why" in one ? [] : [one]));
    return { found, unread: [...listed.unread, ...all.flatMap((one) => ("why" in one ? [one] : []))] };
  } finally {
    queue.clear();
  }
}

/** Null for an integration of another type: the platform may ignore the query that asks for one type. */
function parseOfType(entity: unknown): Parsed<Integration | null> {
  const type = isObject(entity) && isObject(entity["integrationType"]) ? entity["integrationType"] : {};
  const isOther = type["id"] !== undefined && type["id"] !== integrationType;
  return isOther ? { ok: true, value: null } : parseIntegration(entity);
}

/** The configuration of one integration may be odd or refused, which costs only that one and not the list. */
async function completeListed(
  one: Integration,
  api: Pick<Api, "request">,
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
    if (error instanceof ReconcileError && ownFaults.has(error.code)) return leaveUnread(error.message);
    throw error;
  }
}

/** The errors that concern one configuration and no other. */
const ownFaults: ReadonlySet<string> = new Set(["api/malformed", "api/forbidden"]);

async function withConfiguration(
  one: Integration,
  api: Pick<Api, "request">,
  parse: (body: unknown) => Parsed<Configuration>,
): Promise<Integration> {
  if (one.config) return one;
  const found = await readConfiguration(one.id, api, parse);
  return found ? { ...one, config: found.config } : one;
}

/** Reads the complete configuration, which an answer about the integration may lack; null if the platform has none. */
export async function readConfiguration<T = Configuration>(
  id: string,
  api: Pick<Api, "request">,
  parse: (body: unknown) => Parsed<T>,
): Promise<{ readonly config: T } | null> {
  const at = `${pathOf(integrationsPath, id, "integration")}/config/current`;
  const answer = await orNotFound(api.request("GET", at));
  return answer && { config: believe(parse(answer.body), `GET ${at}`) };
}

export async function readIntegration(id: string, api: Pick<Api, "request">): Promise<Integration | null> {
  const at = pathOf(integrationsPath, id, "integration");
  const answer = await orNotFound(api.request("GET", at));
  if (!answer) return null;
  const found = believe(parseOfType(answer.body), `GET ${at}`);
  requireId(found?.id ?? "", id, `GET ${at}`);
  return found && !isGoing(found) ? withConfiguration(found, api, parseConfiguration) : null;
}

/** The platform may still report an earlier error at the first look, but not at the second. */
const looksAtAnError = 2;

/**
 * Resolves once the platform reports the state that was asked for. Throws ReconcileError `api/stateError` if it reports
 * an error, and `api/unsettled` if it takes too long.
 */
export async function settle(first: Integration, options: DriverPorts): Promise<Integration> {
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
    const next = await readIntegration(now.id, options.api);
    if (!next) throw new ReconcileError("api/notFound", `GET ${integrationsPath}/${now.id}: not found`);
    now = next;
  }
}

function wordFor(reportedState: string): string {
  return reportedState === "" ? "without a reported state" : reportedState.toLowerCase();
}
