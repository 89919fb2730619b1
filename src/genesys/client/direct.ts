// Makes the agents of connections without a proxy. A request gets its connection only once that is open.
import { once } from "node:events";
import type { Agent as HttpAgent } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import { Socket } from "node:net";
import { invariant } from "../../model/errors.ts";

export interface DirectOptions {
  /** The limit for each of the name, the connection and the TLS handshake. */
  readonly connectTimeoutMs: number;
  /** A connection that is unused for this long is closed. */
  readonly idleMs: number;
}

/** The limit of the handshake is one for each of its messages, so the caller limits the whole request. */
export async function makeDirectAgents(
  options: DirectOptions,
): Promise<{ readonly http: HttpAgent; readonly https: HttpsAgent }> {
  const [http, https] = await Promise.all([import("node:http"), import("node:https")]);
  const keepAlive = { keepAlive: true, timeout: options.idleMs };
  return {
    http: openFirst(new http.Agent(keepAlive), "connect", options),
    https: openFirst(new https.Agent(keepAlive), "secureConnect", options),
  };
}

/**
 * Node gives a request its connection at once and keeps the bytes until the connection is open, so nothing could be asked
 * of the request between both.
 */
function openFirst<A extends HttpAgent>(
  agent: A,
  opened: "connect" | "secureConnect",
  options: DirectOptions,
): A {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (target, callback) => {
    const socket = connect(target);
    invariant(socket instanceof Socket && callback, "an agent connects by a socket, and takes it later");
    waitUntilOpen(socket, opened, options).then(
      () => {
        callback(null, socket);
      },
      (error: unknown) => {
        socket.destroy();
        callback(error as Error, socket);
      },
    );
    return undefined;
  };
  return agent;
}

async function waitUntilOpen(
  socket: Socket,
  opened: string,
  { connectTimeoutMs, idleMs }: DirectOptions,
): Promise<void> {
  const giveUp = (): void => {
    socket.destroy(Object.assign(new Error("the connection took too long"), { code: "ETIMEDOUT" }));
  };
  // Each step towards the open connection starts the socket's time anew.
  socket.setTimeout(connectTimeoutMs, giveUp);
  await once(socket, opened);
  socket.off("timeout", giveUp);
  socket.setTimeout(idleMs);
}
