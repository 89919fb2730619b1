// Wakes the daemon for its next pass. Any number of calls during a pass lead to one more pass.
import type { Clock } from "../lib/clock.ts";
import type { WakeReason } from "./view.ts";

export interface Wake {
  /** Asks for a pass. Never throws. */
  readonly call: (reason: WakeReason) => void;
  /**
   * Resolves with the reasons that were called, once one of them is due: changed files after the debounce time, a
   * request a second after the last pass on request, any other reason at once. Resolves with `otherwise` when nothing was
   * called within `delayMs`, and at once and empty when `stopped` fires.
   */
  readonly next: (wait: {
    readonly delayMs: number;
    readonly otherwise: WakeReason;
    readonly stopped: AbortSignal;
  }) => Promise<readonly WakeReason[]>;
}

/** Files that keep changing delay a pass by at most this many debounce times. */
const mostDebounces = 10;

/** At most one pass in this time begins because of requests, so that a client in a loop does not keep the daemon busy. */
const requestGapMs = 1_000;

/** `debounceMs`: how long no file may change before a pass. */
export function makeWake(clock: Clock, debounceMs: number): Wake {
  const called = new Set<WakeReason>();
  let firstChangeMs = 0;
  let lastChangeMs = 0;
  let lastRequestedMs = -Infinity;
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
  const dueMs = (source: WakeReason): number => {
    if (source === "request") return lastRequestedMs + requestGapMs;
    if (source !== "files") return -Infinity;
    return Math.min(lastChangeMs + debounceMs, firstChangeMs + mostDebounces * debounceMs);
  };

  return {
    call: (source) => {
      if (source === "files") {
        lastChangeMs = clock.monotonic();
        if (!called.has("files")) firstChangeMs = lastChangeMs;
      }
      called.add(source);
      sleepEnd.abort();
    },
    next: async ({ delayMs, otherwise, stopped }) => {
      const endsMs = clock.monotonic() + delayMs;
      const nextMs = (): number => (called.size === 0 ? endsMs : Math.min(...[...called].map(dueMs)));
      while (!stopped.aborted && clock.monotonic() < nextMs())
        await sleep(nextMs() - clock.monotonic(), stopped);
      if (stopped.aborted) return [];
      const reasons = called.size > 0 ? [...called] : [otherwise];
      if (called.has("request")) lastRequestedMs = clock.monotonic();
      called.clear();
      return reasons;
    },
  };
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === "AbortError")) throw error;
}
