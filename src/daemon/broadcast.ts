// One message to many listeners: made once, and to nobody more often than an eye can follow.
import type { Clock } from "../lib/clock.ts";

export interface Broadcast {
  /** What there is to say has changed; the listeners hear of it soon. */
  readonly changed: () => void;
  /** Returns what ends it. The listener is called with the newest message, at once and from then on. */
  readonly listen: (listener: (message: string) => void) => () => void;
}

const leastGapMs = 100;

export function makeBroadcast(makeMessage: () => string, clock: Clock): Broadcast {
  const listeners = new Set<(message: string) => void>();
  let toldMs = -Infinity;
  let isDue = false;
  const tell = (): void => {
    toldMs = clock.monotonic();
    if (listeners.size === 0) return;
    const message = makeMessage();
    for (const listener of listeners) listener(message);
  };
  return {
    changed: () => {
      if (isDue) return;
      const waitMs = toldMs + leastGapMs - clock.monotonic();
      if (waitMs <= 0) {
        tell();
        return;
      }
      isDue = true;
      void clock.sleep(waitMs).then(() => {
        isDue = false;
        tell();
      });
    },
    listen: (listener) => {
      listeners.add(listener);
      listener(makeMessage());
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
