// Counts the calls that take real time, such as those to a real server: simulated time stands still while one is under way.

/** The calls of one process to its store. */
export interface RealCalls {
  /** Runs an action that takes real time. */
  readonly during: <T>(action: () => Promise<T>) => Promise<T>;
  /** Runs a wait for simulated time, inside of `during`. */
  readonly aside: <T>(wait: () => Promise<T>) => Promise<T>;
}

export interface RealWork {
  /** So many calls can be under way at once; the others wait for one of these. */
  readonly open: (atOnce: number) => RealCalls;
  /** Resolves once everybody waits for simulated time. */
  readonly settled: () => Promise<void>;
}

export function makeRealWork(): RealWork {
  const all: { readonly atOnce: number; calls: number; aside: number }[] = [];
  const waiting: (() => void)[] = [];
  const isBusy = (): boolean => all.some(({ atOnce, calls, aside }) => Math.min(atOnce, calls) - aside > 0);
  const wakeIfIdle = (): void => {
    if (!isBusy()) for (const wake of waiting.splice(0)) wake();
  };
  return {
    open: (atOnce) => {
      const its = { atOnce, calls: 0, aside: 0 };
      all.push(its);
      const counted = async <T>(what: "calls" | "aside", action: () => Promise<T>): Promise<T> => {
        its[what] += 1;
        wakeIfIdle();
        try {
          return await action();
        } finally {
          its[what] -= 1;
          wakeIfIdle();
        }
      };
      return {
        during: (action) => counted("calls", action),
        aside: (wait) => counted("aside", wait),
      };
    },
    settled: async () => {
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve));
        if (!isBusy()) return;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}
