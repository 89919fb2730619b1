// Opens a connection to the platform through a proxy. A request is sent only once the connection is open.
import { once } from "node:events";
import type { Agent } from "node:https";
import { certificateHint } from "../../lib/certificates.ts";
import { ReconcileError, systemErrorCode } from "../../model/errors.ts";
import type { Proxy } from "./proxy.ts";

export interface TunnelOptions {
  /** The limit for a whole tunnel: to the proxy, from there to the platform, and the TLS handshake. */
  readonly openTimeoutMs: number;
  /** A connection that is unused for this long is closed. */
  readonly idleMs: number;
}

/**
 * Makes an agent whose connections lead through `proxy`. If none can be opened for a request, the request fails with a
 * ReconcileError as its cause: `network/unreachable`, or `proxy/refused` if another attempt would change nothing.
 */
export async function makeTunnelAgent(proxy: Proxy, options: TunnelOptions): Promise<Agent> {
  const { HttpsProxyAgent } = await import("https-proxy-agent");
  const headers = (): Record<string, string> =>
    proxy.authorization === null ? {} : { "Proxy-Authorization": proxy.authorization };
  const agent = new HttpsProxyAgent(proxy.url, { keepAlive: true, headers });
  // The agent's constructor drops this option.
  Object.assign(agent.options, { timeout: options.idleMs });
  const open = agent.connect.bind(agent);
  const { connectOpts } = agent;
  agent.connect = async (request, target) => {
    const answer: { status: number | null } = { status: null };
    request.once("proxyConnect", ({ statusCode }: { readonly statusCode: number }) => {
      answer.status = statusCode;
    });
    const limit = AbortSignal.timeout(options.openTimeoutMs);
    const giveUp = new AbortController();
    const onLimit = (): void => {
      giveUp.abort();
    };
    limit.addEventListener("abort", onLimit);
    try {
      Object.assign(agent, { connectOpts: { ...connectOpts, signal: giveUp.signal } });
      const socket = await open(request, target);
      // The library would pass any other answer on as if it came from the platform.
      if (answer.status !== 200) throw new Error("the proxy refused");
      await once(socket, "secureConnect");
      return socket;
    } catch (error) {
      const reason = limit.aborted ? "ETIMEDOUT" : (systemErrorCode(error) ?? "the connection broke off");
      throw explain({ proxy, host: target.host ?? "", ...answer, reason, error });
    } finally {
      limit.removeEventListener("abort", onLimit);
    }
  };

  return agent;
}

interface TunnelFailure {
  readonly proxy: Proxy;
  readonly host: string;
  /** The status that the proxy answered; null if it did not answer. */
  readonly status: number | null;
  readonly reason: string;
  readonly error: unknown;
}

/** The library's message is not shown, because it repeats what the proxy sent. */
function explain({ proxy, host, status, reason, error }: TunnelFailure): ReconcileError {
  const where = `the proxy ${proxy.host}`;
  const without = "NO_PROXY lists the hosts that are reached without a proxy";
  if (status === null) {
    const hint = `check ${proxy.variable}; ${without}`;
    return new ReconcileError("network/unreachable", `could not connect to ${where} (${reason})`, {
      hint,
      cause: error,
    });
  }
  if (status === 200) {
    const hint = `${certificateHint("NODE_EXTRA_CA_CERTS")}; ${without}`;
    const message = `could not connect to ${host} through ${where} (${reason})`;
    return new ReconcileError("network/unreachable", message, { hint, cause: error });
  }
  if (status === 407) {
    const isGiven = proxy.authorization !== null;
    const message = isGiven ? "did not accept its user and password" : "asks for a user and a password";
    const hint = `write them into ${proxy.variable} as http://user:password@${proxy.host}, with %40 for an @ and %23 for a #`;
    return new ReconcileError("proxy/refused", `${where} ${message} (407)`, { hint });
  }
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
    const message = `${where} refuses to connect to ${host} (${status})`;
    const hint = `have the proxy allow ${host}, or check ${proxy.variable}; ${without}`;
    return new ReconcileError("proxy/refused", message, { hint });
  }
  const hint = `try again later, or check ${proxy.variable}; ${without}`;
  return new ReconcileError("network/unreachable", `${where} could not connect to ${host} (${status})`, {
    hint,
  });
}
