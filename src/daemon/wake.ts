// What asks for a pass. However much of it comes while a pass is under way, one more pass follows.
import type { Clock } from "../lib/clock.ts";
import type { Trigger } from "./view.ts";

export interface Triggers {
  /** Never throws. */
  readonly pull: (trigger: Trigger) => void;
  /**
   * Resolves with what asked for a pass, once the files have been quiet for a while; or with `otherwise`, where
   * nothing did within `delayMs`; or at once, with nothing, when `stopped` fires.
   */
  readonly next: (wait: {
    readonly delayMs: number;
    readonly otherwise: Trigger;
    readonly stopped: AbortSignal;
  }) => Promise<readonly Trigger[]>;
}

/** Files that never come to rest hold a pass up no longer than so many times the debounce. */
const mostDebounces = 10;

/** `debounceMs`: how long the files are to be quiet. */
export function makeTriggers(clock: Clock, debounceMs: number): Triggers {
  const pulled = new Set<Trigger>();
  let firstMs = 0;
  let lastMs = 0;
  let wake = new AbortController();

  /** Until something is pulled. */
  const sleep = async (delayMs: number, stopped: AbortSignal): Promise<void> => {
    wake = new AbortController();
    const stop = (): void => {
      wake.abort();
    };
    stopped.addEventListener("abort", stop);
    await clock.sleep(delayMs, wake.signal).catch(ignoreAbort);
    stopped.removeEventListener("abort", stop);
  };
  const isUrgent = (): boolean => [...pulled].some((trigger) => trigger !== "files");
  const quietInMs = (): number =>
    Math.min(lastMs + debounceMs, firstMs + mostDebounces * debounceMs) - clock.monotonic();

  return {
    pull: (trigger) => {
      lastMs = clock.monotonic();
      if (pulled.size === 0) firstMs = lastMs;
      pulled.add(trigger);
      wake.abort();
    },
    next: async ({ delayMs, otherwise, stopped }) => {
      const endsMs = clock.monotonic() + delayMs;
      while (!stopped.aborted && pulled.size === 0 && clock.monotonic() < endsMs)
        await sleep(endsMs - clock.monotonic(), stopped);
      while (!stopped.aborted && pulled.size > 0 && !isUrgent() && quietInMs() > 0)
        await sleep(quietInMs(), stopped);
      if (stopped.aborted) return [];
      const triggers = pulled.size > 0 ? [...pulled] : [otherwise];
      pulled.clear();
      return triggers;
    },
  };
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === "AbortError")) throw error;
}
