// The browser's clock and timers: the one place of the page that reads them.
import type { Clock } from "../../lib/clock.ts";

export const browserClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (delayMs, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, delayMs);
      signal?.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(new DOMException("woken", "AbortError"));
      });
    }),
  repeat: (everyMs, action) => {
    const timer = setInterval(action, everyMs);
    return () => {
      clearInterval(timer);
    };
  },
};
