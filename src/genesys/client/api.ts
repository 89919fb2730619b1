// Calls the platform's REST API with JSON, and combines the token, the pace, retries and errors.
import type { Clock } from "../../lib/clock.ts";
import type { Random } from "../../lib/random.ts";
import { invariant, ReconcileError } from "../../model/errors.ts";
import { makeUnsure, urlOf, type HttpRequest, type HttpResponse, type Send } from "../../model/http.ts";
import type { Kinds } from "../../model/kind.ts";
import type { Traffic } from "../../model/result.ts";
import { sendConfirmed, type ConfirmedGuard } from "./confirm.ts";
import { findEventTest } from "./find-event-test.ts";
import { hideSecrets, secretsIn } from "./hide-secrets.ts";
import { correlationIdOf, makeFailure, shownRequest, type Asked } from "./failure.ts";
import { makePace, type Pace } from "./pace.ts";
import { makeUnknown, parseAnswer, type ApiAnswer } from "./parse-answer.ts";
import { makePlatformTime, type PlatformTime } from "./platform-time.ts";
import { hasStatus, judge, sendUntilFinal, type AttemptOutcome } from "./retry.ts";
import { sayWait } from "./say-wait.ts";
import { makeTokenSource, type Credentials, type TokenMemory, type TokenSource } from "./token.ts";
import { wait } from "./wait.ts";

export interface ApiOptions {
  readonly send: Send;
  readonly clock: Clock;
  readonly random: Random;
  /** A refusal of a request for one of these kinds names the permissions that it needs. */
  readonly kinds: Kinds;
  /** The only origin that the token is sent to: `https://api.usw2.pure.cloud`. */
  readonly apiUrl: string;
  /** The only address that the credentials are sent to. */
  readonly tokenUrl: string;
  readonly credentials: Credentials;
  /** Reads the credentials again, before each login and after one that was refused. */
  readonly readCredentials?: (() => Promise<Credentials>) | undefined;
  /** The share of the platform's rate limit to use, in (0, 1]. */
  readonly rateShare: number;
  /** Refuses every request but GET and the test of an event. */
  readonly readOnly: boolean;
  /** Asked before each attempt of a write; without it, every write may start, and has the time of any request. */
  readonly guard?: ConfirmedGuard | undefined;
  /** Once it fires, no request waits any longer for the rate limit or for its next attempt. */
  readonly interrupted?: AbortSignal | undefined;
  /** Keeps the token beyond the life of this client. */
  readonly tokenMemory?: TokenMemory | undefined;
  /** Called after each request, whether it was answered or not. */
  readonly onRequest?: ((request: MadeRequest) => void) | undefined;
  /** Called before a wait that an answer asks for, if it is long enough to look like a standstill. */
  readonly onWait?: ((words: string) => void) | undefined;
}

/** A request that was sent once, without anything secret. */
export interface MadeRequest extends Pick<Asked, "method" | "path"> {
  /** The page of a list request; the rest of a query is left out. */
  readonly page: string | null;
  /** Null if no answer came. */
  readonly status: number | null;
  readonly latencyMs: number;
  readonly correlationId: string | null;
  /** The code of the failure; null if the request was answered. */
  readonly error: string | null;
}

export interface Api {
  /**
   * `path` is sent as it is, from "/", with its query; `body` is sent as JSON. Resolves with a status 2xx and the
   * body, undefined if that is empty. Throws ReconcileError: `auth/…`, `network/…`, `api/unauthorized`,
   * `api/addressRefused`, `api/forbidden`, `api/scopeMissing`, `api/notFound`, `api/conflict`, `api/rejected` (with `fields`), `api/rateLimited`,
   * `api/unavailable`, `api/redirected`, `api/malformed`, `api/interrupted`; and for a write
   * `lease/unsure` (the guard did not let it start, so nothing was sent), and `api/outcomeUnknown`: the write may or may not
   * have taken effect, and `cause` is the reason for that.
   */
  request(method: HttpRequest["method"], path: string, body?: unknown): Promise<ApiAnswer>;
  /** The requests so far, including those for a token. */
  traffic(): Traffic;
  /** The platform's time in ms since 1970, by its last answer; null if it is unknown. */
  platformNow(): number | null;
}

export function makeApi(options: ApiOptions): Api {
  const pace = makePace(options);
  const counts = { requests: 0, retries: 0 };
  const wire: Wire = { options, counts, sent: { credentials: options.credentials } };
  const tokens = makeTokenSource({
    ...options,
    readCredentials: async () =>
      (wire.sent.credentials = (await options.readCredentials?.()) ?? options.credentials),
    memory: options.tokenMemory,
    send: (request) => sendLogin(request, wire),
  });
  const time = makePlatformTime(options.clock);
  const client: Client = { ...wire, pace, time, tokens };
  return {
    request: async (method, path, body) => {
      const isWrite = method !== "GET" && findEventTest({ method, path }, options) === undefined;
      invariant(!isWrite || !options.readOnly, "a read-only client was asked to write");
      return requestJson(client, makeRequest(options.apiUrl, { method, path, body }));
    },
    traffic: () => ({ ...counts, throttledMs: pace.throttledMs() }),
    platformNow: time.now,
  };
}

