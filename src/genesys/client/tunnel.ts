// A connection to the platform through a proxy. Until it stands nothing of a request has left, whatever goes wrong.
import { once } from "node:events";
import type { Agent } from "node:https";
import { ReconcileError, systemErrorCode } from "../../model/errors.ts";
import type { Proxy } from "./proxy.ts";

export interface TunnelOptions {
  /** For a tunnel as a whole: to the proxy, from there to the platform, and the TLS handshake. */
  readonly openTimeoutMs: number;
  /** After which an unused connection is closed. */
  readonly idleMs: number;
}

/**
 * An agent whose connections lead through `proxy`. A request for which none can be opened fails with a ReconcileError
 * as its cause: `network/unreachable`, or `proxy/refused` where trying again would change nothing.
 */
export async function makeTunnelAgent(proxy: Proxy, options: TunnelOptions): Promise<Agent> {
  const { HttpsProxyAgent } = await import("https-proxy-agent");
  const headers = (): Record<string, string> =>
    proxy.authorization === null ? {} : { "Proxy-Authorization": proxy.authorization };
  const agent = new HttpsProxyAgent(proxy.url, { keepAlive: true, headers });
  // Its constructor drops this one.
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
      // Any other answer than this one the library would pass on as the platform's.
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
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- it is what got asks of an agent
  return agent;
}

interface Failed {
  readonly proxy: Proxy;
  readonly host: string;
  /** The proxy's answer; null where none came. */
  readonly status: number | null;
  readonly reason: string;
  readonly error: unknown;
}

/** The library's own words are not used: it repeats what the proxy sent. */
function explain({ proxy, host, status, reason, error }: Failed): ReconcileError {
  const where = `the proxy ${proxy.host}`;
  const without = "NO_PROXY lists the hosts that are reached without one";
  if (status === null) {
    const hint = `check ${proxy.variable}; ${without}`;
    return new ReconcileError("network/unreachable", `could not connect to ${where} (${reason})`, {
      hint,
      cause: error,
    });
  }
  if (status === 200) {
    const hint =
      "where the proxy opens TLS, name its certificate authority's file in NODE_EXTRA_CA_CERTS; " + without;
    const message = `could not connect to ${host} through ${where} (${reason})`;
    return new ReconcileError("network/unreachable", message, { hint, cause: error });
  }
  if (status === 407) {
    const isGiven = proxy.authorization !== null;
    const message = isGiven ? "did not accept its user and password" : "asks for a user and a password";
    const hint = `write them into ${proxy.variable} as http://user:password@${proxy.host}, with %40 for an @`;
    return new ReconcileError("proxy/refused", `${where} ${message} (407)`, { hint });
  }
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
    const message = `${where} does not connect to ${host} (${status})`;
    const hint = `have ${host} allowed there, or check ${proxy.variable}; ${without}`;
    return new ReconcileError("proxy/refused", message, { hint });
  }
  const hint = `try again later, or check ${proxy.variable}; ${without}`;
  return new ReconcileError("network/unreachable", `${where} could not connect to ${host} (${status})`, {
    hint,
  });
}
