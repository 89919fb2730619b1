// Fetches the access token once for all callers, keeps it while it is valid, and renews it in time.
import type { Clock } from "../../lib/clock.ts";
import { ReconcileError } from "../../model/errors.ts";
import type { HttpResponse, Send } from "../../model/http.ts";
import { correlationIdOf, plainLoginNames, type LoginNames } from "./failure.ts";
import { parseJsonObject } from "./json.ts";
import { isRateLimit } from "./rate-limit.ts";
import { hintForRetryAfter, sayRetryAfter } from "./retry-after.ts";

/** A token is not used in this last part of its life, so that it does not expire on its way to the platform. */
const refreshMarginMs = 60_000;

export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Signs that they arrived damaged, for the hint of a refused login. */
  readonly doubts?: readonly string[];
  /** The variables that give them; absent for `GENESYS_CLIENT_ID` and `GENESYS_CLIENT_SECRET`. */
  readonly names?: LoginNames;
}

/**
 * Both functions throw ReconcileError: `auth/…` if the login refuses or its answer is unusable, or what `send`
 * throws.
 */
export interface TokenSource {
  /** A token that stays valid for a while. */
  get(): Promise<string>;
  /** A token other than the `rejected` one, which the platform refused. */
  renew(rejected: string): Promise<string>;
}

/** Keeps the last token for callers that make several sources, one after another. */
export interface TokenMemory {
  known: { readonly token: Token; readonly tokenUrl: string; readonly credentials: Credentials } | null;
}

export function makeTokenSource(options: {
  readonly send: Send;
  readonly clock: Clock;
  readonly tokenUrl: string;
  readonly credentials: Credentials;
  /** Reads the credentials again, before each login and after one that was refused. */
  readonly readCredentials?: (() => Promise<Credentials>) | undefined;
  readonly memory?: TokenMemory | undefined;
}): TokenSource {
  const { tokenUrl, memory } = options;
  let token = recall(options);
  let underWay: Promise<Issued> | null = null;

  const fetchToken = async (): Promise<string> => {
    underWay ??= requestToken(options).finally(() => {
      underWay = null;
    });
    const issued = await underWay;
    const { credentials } = issued;
    token = issued.token;
    if (memory) memory.known = { token, tokenUrl, credentials };
    return token.text;
  };

  return {
    get: () =>
      token && options.clock.monotonic() < token.goodUntilMs ? Promise.resolve(token.text) : fetchToken(),
    renew: (rejected) => (token && token.text !== rejected ? Promise.resolve(token.text) : fetchToken()),
  };
}

/** The kept token; null if it is from another login address or for other credentials. */
function recall({ memory, tokenUrl, credentials }: Parameters<typeof makeTokenSource>[0]): Token | null {
  const known = memory?.known;
  return known?.tokenUrl === tokenUrl && isSame(known.credentials, credentials) ? known.token : null;
}

interface Token {
  readonly text: string;
  /** A time of the monotonic clock. */
  readonly goodUntilMs: number;
}

interface Issued {
  readonly token: Token;
  readonly credentials: Credentials;
}

/** A refused login is repeated once, if the credentials have become others since they were read. */
async function requestToken(options: Parameters<typeof makeTokenSource>[0]): Promise<Issued> {
  const read = options.readCredentials ?? (() => Promise.resolve(options.credentials));
  const first = await read();
  let answer = await login(first, options);
  let credentials = first;
  if (isRefusal(answer.response)) {
    credentials = await read();
    if (!isSame(first, credentials)) answer = await login(credentials, options);
  }
  return { token: readToken(answer, credentials, options.tokenUrl), credentials };
}

function isRefusal(response: HttpResponse): boolean {
  return [400, 401, 403].includes(response.status) && !isRateLimit(response);
}

function isSame(one: Credentials, other: Credentials): boolean {
  return one.clientId === other.clientId && one.clientSecret === other.clientSecret;
}

interface LoginAnswer {
  readonly response: HttpResponse;
  readonly askedAtMs: number;
}

async function login(
  credentials: Credentials,
  { send, clock, tokenUrl }: Parameters<typeof makeTokenSource>[0],
): Promise<LoginAnswer> {
  // The life counts from before the request, because the server's count begins before its answer arrives.
  const askedAtMs = clock.monotonic();
  const response = await send({
    method: "POST",
    url: tokenUrl,
    headers: {
      accept: "application/json",
      authorization: `Basic ${basicCredentials(credentials)}`,
      "content-type": "application/x-www-form-urlencoded",
    },
    body: "grant_type=client_credentials",
  });
  return { response, askedAtMs };
}

