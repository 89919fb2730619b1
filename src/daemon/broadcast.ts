// Sends one message to many listeners: it is made once for all of them, and at most ten times a second.
import type { Clock } from "../lib/clock.ts";

export interface Broadcast {
  /** Call this when the message has changed; the listeners get it at once or shortly after. */
  readonly changed: () => void;
  /** Calls the listener with the present message, and then with each new one. Returns a function that ends this. */
  readonly listen: (listener: (message: string) => void) => () => void;
}

const leastGapMs = 100;

export function makeBroadcast(makeMessage: () => string, clock: Clock): Broadcast {
  const listeners = new Set<(message: string) => void>();
  let sentMs = -Infinity;
  let isDue = false;
  const send = (): void => {
    sentMs = clock.monotonic();
    if (listeners.size === 0) return;
    const message = makeMessage();
    for (const listener of listeners) listener(message);
  };
  return {
    changed: () => {
      if (isDue) return;
      const waitMs = sentMs + leastGapMs - clock.monotonic();
      if (waitMs <= 0) {
        send();
        return;
      }
      isDue = true;
      void clock.sleep(waitMs).then(() => {
        isDue = false;
        send();
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
