// Sends one HTTP request over the real network, once, with limits on every wait and size.
import type { ClientRequest } from "node:http";
import { systemClock } from "../../lib/clock.ts";
import { certificateHint, isUntrusted } from "../../lib/certificates.ts";
import { invariant, ReconcileError } from "../../model/errors.ts";
import {
  makeUnsure,
  urlOf,
  type HttpRequest,
  type HttpResponse,
  type Send,
  type WriteGuard,
} from "../../model/http.ts";
import { makeDirectAgents } from "./direct.ts";
import { findProxy, type Variables } from "./proxy.ts";

/** The limit for each of the name, the connection and the TLS handshake. */
const connectTimeoutMs = 10_000;
/** The limit from the request's last byte to the answer's first. */
const responseTimeoutMs = 30_000;
/** The limit for the whole request, so that an answer that trickles in ends, too. */
const requestTimeoutMs = 60_000;
/** Far more than a page of 100 webhooks, some 200 KB, and little enough for memory. */
const maxResponseBytes = 8 * 1024 * 1024;
/** Load balancers drop idle connections after a minute; closing ours earlier keeps a write from using a dead one. */
const idleSocketMs = 20_000;

export interface SendOptions {
  /** The variables with HTTPS_PROXY, ALL_PROXY and NO_PROXY, in upper or lower case. */
  readonly proxies?: Variables;
  /** Certificate authorities in PEM that are trusted instead of Node's. */
  readonly trusted?: string;
  readonly connectTimeoutMs?: number;
  readonly responseTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
  readonly maxResponseBytes?: number;
}

/**
 * The function also throws ReconcileError `network/tooLarge` (the request has arrived, but the answer is too large), and
 * `proxy/malformedUrl`, `proxy/notSupported`, `proxy/refused` (nothing has been sent).
 */
export function makeSend(options: SendOptions = {}): Send {
  const limits = { connectTimeoutMs, responseTimeoutMs, requestTimeoutMs, maxResponseBytes, ...options };
  let client: Promise<HttpClient> | undefined;
  const routes = new Map<string, Promise<NetworkRoute>>();
  return async (request, guard) => {
    client ??= loadClient(limits);
    const loaded = await client;
    const { origin } = urlOf(request);
    const route = routes.get(origin) ?? findRoute(origin, loaded, limits);
    routes.set(origin, route);
    return sendOnce({ ...loaded, ...(await route) }, { request, guard }, limits);
  };
}

type SendLimits = SendOptions & Required<Omit<SendOptions, "proxies" | "trusted">>;
type HttpClient = Awaited<ReturnType<typeof loadClient>>;

/** The connections to an origin, direct or through a proxy. */
type NetworkRoute = Pick<HttpClient, "agent">;

interface Sending {
  readonly request: HttpRequest;
  readonly guard: WriteGuard | undefined;
}

/** Loads the library with the first request, because half of all commands send none and should start fast. */
async function loadClient({ connectTimeoutMs }: SendLimits) {
  const [{ got, RequestError, TimeoutError }, agent] = await Promise.all([
    import("got"),
    makeDirectAgents({ connectTimeoutMs, idleMs: idleSocketMs }),
  ]);
  return { got, RequestError, TimeoutError, agent };
}

async function findRoute(origin: string, { agent }: HttpClient, limits: SendLimits): Promise<NetworkRoute> {
  const proxy = findProxy(origin, limits.proxies ?? {});
  if (proxy === null) return { agent };
  const { makeTunnelAgent } = await import("./tunnel.ts");
  // One timeout for the connection to the proxy, and one for that from the proxy to the platform.
  const openTimeoutMs = 2 * limits.connectTimeoutMs;
  const tunnel = await makeTunnelAgent(proxy, { openTimeoutMs, idleMs: idleSocketMs });
  return { agent: { ...agent, https: tunnel } };
}

