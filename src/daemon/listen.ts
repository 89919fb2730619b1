// Starts the daemon's HTTP server on an address, with limits to what clients can do with their connections.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Address, Fetch, Listening } from "../app/world.ts";
import { ReconcileError } from "../model/errors.ts";
import { answerInTurn, limitConnections } from "./connections.ts";

export interface ConnectionLimits {
  /** Within this time a request must be complete, from its first byte or from the start of its connection. */
  readonly headersMs: number;
  /** How often that is checked. */
  readonly checkMs: number;
  /** How long a connection is kept for the client's next request. */
  readonly idleMs: number;
  /** A connection on which nothing moves for so long is closed, although an answer is under way: the client does not read. */
  readonly silentMs: number;
  /** The number of connections. */
  readonly most: number;
}

const limits: ConnectionLimits = {
  headersMs: 10_000,
  checkMs: 1_000,
  idleMs: 5_000,
  // A stream gets a sign of life every 15 s.
  silentMs: 30_000,
  // A probe or a dashboard needs one or two, so this is enough for a thousand of them.
  most: 2000,
};

/** Throws ReconcileError `http/cannotListen`. */
export async function listen(
  fetch: Fetch,
  { host, port }: Address,
  { headersMs, checkMs, idleMs, silentMs, most }: ConnectionLimits = limits,
): Promise<Listening> {
  const answer = getRequestListener(fetch, { hostname: host });
  const server = createServer(
    {
      headersTimeout: headersMs,
      requestTimeout: headersMs,
      connectionsCheckingInterval: checkMs,
      keepAliveTimeout: idleMs,
    },
    answerInTurn((request, response) => void answer(request, response)),
  );
  server.timeout = silentMs;
  limitConnections(server, most);
  await start(server, { host, port });
  const taken = (server.address() as AddressInfo).port;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${taken}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function start(server: Server, { host, port }: Address): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const why = cause.code === "EADDRINUSE" ? "another program uses it" : cause.message;
      const message = `cannot listen on ${host}:${port}: ${why}`;
      const hint = "pass another address with --listen, such as --listen 127.0.0.1:0 for any free port";
      reject(new ReconcileError("http/cannotListen", message, { hint, cause }));
    });
    server.listen(port, host, resolve);
  });
}