interface Wire {
  readonly options: ApiOptions;
  readonly counts: { requests: number; retries: number };
  /** The credentials that were read last; an answer may repeat them. */
  readonly sent: { credentials: Credentials };
}

interface Client extends Wire {
  readonly pace: Pace;
  readonly time: PlatformTime;
  readonly tokens: TokenSource;
}

/**
 * A login changes nothing, so it is resent like a read. The platform limits logins separately, so they need no pace.
 */
async function sendLogin(request: HttpRequest, wire: Wire): Promise<HttpResponse> {
  const { options } = wire;
  const outcome = await sendUntilFinal({
    isWrite: false,
    random: options.random,
    send: (resend) => sendCounted(request, wire, { resend }),
    wait: (delayMs, answered) => {
      sayWait(answered, "the login", options);
      return wait(options.clock, delayMs, options.interrupted);
    },
  });
  if (outcome instanceof ReconcileError) throw outcome;
  return outcome;
}

function makeRequest(
  apiUrl: string,
  asked: { readonly method: HttpRequest["method"]; readonly path: string; readonly body: unknown },
): HttpRequest {
  const { method, path, body } = asked;
  const url = urlOf({ url: apiUrl + path });
  // The token must go to no other address, so a path with `//elsewhere`, `@elsewhere` or `..` is refused.
  const isOurs = url.origin === apiUrl && !path.startsWith("//") && url.pathname + url.search === path;
  invariant(isOurs, "an API path starts with / and is sent as it is");
  const headers = { accept: "application/json" };
  if (body === undefined) return { method, url: url.href, headers };
  const json = { ...headers, "content-type": "application/json" };
  return { method, url: url.href, headers: json, body: JSON.stringify(body) };
}

async function requestJson(client: Client, request: HttpRequest): Promise<ApiAnswer> {
  const { options, pace, tokens } = client;
  const { pathname: path } = urlOf(request);
  const eventTest = findEventTest({ method: request.method, path }, options);
  const isWrite = request.method !== "GET" && eventTest === undefined;
  const guard = isWrite ? options.guard : undefined;
  let token = "";
  const sendOnce = (resend: boolean): Promise<AttemptOutcome> =>
    sendPaced(client, { resend, guard }, async () => {
      token = await tokens.get();
      return { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } };
    });
  const outcome = await sendUntilFinal({
    isWrite,
    random: options.random,
    send: (resend) => (guard ? sendConfirmed(() => sendOnce(resend), guard) : sendOnce(resend)),
    // A rate limit concerns all requests; any other failure concerns only this one.
    wait: async (delayMs, failed) => {
      sayWait(failed, shownRequest({ method: request.method, path }), options);
      if (hasStatus(failed, 429)) pace.hold(delayMs);
      else await wait(options.clock, delayMs, options.interrupted);
    },
    renewToken: async () => {
      await tokens.renew(token);
    },
  });
  const kind = options.kinds.all.find((one) => path.startsWith(one.path));
  const asked: Asked = {
    ...{ method: request.method, path, permissions: kind?.permissions ?? null },
    login: options.credentials.names,
    ...(eventTest === undefined ? {} : { eventTest }),
  };
  if (judge(outcome, isWrite) === "unknown") {
    throw makeUnknown(asked, outcome instanceof ReconcileError ? outcome : makeFailure(outcome, asked));
  }
  if (outcome instanceof ReconcileError) throw outcome;
  return parseAnswer(outcome, asked);
}

interface Attempt {
  readonly resend: boolean;
  readonly guard?: ConfirmedGuard | undefined;
}

/** The token is fetched last, because it could expire during a wait for the rate limit. */
async function sendPaced(
  client: Client,
  one: Attempt,
  authorise: () => Promise<HttpRequest>,
): Promise<AttemptOutcome> {
  await client.pace.beforeRequest();
  let answer: HttpResponse | null = null;
  try {
    const outcome = await sendCounted(await authorise(), client, one);
    if (!(outcome instanceof ReconcileError)) answer = outcome;
    return outcome;
  } finally {
    client.pace.afterResponse(answer);
    if (answer) client.time.see(answer);
  }
}

async function sendCounted(
  request: HttpRequest,
  wire: Wire,
  { resend, guard }: Attempt,
): Promise<AttemptOutcome> {
  const { options, counts } = wire;
  // `send` asks again once the connection is open; here it saves a connection to a write that may not start.
  if (guard && !guard.mayStart()) return makeUnsure(request);
  counts.requests += 1;
  if (resend) counts.retries += 1;
  const startedMs = options.clock.monotonic();
  const outcome = await options
    .send(request, guard)
    .then((response) => hideSecrets(response, secretsIn(request, wire.sent.credentials)), asOutcome);
  const failed = outcome instanceof ReconcileError;
  const { pathname, searchParams } = urlOf(request);
  options.onRequest?.({
    method: request.method,
    path: pathname,
    // The page number distinguishes the requests of a list.
    page: searchParams.get("pageNumber"),
    status: failed ? null : outcome.status,
    latencyMs: Math.round(options.clock.monotonic() - startedMs),
    correlationId: failed ? null : (correlationIdOf(outcome) ?? null),
    error: failed ? outcome.code : null,
  });
  return outcome;
}

function asOutcome(error: unknown): ReconcileError {
  if (error instanceof ReconcileError) return error;
  throw error;
}
