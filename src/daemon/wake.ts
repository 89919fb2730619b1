// Wakes the daemon for its next pass. Any number of calls during a pass lead to one more pass.
import type { Clock } from "../lib/clock.ts";
import type { WakeReason } from "./view.ts";

export interface Wake {
  /** Asks for a pass. Never throws. */
  readonly call: (reason: WakeReason) => void;
  /**
   * Resolves with the reasons that were called, once no file has changed for the debounce time; or with `otherwise`,
   * when nothing was called within `delayMs`; or at once and empty, when `stopped` fires.
   */
  readonly next: (wait: {
    readonly delayMs: number;
    readonly otherwise: WakeReason;
    readonly stopped: AbortSignal;
  }) => Promise<readonly WakeReason[]>;
}

/** Files that keep changing delay a pass by at most this many debounce times. */
const mostDebounces = 10;

/** `debounceMs`: how long no file may change before a pass. */
export function makeWake(clock: Clock, debounceMs: number): Wake {
  const called = new Set<WakeReason>();
  let firstMs = 0;
  let lastMs = 0;
  let sleepEnd = new AbortController();

  /** Sleeps until the time is over, a reason is called, or `stopped` fires. */
  const sleep = async (delayMs: number, stopped: AbortSignal): Promise<void> => {
    sleepEnd = new AbortController();
    const stop = (): void => {
      sleepEnd.abort();
    };
    stopped.addEventListener("abort", stop);
    await clock.sleep(delayMs, sleepEnd.signal).catch(ignoreAbort);
    stopped.removeEventListener("abort", stop);
  };
  const isUrgent = (): boolean => [...called].some((source) => source !== "files");
  const quietInMs = (): number =>
    Math.min(lastMs + debounceMs, firstMs + mostDebounces * debounceMs) - clock.monotonic();

  return {
    call: (reason) => {
      lastMs = clock.monotonic();
      if (called.size === 0) firstMs = lastMs;
      called.add(reason);
      sleepEnd.abort();
    },
    next: async ({ delayMs, otherwise, stopped }) => {
      const endsMs = clock.monotonic() + delayMs;
      while (!stopped.aborted && called.size === 0 && clock.monotonic() < endsMs)
        await sleep(endsMs - clock.monotonic(), stopped);
      while (!stopped.aborted && called.size > 0 && !isUrgent() && quietInMs() > 0)
        await sleep(quietInMs(), stopped);
      if (stopped.aborted) return [];
      const reasons = called.size > 0 ? [...called] : [otherwise];
      called.clear();
      return reasons;
    },
  };
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === "AbortError")) throw error;
}
