// A process that may die at any await: from then on none of its calls to the outside ever comes back.
import type { Clock } from "../../src/lib/clock.ts";
import { sleep, type Timeline } from "./timeline.ts";

export interface Mortal {
  readonly pid: number;
  isDead(): boolean;
  /** A call to the outside. It may die before the call, or after it and before it hears of it. */
  call<T>(what: string, act: () => Promise<T>): Promise<T>;
  readonly clock: Clock;
}

export interface Crash {
  /** At which of its awaits it dies. */
  readonly at: number;
  /** What is counted: all awaits, or those from the first one on that opens a file for writing. */
  readonly from: "start" | "trail";
}

export function makeMortal(
  pid: number,
  timeline: Timeline,
  given: { readonly crash: Crash | null; readonly onDeath: (where: string) => void },
): Mortal {
  const { crash, onDeath } = given;
  const startMs = timeline.now();
  let counted = 0;
  let isCounting = crash?.from === "start";
  let isDead = false;

  const dies = (where: string): boolean => {
    if (isDead) return true;
    isCounting ||= crash !== null && where.includes("openAppend");
    if (isCounting) counted += 1;
    if (crash && counted >= crash.at && isCounting) {
      isDead = true;
      onDeath(where);
    }
    return isDead;
  };

  const call = <T>(what: string, act: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      if (dies(`before ${what}`)) return;
      act().then(
        (value) => {
          if (!dies(`after ${what}`)) resolve(value);
        },
        (error: unknown) => {
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as it came
          if (!dies(`after ${what}`)) reject(error);
        },
      );
    });

  return {
    pid,
    isDead: () => isDead,
    call,
    clock: {
      now: () => timeline.now(),
      monotonic: () => timeline.now() - startMs,
      sleep: (delayMs, signal) => call("a sleep", () => sleep(timeline, delayMs, signal)),
      repeat: (everyMs, action) =>
        timeline.repeat(everyMs, () => {
          if (!isDead) action();
        }),
    },
  };
}
