// Time that moves only when a test moves it.
import type { Clock } from "../../src/lib/clock.ts";

export interface FakeClock extends Clock {
  /** Moves time on, waking each sleeper at its own moment, in order, with everything it does before the next. */
  advance(byMs: number): Promise<void>;
  /** How long each one that sleeps now has yet to sleep, shortest first. */
  sleepers(): readonly number[];
}

interface Sleeper {
  readonly wakesAtMs: number;
  readonly wake: () => void;
}

/** `now` starts at `startMs`, `monotonic` at 0. */
export function makeFakeClock(startMs = Date.UTC(2026, 0, 1)): FakeClock {
  let elapsedMs = 0;
  let sleeping: Sleeper[] = [];

  const sleep = (delayMs: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const sleeper = { wakesAtMs: elapsedMs + delayMs, wake: resolve };
      const abort = (): void => {
        sleeping = sleeping.filter((other) => other !== sleeper);
        reject(new DOMException("This operation was aborted", "AbortError"));
      };
      if (signal?.aborted) {
        abort();
        return;
      }
      signal?.addEventListener("abort", abort, { once: true });
      sleeping = [...sleeping, sleeper].sort((a, b) => a.wakesAtMs - b.wakesAtMs);
    });

  const advance = async (byMs: number): Promise<void> => {
    const untilMs = elapsedMs + byMs;
    await settle();
    for (let next = sleeping[0]; next && next.wakesAtMs <= untilMs; next = sleeping[0]) {
      sleeping = sleeping.slice(1);
      elapsedMs = next.wakesAtMs;
      next.wake();
      await settle();
    }
    elapsedMs = untilMs;
  };

  return {
    now: () => startMs + elapsedMs,
    monotonic: () => elapsedMs,
    sleep,
    advance,
    sleepers: () => sleeping.map((sleeper) => sleeper.wakesAtMs - elapsedMs),
  };
}

/** Lets everything that is ready run: a turn of the event loop comes after all promises. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
