// The line to the daemon: it is listened to, missed when it falls silent, and looked for until it is back.
import type { Clock } from "../../lib/clock.ts";
import type { DaemonView } from "../view.ts";
import { Locked, request } from "./door.ts";
import { readEvents } from "./events.ts";

export type Link =
  | { readonly kind: "opening" }
  | { readonly kind: "live" }
  /** `sinceMs`, `nextTryMs`: by the browser's clock. */
  | { readonly kind: "silent"; readonly sinceMs: number; readonly nextTryMs: number }
  /** `message`: empty before a token was tried. */
  | { readonly kind: "locked"; readonly message: string };

export interface LinkPorts {
  readonly clock: Clock;
  readonly onLink: (link: Link) => void;
  readonly onView: (view: DaemonView) => void;
  /** `ahead`: ms that the daemon's clock is ahead of the browser's. */
  readonly onClock: (ahead: number) => void;
}

/** The daemon gives a sign of life every 15 s. */
const deadMs = 40_000;
const lookMs = 5_000;
const firstWaitMs = 1_000;
const longestWaitMs = 15_000;
/** A Date header has whole seconds, and a network takes its time. */
const tellableMs = 2_000;

export interface Line {
  /** Whoever waits to try again does it now. */
  readonly nudge: () => void;
}

export function openLine(ports: LinkPorts): Line {
  const { clock, onLink } = ports;
  let waiting = new AbortController();
  let heardMs = clock.now();
  const sleep = async (delayMs: number): Promise<void> => {
    waiting = new AbortController();
    // To be woken is the one reason to reject.
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
        if (error instanceof Locked) {
          onLink({ kind: "locked", message: error.message });
          await sleep(2 ** 31 - 1);
          continue;
        }
      }
      const waitMs = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.max(0, failures - 1));
      onLink({ kind: "silent", sinceMs: heardMs, nextTryMs: clock.now() + waitMs });
      await sleep(waitMs);
    }
  };
  void keepOpen();
  return {
    nudge: () => {
      waiting.abort();
    },
  };
}

/** Resolves when the daemon ends the stream; rejects when it falls silent. */
async function listen({ clock, onLink, onView, onClock }: LinkPorts, onLife: () => void): Promise<void> {
  const silence = new AbortController();
  let heardMs = clock.now();
  const endWatch = clock.repeat(lookMs, () => {
    if (clock.now() - heardMs > deadMs) silence.abort();
  });
  try {
    const response = await request("/events", { signal: silence.signal });
    const ahead = Date.parse(response.headers.get("date") ?? "") - clock.now();
    onClock(Math.abs(ahead) > tellableMs ? ahead : 0);
    if (!response.body) return;
    onLink({ kind: "live" });
    for await (const event of readEvents(response.body)) {
      heardMs = clock.now();
      onLife();
      if (event?.event === "view") onView(JSON.parse(event.data) as DaemonView);
    }
  } finally {
    endWatch();
  }
}
