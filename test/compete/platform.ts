// A Genesys Cloud on loopback with a port for each machine, so that each write is known to be of one of them.
import { createServer, type IncomingMessage } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { systemClock } from "../../src/lib/clock.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { handle } from "../../src/sandbox/handle.ts";
import { makeState, type SandboxState } from "../../src/sandbox/state.ts";
import type { TestKind } from "../support/kinds.ts";

export interface Platform {
  readonly state: SandboxState;
  /** The address for the machine of this index. */
  readonly urls: readonly string[];
  /** By machine, the ids of the resources of which the platform carried out a write. */
  readonly carriedOut: readonly Set<string>[];
  /** How many requests of this machine have arrived. */
  requestsOf(machine: number): number;
  /** Called after each write that the platform carried out. */
  onWrite: () => void;
  close(): Promise<void>;
}

/** A request takes so long to arrive, and an answer to come back, at most. */
export const mostDelayMs = 40;

export async function startPlatform(kind: TestKind, machines: number): Promise<Platform> {
  const state = makeState();
  const requests = new Array<number>(machines).fill(0);
  const carriedOut = requests.map(() => new Set<string>());
  const delay = (): Promise<void> => systemClock.sleep(Math.random() * mostDelayMs);
  const serverOf = (machine: number) =>
    createServer((incoming, outgoing) => {
      void (async () => {
        requests[machine] = (requests[machine] ?? 0) + 1;
        const body = await readAll(incoming);
        await delay();
        const { method = "", url = "" } = incoming;
        const before = new Set(kind.stored(state).map(({ id }) => id));
        const headers = Object.fromEntries(
          Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
        );
        const { response, changed } = handle(
          state,
          { method, url, headers, body },
          { nowMs: systemClock.now(), random: systemRandom, quirks: { takesAnyTopic: true } },
        );
        if (changed && url.startsWith(kind.path)) {
          const made = kind.stored(state).find(({ id }) => !before.has(id))?.id;
          carriedOut[machine]?.add(made ?? url.slice(kind.path.length + 1).split("/")[0] ?? "");
          platform.onWrite();
        }
        await delay();
        outgoing.writeHead(response.status, { ...response.headers });
        outgoing.end(response.body);
      })().catch(() => outgoing.destroy());
    });
  const servers = requests.map((_, machine) => serverOf(machine).listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const platform: Platform = {
    state,
    urls: servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    carriedOut,
    requestsOf: (machine) => requests[machine] ?? 0,
    onWrite: () => undefined,
    close: async () => {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
  return platform;
}

async function readAll(incoming: IncomingMessage): Promise<string> {
  const chunks = (await incoming.toArray()) as Buffer[];
  return Buffer.concat(chunks).toString("utf8");
}
