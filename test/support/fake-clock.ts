// Time that moves only when a test says so, or, with auto-advance, as soon as everyone sleeps.
import type { Clock } from "../../src/lib/clock.ts";

export interface FakeClock extends Clock {
  /** Moves time on, waking sleepers in the order of their time, each before the next. */
  advance(deltaMs: number): Promise<void>;
  /** From now on, time jumps to the next sleeper by itself whenever nothing else is left to do. */
  autoAdvance(): void;
  /** How many are asleep. */
  sleepers(): number;
}

interface Sleeper {
  readonly wakesAtMs: number;
  readonly wake: () => void;
}

export function makeFakeClock(startMs = Date.UTC(2026, 0, 1)): FakeClock {
  let nowMs = startMs;
  let isAuto = false;
  let isJumping = false;
  const asleep = new Set<Sleeper>();

  const wakeNext = async (untilMs: number): Promise<boolean> => {
    const next = [...asleep].sort((a, b) => a.wakesAtMs - b.wakesAtMs)[0];
    if (!next || next.wakesAtMs > untilMs) return false;
    asleep.delete(next);
    nowMs = Math.max(nowMs, next.wakesAtMs);
    next.wake();
    await settle();
    return true;
  };

  const jump = async () => {
    if (isJumping) return;
    isJumping = true;
    await settle();
    while (await wakeNext(Infinity));
    isJumping = false;
  };

  return {
    now: () => nowMs,
    monotonic: () => nowMs - startMs,
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { wakesAtMs: nowMs + Math.max(0, delayMs), wake: resolve };
        const abort = () => {
          asleep.delete(sleeper);
          reject(new DOMException("The operation was aborted", "AbortError"));
        };
        if (signal?.aborted) {
          abort();
          return;
        }
        signal?.addEventListener("abort", abort, { once: true });
        asleep.add(sleeper);
        if (isAuto) void jump();
      }),
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
    sleepers: () => asleep.size,
  };
}

/** Lets everything that can go on without time passing do so. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
