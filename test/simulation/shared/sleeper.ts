// A process that is held at one of its awaits, as a suspended machine is, and goes on when it wakes: until then nothing that
// it waits for reaches it. A process that never wakes is one that died.
import type { Clock } from "../../../src/lib/clock.ts";
import type { Dice } from "../dice.ts";
import { sleep, type Timeline } from "../timeline.ts";

/** Where a process is held, and for how long. */
export interface Hold {
  /** The awaits that count. */
  readonly at: RegExp;
  /** At which of them; the first one is 1. */
  readonly nth: number;
  /** Null if it never wakes. */
  readonly forMs: number | null;
}

export interface Sleeper {
  /** For people: the machine and the number of its pass. */
  readonly name: string;
  readonly clock: Clock;
  /** An await: resolves at once, or when the process wakes. */
  readonly pause: (where: string) => Promise<void>;
  /** A call to the outside with an await before it and one after it. */
  readonly call: <T>(what: string, act: () => Promise<T>) => Promise<T>;
  readonly isHeld: () => boolean;
  /** For how long it was held since that moment. */
  readonly heldSince: (atMs: number) => number;
}

export interface SleeperOptions {
  readonly name: string;
  readonly timeline: Timeline;
  readonly dice: Dice;
  readonly holds: readonly Hold[];
  /** How much its wall clock is ahead of the platform's. */
  readonly skewMs: number;
  /** Whether its monotonic clock stands still while it is held, as that of a suspended machine does. */
  readonly stopsClock: boolean;
  readonly onHold: (where: string, forMs: number | null) => void;
  readonly onWake: () => void;
}

export function makeSleeper(options: SleeperOptions): Sleeper {
  const { name, timeline, dice, holds, skewMs, stopsClock, onHold, onWake } = options;
  const startMs = timeline.now();
  const counts = holds.map(() => 0);
  let isHeld = false;
  let heldAtMs = 0;
  let wokenAtMs = 0;
  let stoodStillMs = 0;
  let waiting: (() => void)[] = [];

  const wake = (): void => {
    isHeld = false;
    wokenAtMs = timeline.now();
    if (stopsClock) stoodStillMs += timeline.now() - heldAtMs;
    onWake();
    // What is due for a process that wakes comes in any order.
    for (const [index, resume] of dice.some(waiting, waiting.length).entries()) timeline.at(index, resume);
    waiting = [];
  };

  const hold = (where: string, forMs: number | null): void => {
    isHeld = true;
    heldAtMs = timeline.now();
    onHold(where, forMs);
    if (forMs !== null) timeline.at(forMs, wake);
  };

  const pause = (where: string): Promise<void> => {
    for (const [index, { at, nth, forMs }] of holds.entries()) {
      if (isHeld || !at.test(where)) continue;
      counts[index] = (counts[index] ?? 0) + 1;
      if (counts[index] === nth) hold(where, forMs);
    }
    return isHeld ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve();
  };

  const call: Sleeper["call"] = async (what, act) => {
    await pause(`before ${what}`);
    try {
      return await act();
    } finally {
      await pause(`after ${what}`);
    }
  };

  return {
    name,
    pause,
    call,
    isHeld: () => isHeld,
    heldSince: (atMs) => (wokenAtMs > atMs ? wokenAtMs - Math.max(atMs, heldAtMs) : 0),
    clock: {
      now: () => timeline.now() + skewMs,
      monotonic: () => timeline.now() - startMs - stoodStillMs,
      sleep: async (delayMs, signal) => {
        try {
          await sleep(timeline, delayMs, signal);
        } finally {
          await pause("a sleep");
        }
      },
      repeat: (everyMs, action) => {
        let [isDue, isOver] = [false, false];
        const run = (): void => {
          isDue = false;
          if (!isOver) action();
        };
        const stop = timeline.repeat(everyMs, () => {
          if (!isHeld) action();
          // However many times it missed, a timer is due once.
          else if (!isDue) waiting.push(run);
          isDue = isHeld;
        });
        return () => {
          isOver = true;
          stop();
        };
      },
    },
  };
}