async function sendOnce(
  client: HttpClient,
  { request, guard }: Sending,
  limits: SendLimits,
): Promise<HttpResponse> {
  const late = new AbortController();
  const stream = client.got.stream(request.url, {
    method: request.method,
    headers: { "user-agent": "genesys-webhook-reconciler", ...request.headers },
    // Without a body, the stream would wait for one to be written.
    ...(request.method === "GET" ? {} : { body: request.body ?? "" }),
    agent: client.agent,
    ...(limits.trusted === undefined ? {} : { https: { certificateAuthority: limits.trusted } }),
    followRedirect: false,
    throwHttpErrors: false,
    retry: { limit: 0 },
    timeout: { response: limits.responseTimeoutMs },
    // got's own limit for the whole request would wait for a connection that is being opened.
    signal: late.signal,
  });
  // A signal of AbortSignal.timeout would keep the request, some 14 KB, in memory until its time is up.
  const cancel = systemClock.repeat(Math.min(limits.requestTimeoutMs, guard?.writeMs ?? Infinity), () => {
    late.abort(new DOMException("the request took too long", "TimeoutError"));
  });
  let hasLeft = false;
  stream.once("request", (sending: ClientRequest) => {
    // An agent gives its connection once that is open, and Node writes the waiting request right after this event.
    sending.once("socket", () => {
      if (guard && !guard.mayStart()) sending.destroy(makeUnsure(request));
      else hasLeft = true;
    });
  });
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      sizeBytes += chunk.length;
      // Leaving the loop destroys the stream and its connection.
      if (sizeBytes > limits.maxResponseBytes) throw makeTooLarge(request, limits);
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof client.RequestError
      ? makeNetworkError(error, { request, hasLeft }, client)
      : error;
  } finally {
    cancel();
  }
  const { response } = stream;
  invariant(response, "a body that has been read belongs to a response");
  const body = Buffer.concat(chunks).toString("utf8");
  return { status: response.statusCode, headers: flatten(response.headers), body };
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value] as const],
  );
  return Object.fromEntries(entries);
}

function makeNetworkError(
  error: InstanceType<HttpClient["RequestError"]>,
  { request, hasLeft }: Pick<Sending, "request"> & { readonly hasLeft: boolean },
  { TimeoutError }: HttpClient,
): ReconcileError {
  const { host, pathname } = urlOf(request);
  // got's error holds the headers and so the token; only its cause is passed on.
  const { cause } = error;
  const asked = `${request.method} ${pathname}`;
  if (cause instanceof ReconcileError) return withRequest(cause, asked);
  if (!hasLeft) {
    const code = error instanceof TimeoutError ? "ETIMEDOUT" : error.code;
    const message = `could not connect to ${host} (${code})`;
    const ways =
      "check the network, and GENESYS_ENVIRONMENT (or GENESYS_API_URL and GENESYS_TOKEN_URL if they are set); " +
      "behind a proxy, check HTTPS_PROXY";
    const hint = isUntrusted(code) ? certificateHint("NODE_EXTRA_CA_CERTS") : ways;
    return new ReconcileError("network/unreachable", message, { request: asked, hint, cause });
  }
  const hint = "check the network and, behind a proxy, HTTPS_PROXY; or try again later";
  if (error instanceof TimeoutError) {
    const message = `no complete answer from ${host} in time`;
    return new ReconcileError("network/timeout", message, { request: asked, hint, cause });
  }
  const message = `the connection to ${host} broke off (${error.code})`;
  return new ReconcileError("network/reset", message, { request: asked, hint, cause });
}

/** Adds the request to a failure that came before any request was known. */
function withRequest({ code, problem, hint, cause }: ReconcileError, request: string): ReconcileError {
  return new ReconcileError(code, problem, { request, ...(hint === null ? {} : { hint }), cause });
}

function makeTooLarge(request: HttpRequest, { maxResponseBytes: limit }: SendLimits): ReconcileError {
  const { host, pathname } = urlOf(request);
  const message = `the answer of ${host} is larger than ${limit} bytes`;
  return new ReconcileError("network/tooLarge", message, { request: `${request.method} ${pathname}` });
}
