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

/** Node takes a longer delay for 1 ms: 24.8 days. Longer waits are made of several timers. */
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (delayMs, signal) => {
    const options = signal ? { signal } : {};
    let leftMs = delayMs;
    for (; leftMs > longestTimerMs; leftMs -= longestTimerMs)
      await delay(longestTimerMs, undefined, options);
    await delay(leftMs, undefined, options);
  },
  repeat: (everyMs, action) => {
    // A longer time is divided into equal timers, of which the last one calls the action.
    const wholeMs = Math.min(everyMs, Number.MAX_SAFE_INTEGER);
    const timers = Math.max(1, Math.ceil(wholeMs / longestTimerMs));
    let ended = 0;
    const timer = setInterval(() => {
      ended += 1;
      if (ended % timers === 0) action();
    }, wholeMs / timers).unref();
    return () => {
      clearInterval(timer);
    };
  },
};
