// Starts the daemon's HTTP server on an address.
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import type { Address, Fetch, Listening } from "../app/world.ts";
import { ReconcileError } from "../model/errors.ts";

/** A probe or a dashboard needs one or two connections, so this is enough for a thousand of them. */
const mostConnections = 2000;

/** Throws ReconcileError `http/cannotListen`. */
export async function listen(fetch: Fetch, { host, port }: Address): Promise<Listening> {
  const server = await new Promise<Server>((resolve, reject) => {
    const made = serve({ fetch, hostname: host, port }, () => {
      resolve(made as Server);
    });
    made.once("error", (cause: NodeJS.ErrnoException) => {
      const why = cause.code === "EADDRINUSE" ? "another program uses it" : cause.message;
      const message = `cannot listen on ${host}:${port}: ${why}`;
      const hint = "pass another address with --listen, such as --listen 127.0.0.1:0 for any free port";
      reject(new ReconcileError("http/cannotListen", message, { hint, cause }));
    });
  });
  server.maxConnections = mostConnections;
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
