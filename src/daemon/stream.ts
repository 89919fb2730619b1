// Serves the daemon's view as server-sent events, as it changes.
import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import type { Clock } from "../lib/clock.ts";
import type { Broadcast } from "./broadcast.ts";

/** How often a sign of life is sent: a page or a proxy treats a silent stream as dead. */
const pulseMs = 15_000;
/** Each stream holds a socket. */
const mostStreams = 1000;

/** nginx and others collect an answer before they hand it on, unless it says this. */
export const unbuffered = ["x-accel-buffering", "no"] as const;

export interface StreamOptions {
  readonly broadcast: Broadcast;
  readonly clock: Pick<Clock, "repeat">;
  /** Ends all streams when it fires. */
  readonly stopped: AbortSignal;
}

/** The function that it returns answers a GET with a stream; or returns null if there are too many already. */
export function makeStreams({ broadcast, clock, stopped }: StreamOptions): (c: Context) => Response | null {
  // For each open stream, the function that ends it.
  const streams = new Set<() => void>();
  stopped.addEventListener("abort", () => {
    for (const close of streams) close();
  });
  return (c) => {
    if (streams.size >= mostStreams) return null;
    c.header(...unbuffered);
    return streamSSE(c, async (sse) => {
      const inbox = makeInbox();
      sse.onAbort(inbox.close);
      streams.add(inbox.close);
      const end = broadcast.listen(inbox.put);
      const endPulse = clock.repeat(pulseMs, () => {
        inbox.put(null);
      });
      try {
        for (let mail = await inbox.take(); mail !== "closed"; mail = await inbox.take()) {
          if (mail.message === null) await sse.write(": still here\n\n");
          else await sse.writeSSE({ event: "view", data: mail.message });
        }
      } finally {
        endPulse();
        end();
        streams.delete(inbox.close);
      }
    });
  };
}

interface Mail {
  /** Null for a sign of life. */
  readonly message: string | null;
}

/** Holds only the newest message, so that a slow reader skips those in between. */
function makeInbox(): {
  readonly put: (message: string | null) => void;
  readonly take: () => Promise<Mail | "closed">;
  readonly close: () => void;
} {
  let mail: Mail | "closed" | null = null;
  let wake = (): void => undefined;
  const hand = (next: Mail | "closed"): void => {
    mail = next;
    wake();
  };
  return {
    put: (message) => {
      if (mail !== "closed" && (message !== null || mail === null)) hand({ message });
    },
    close: () => {
      hand("closed");
    },
    take: async () => {
      if (mail === null)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      const taken = mail ?? "closed";
      if (taken !== "closed") mail = null;
      return taken;
    },
  };
}
