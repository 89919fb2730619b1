// EventBridge integrations as they are: read, listed, and waited for until the platform has done what is intended.
import PQueue from "p-queue";
import type { Clock } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import { ReconcileError } from "../model/errors.ts";
import { resourceKinds } from "../model/resource-kind.ts";
import type { Api } from "./client/api.ts";
import { isObject } from "./client/json.ts";
import { backoffMs } from "./client/retry.ts";
import { wait } from "./client/wait.ts";
import {
  isGoing,
  parseConfiguration,
  parseIntegration,
  type Configuration,
  type Integration,
} from "./integration-shape.ts";
import { listPages } from "./list-pages.ts";
import { believe, isPresent, orNotFound, oursOnly, pathOf, requireId, type Parsed } from "./parsed.ts";

export const integrationsPath = resourceKinds["eventbridge:"].path;
export const integrationType = "amazon-eventbridge-source";
/** Configurations under way at once, where the list does not hold them. */
const readConcurrency = 4;
/** The platform takes seconds. One that takes longer than this is looked at by the next pass. */
const longestSettlingMs = 120_000;

export interface EventBridgeOptions {
  readonly api: Pick<Api, "request">;
  readonly clock: Clock;
  readonly random: Random;
  readonly interrupted: AbortSignal;
  /** Told while it waits for the platform to do what is intended. */
  readonly onWait: (words: string) => void;
}

export async function listIntegrations(api: Pick<Api, "request">): Promise<readonly Integration[]> {
  const query = `integrationType=${integrationType}`;
  const all = await listPages(api, {
    path: integrationsPath,
    query,
    nouns: "integrations",
    parse: oursOnly(parseOfType),
  });
  const queue = new PQueue({ concurrency: readConcurrency });
  try {
    const whole = await queue.addAll(
      all.filter((one) => !isGoing(one)).map((one) => () => withConfiguration(one, api, parseAnybodys)),
    );
    return whole.filter(isPresent);
  } finally {
    queue.clear();
  }
}

/** Whatever was asked for, a list may hold anything. */
function parseOfType(entity: unknown): Parsed<Integration | null> {
  const type = isObject(entity) && isObject(entity["integrationType"]) ? entity["integrationType"] : {};
  const isOther = type["id"] !== undefined && type["id"] !== integrationType;
  return isOther ? { ok: true, value: null } : parseIntegration(entity);
}

function parseAnybodys(body: unknown): Parsed<Configuration | null> {
  return isObject(body) ? oursOnly(parseConfiguration)(body) : parseConfiguration(body);
}

/** Null where `parse` says that it is none of ours. */
async function withConfiguration(
  one: Integration,
  api: Pick<Api, "request">,
  parse: (body: unknown) => Parsed<Configuration | null>,
): Promise<Integration | null> {
  if (one.config) return one;
  const found = await readConfiguration(one.id, api, parse);
  if (!found) return one;
  return found.config && { ...one, config: found.config };
}

/** The complete configuration, which an answer about the integration may lack; null where the platform has none. */
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

/** An error that is still reported from before is gone at the second look. */
const looksAtAnError = 2;

/**
 * Resolves once the platform reports what is intended. Throws ReconcileError `api/stateError` where it reports an error,
 * `api/unsettled` where it takes too long.
 */
export async function settle(first: Integration, options: EventBridgeOptions): Promise<Integration> {
  const { clock, random, interrupted, onWait } = options;
  const untilMs = clock.monotonic() + longestSettlingMs;
  let errors = 0;
  for (let look = 1, now = first; ; look += 1) {
    const { name, intendedState, reportedState, reportedReason } = now;
    const isOn = intendedState === "ENABLED";
    if (reportedState === (isOn ? "ACTIVE" : "INACTIVE")) return now;
    // Nothing is said of it: off is off, and on is not taken on trust.
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
      const hint =
        "where its event source is new, associate it in AWS before a sync moves event types to it";
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