function readToken(
  { response, askedAtMs }: LoginAnswer,
  credentials: Credentials,
  tokenUrl: string,
): Token {
  const about = { tokenUrl, ...credentials };
  if (response.status !== 200) throw makeLoginFailure(response, tokenUrl, credentials);
  const { access_token: text, expires_in: lifeSeconds } = parseJsonObject(response.body) ?? {};
  if (!isToken(text)) throw makeMalformed("access_token, the token as text", response, about);
  if (!isLife(lifeSeconds)) throw makeMalformed("expires_in, a number of seconds", response, about);
  const lifeMs = lifeSeconds * 1000;
  return { text, goodUntilMs: askedAtMs + lifeMs - Math.min(refreshMarginMs, lifeMs / 2) };
}

/** The credentials as they are sent, without `Basic`. */
export function basicCredentials({ clientId, clientSecret }: Credentials): string {
  return Buffer.from(`${clientId}:${clientSecret}`, "utf8").toString("base64");
}

/** True if the text fits into a header; servers accept 8 KiB of headers in all. */
function isToken(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]{1,7000}$/.test(value);
}

function isLife(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}

function sayCheck({ doubts = [], names = plainLoginNames }: Credentials): string {
  const check = `check ${names.join(" and ")}: an OAuth client with client credentials, of the region in GENESYS_ENVIRONMENT`;
  return [...doubts, check].join("; ");
}

/** The server's message may repeat the secret, so we show only an error code of RFC 6749. */
const knownErrors: readonly unknown[] = [
  "invalid_request",
  "invalid_client",
  "invalid_grant",
  "unauthorized_client",
  "unsupported_grant_type",
  "invalid_scope",
];

function makeLoginFailure(
  response: HttpResponse,
  tokenUrl: string,
  credentials: Credentials,
): ReconcileError {
  const { status } = response;
  const error = parseJsonObject(response.body)?.["error"];
  const statusAndCode = `${status}${typeof error === "string" && knownErrors.includes(error) ? ` ${error}` : ""}`;
  const login = `the login at ${new URL(tokenUrl).host}`;
  const more = { correlationId: correlationIdOf(response) };
  if (isRateLimit(response)) {
    const hint =
      hintForRetryAfter(response) ?? "wait a minute; a token stays valid for hours, so log in less often";
    const message = `${login} receives too many requests (${statusAndCode})${sayRetryAfter(response)}`;
    return new ReconcileError("auth/rateLimited", message, { ...more, hint });
  }
  if (status === 408 || status >= 500) {
    const hint = hintForRetryAfter(response) ?? "try again later; status.mypurecloud.com shows outages";
    const message = `${login} is not available (${statusAndCode})${sayRetryAfter(response)}`;
    return new ReconcileError("auth/unavailable", message, { ...more, hint });
  }
  if (status < 400) {
    const hint = "check GENESYS_ENVIRONMENT and GENESYS_TOKEN_URL";
    return new ReconcileError("auth/malformed", `${login} answered ${statusAndCode}, not a token`, {
      ...more,
      hint,
    });
  }
  if (status === 400) {
    return new ReconcileError("auth/rejected", `${login} refused the request (${statusAndCode})`, {
      ...more,
      hint: sayCheck(credentials),
    });
  }
  const message = `${login} did not accept ${(credentials.names ?? plainLoginNames).join(" and ")} (${statusAndCode})`;
  return new ReconcileError("auth/invalidClient", message, {
    ...more,
    hint: sayCheck(credentials),
  });
}

function makeMalformed(
  expected: string,
  response: HttpResponse,
  { tokenUrl, names = plainLoginNames }: { readonly tokenUrl: string } & Pick<Credentials, "names">,
): ReconcileError {
  const message = `the login at ${new URL(tokenUrl).host} answered without ${expected}`;
  const hint = `check GENESYS_ENVIRONMENT and GENESYS_TOKEN_URL, to which ${names.join(" and ")} were sent`;
  return new ReconcileError("auth/malformed", message, { hint, correlationId: correlationIdOf(response) });
}
