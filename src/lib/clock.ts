// Time as a parameter: the one place that reads the machine's clock or sets a timer.
import { setTimeout as delay } from "node:timers/promises";

export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number;
  /** Milliseconds since an arbitrary start; never goes back. For durations. */
  monotonic(): number;
  /** Resolves after `delayMs`; rejects with an AbortError when the signal fires first. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /** Calls `action` every `everyMs` without keeping the process alive. Returns a function that ends it. */
  repeat(everyMs: number, action: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (delayMs, signal) => delay(delayMs, undefined, signal ? { signal } : {}),
  repeat: (everyMs, action) => {
    const timer = setInterval(action, everyMs).unref();
    return () => {
      clearInterval(timer);
    };
  },
};
