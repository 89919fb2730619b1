// The real network: one HTTP request, sent once, with every wait and every size limited.
import { invariant, ReconcileError } from "../../model/errors.ts";
import type { HttpRequest, HttpResponse, Send } from "../../model/http.ts";
import { findProxy, type Variables } from "./proxy.ts";

/** For the name, the connection and the TLS handshake, each: who has not answered by then is not there. */
const connectTimeoutMs = 10_000;
/** From the request's last byte to the answer's first. */
const responseTimeoutMs = 30_000;
/** For all of it, so that a trickle of bytes ends, too. */
const requestTimeoutMs = 60_000;
/** A page of 100 webhooks has some 200 KB: this is far more, and fits in memory several times over. */
const maxResponseBytes = 8 * 1024 * 1024;
/** Below the minute after which load balancers drop idle connections: no write should meet a dead one. */
const idleSocketMs = 20_000;

export interface SendOptions {
  /** Where HTTPS_PROXY, ALL_PROXY and NO_PROXY are looked up, in either case. */
  readonly proxies?: Variables;
  /** Certificate authorities in PEM that are trusted instead of Node's. */
  readonly trusted?: string;
  readonly connectTimeoutMs?: number;
  readonly responseTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
  readonly maxResponseBytes?: number;
}

/**
 * Also throws ReconcileError `network/tooLarge` (the request has arrived, its answer is not read on) and, before
 * anything has left, `proxy/malformedUrl`, `proxy/notSupported`, `proxy/refused`.
 */
export function makeSend(options: SendOptions = {}): Send {
  const limits = { connectTimeoutMs, responseTimeoutMs, requestTimeoutMs, maxResponseBytes, ...options };
  let client: Promise<HttpClient> | undefined;
  const routes = new Map<string, Promise<Route>>();
  return async (request) => {
    client ??= loadClient();
    const loaded = await client;
    const { origin } = new URL(request.url);
    const route = routes.get(origin) ?? findRoute(origin, loaded, limits);
    routes.set(origin, route);
    return sendOnce({ ...loaded, ...(await route) }, request, limits);
  };
}

type Limits = SendOptions & Required<Omit<SendOptions, "proxies" | "trusted">>;
type HttpClient = Awaited<ReturnType<typeof loadClient>>;

/** How an origin is reached. */
interface Route {
  readonly agent: HttpClient["agent"];
  readonly isProxied: boolean;
}

/** Loaded with the first request: half of all commands send none, and all of them start with the import. */
async function loadClient() {
  const [{ got, RequestError, TimeoutError }, http, https] = await Promise.all([
    import("got"),
    import("node:http"),
    import("node:https"),
  ]);
  const keepAlive = { keepAlive: true, timeout: idleSocketMs };
  const agent = { http: new http.Agent(keepAlive), https: new https.Agent(keepAlive) };
  return { got, RequestError, TimeoutError, agent };
}

async function findRoute(origin: string, { agent }: HttpClient, limits: Limits): Promise<Route> {
  const proxy = await findProxy(origin, limits.proxies ?? {});
  if (proxy === null) return { agent, isProxied: false };
  const { makeTunnelAgent } = await import("./tunnel.ts");
  // The way to the proxy, and the way behind it.
  const openTimeoutMs = 2 * limits.connectTimeoutMs;
  const tunnel = await makeTunnelAgent(proxy, { openTimeoutMs, idleMs: idleSocketMs });
  return { agent: { ...agent, https: tunnel }, isProxied: true };
}

async function sendOnce(
  client: HttpClient & Route,
  request: HttpRequest,
  limits: Limits,
): Promise<HttpResponse> {
  const stream = client.got.stream(request.url, {
    method: request.method,
    headers: { "user-agent": "genesys-webhook-reconciler", ...request.headers },
    // A stream without a body would wait for somebody to write one.
    ...(request.method === "GET" ? {} : { body: request.body ?? "" }),
    agent: client.agent,
    ...(limits.trusted === undefined ? {} : { https: { certificateAuthority: limits.trusted } }),
    followRedirect: false,
    throwHttpErrors: false,
    retry: { limit: 0 },
    timeout: {
      lookup: limits.connectTimeoutMs,
      connect: limits.connectTimeoutMs,
      secureConnect: limits.connectTimeoutMs,
      response: limits.responseTimeoutMs,
      request: limits.requestTimeoutMs,
    },
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
    throw error instanceof client.RequestError ? makeNetworkError(error, request, client) : error;
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
  request: HttpRequest,
  { TimeoutError, isProxied }: HttpClient & Route,
): ReconcileError {
  const { host, protocol, pathname } = new URL(request.url);
  // got's own error holds the headers, and with them the token: only what it was made from goes on.
  const { cause } = error;
  const asked = `${request.method} ${pathname}`;
  if (cause instanceof ReconcileError) return withRequest(cause, asked);
  const { connect, secureConnect, upload } = error.timings ?? {};
  const connectedAt = protocol === "https:" ? secureConnect : connect;
  // Any sign that bytes may have left counts: a write taken for one that never left would be sent twice.
  // Through a proxy the timings do not tell, and what failed before it left has said so itself.
  const hasLeft =
    isProxied || error.request?.reusedSocket === true || (connectedAt ?? upload) !== undefined;
  if (!hasLeft) {
    const message = `could not connect to ${host} (${error.code})`;
    const hint =
      "check GENESYS_ENVIRONMENT, or GENESYS_API_URL and GENESYS_TOKEN_URL where they are set, " +
      "and the network; behind a proxy, HTTPS_PROXY";
    return new ReconcileError("network/unreachable", message, { request: asked, hint, cause });
  }
  const hint = "check the network and, behind a proxy, HTTPS_PROXY; or try again later";
  if (error instanceof TimeoutError) {
    const message = `no whole answer from ${host} in time`;
    return new ReconcileError("network/timeout", message, { request: asked, hint, cause });
  }
  const message = `the connection to ${host} broke off (${error.code})`;
  return new ReconcileError("network/reset", message, { request: asked, hint, cause });
}

/** Of what has failed before it knew which request it was for. */
function withRequest({ code, problem, hint, cause }: ReconcileError, request: string): ReconcileError {
  return new ReconcileError(code, problem, { request, ...(hint === null ? {} : { hint }), cause });
}

function makeTooLarge(request: HttpRequest, { maxResponseBytes: limit }: Limits): ReconcileError {
  const { host, pathname } = new URL(request.url);
  const message = `the answer of ${host} is larger than ${limit} bytes`;
  return new ReconcileError("network/tooLarge", message, { request: `${request.method} ${pathname}` });
}
