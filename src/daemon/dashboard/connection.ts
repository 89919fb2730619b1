// Keeps a connection to the daemon open: listens to its stream, notices when it falls silent, and then tries again.
import type { Clock } from "../../lib/clock.ts";
import type { DaemonView } from "../view.ts";
import { TokenRefused, request } from "./request.ts";
import { readEvents } from "./events.ts";

export type ConnectionState =
  | { readonly kind: "opening" }
  | { readonly kind: "live" }
  /** `sinceMs` and `nextTryMs` are times of the browser's clock. */
  | { readonly kind: "silent"; readonly sinceMs: number; readonly nextTryMs: number }
  /** `message`: empty before a token has been tried. */
  | { readonly kind: "locked"; readonly message: string };

export interface ConnectionPorts {
  readonly clock: Clock;
  readonly onState: (link: ConnectionState) => void;
  readonly onView: (view: DaemonView) => void;
  /** `ahead`: by how many ms the daemon's clock is ahead of the browser's. */
  readonly onClock: (ahead: number) => void;
}

/** The daemon gives a sign of life every 15 s. */
const deadMs = 40_000;
const lookMs = 5_000;
const firstWaitMs = 1_000;
const longestWaitMs = 15_000;
/** A smaller difference of the clocks is ignored: a Date header has whole seconds, and the network delays it. */
const tellableMs = 2_000;

export interface Connection {
  /** Ends the wait before the next try. */
  readonly retryNow: () => void;
}

export function openConnection(ports: ConnectionPorts): Connection {
  const { clock, onState } = ports;
  let waiting = new AbortController();
  let heardMs = clock.now();
  const sleep = async (delayMs: number): Promise<void> => {
    waiting = new AbortController();
    // The sleep rejects only when it is ended early.
    await clock.sleep(delayMs, waiting.signal).catch(() => undefined);
  };
  const keepOpen = async (): Promise<never> => {
    for (let failures = 1; ; failures += 1) {
      try {
        await listen(ports, () => {
          heardMs = clock.now();
          failures = 0;
        });
      } catch (error) {
        if (error instanceof TokenRefused) {
          onState({ kind: "locked", message: error.message });
          await sleep(2 ** 31 - 1);
          continue;
        }
      }
      const waitMs = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.max(0, failures - 1));
      onState({ kind: "silent", sinceMs: heardMs, nextTryMs: clock.now() + waitMs });
      await sleep(waitMs);
    }
  };
  void keepOpen();
  return {
    retryNow: () => {
      waiting.abort();
    },
  };
}

/** Resolves when the daemon ends the stream; rejects when it falls silent. */
async function listen(
  { clock, onState, onView, onClock }: ConnectionPorts,
  onLife: () => void,
): Promise<void> {
  const silence = new AbortController();
  let heardMs = clock.now();
  const endWatch = clock.repeat(lookMs, () => {
    if (clock.now() - heardMs > deadMs) silence.abort();
  });
  try {
    const response = await request("events", { signal: silence.signal });
    const ahead = Date.parse(response.headers.get("date") ?? "") - clock.now();
    onClock(Math.abs(ahead) > tellableMs ? ahead : 0);
    if (!response.body) return;
    onState({ kind: "live" });
    for await (const event of readEvents(response.body)) {
      heardMs = clock.now();
      onLife();
      if (event?.event === "view") onView(JSON.parse(event.data) as DaemonView);
    }
  } finally {
    endWatch();
  }
}
