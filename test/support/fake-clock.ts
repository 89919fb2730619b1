// A clock that moves only when a test advances it or, with auto-advance, as soon as every caller sleeps.
import type { Clock } from "../../src/lib/clock.ts";

export interface FakeClock extends Clock {
  /** Moves time on, and wakes sleepers in the order of their time, each before the next. */
  advance(deltaMs: number): Promise<void>;
  /** From now on, time jumps to the next sleeper by itself whenever nothing else is left to do. */
  autoAdvance(): void;
  /** Returns how many callers sleep. */
  sleepers(): number;
}

interface Sleeper {
  wakesAtMs: number;
  readonly wake: () => void;
  /** The interval of a repeated call; auto-advance does not move time for it alone. */
  readonly everyMs?: number;
}

export function makeFakeClock(startMs = Date.UTC(2026, 0, 1)): FakeClock {
  let nowMs = startMs;
  let isAuto = false;
  let isJumping = false;
  const asleep = new Set<Sleeper>();

  const wakeNext = async (untilMs: number): Promise<boolean> => {
    const next = [...asleep].sort((a, b) => a.wakesAtMs - b.wakesAtMs)[0];
    if (!next || next.wakesAtMs > untilMs) return false;
    nowMs = Math.max(nowMs, next.wakesAtMs);
    if (next.everyMs === undefined) asleep.delete(next);
    else next.wakesAtMs += next.everyMs;
    next.wake();
    await settle();
    return true;
  };

  const jump = async () => {
    if (isJumping) return;
    isJumping = true;
    await settle();
    while ([...asleep].some(({ everyMs }) => everyMs === undefined) && (await wakeNext(Infinity)));
    isJumping = false;
  };

  return {
    now: () => nowMs,
    monotonic: () => nowMs - startMs,
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        const abort = () => {
          asleep.delete(sleeper);
          reject(new DOMException("The operation was aborted", "AbortError"));
        };
        const wake = () => {
          signal?.removeEventListener("abort", abort);
          resolve();
        };
        const sleeper = { wakesAtMs: nowMs + Math.max(0, delayMs), wake };
        if (signal?.aborted) {
          abort();
          return;
        }
        signal?.addEventListener("abort", abort, { once: true });
        asleep.add(sleeper);
        if (isAuto) void jump();
      }),
    repeat: (everyMs, action) => {
      const repeated = { wakesAtMs: nowMs + everyMs, wake: action, everyMs };
      asleep.add(repeated);
      return () => void asleep.delete(repeated);
    },
    advance: async (deltaMs) => {
      const untilMs = nowMs + deltaMs;
      await settle();
      while (await wakeNext(untilMs));
      nowMs = untilMs;
    },
    autoAdvance: () => {
      isAuto = true;
      void jump();
    },
    sleepers: () => [...asleep].filter(({ everyMs }) => everyMs === undefined).length,
  };
}

/** Resolves once no caller can go on before time passes. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
