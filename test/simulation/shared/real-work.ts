// Counts the calls that take real time, such as those to a real server: simulated time stands still while one is under way.

export interface RealWork {
  /** Runs an action that takes real time. */
  readonly during: <T>(action: () => Promise<T>) => Promise<T>;
  /** Runs a wait for simulated time, inside of `during`. */
  readonly aside: <T>(wait: () => Promise<T>) => Promise<T>;
  /** Resolves once everybody waits for simulated time. */
  readonly settled: () => Promise<void>;
}

export function makeRealWork(): RealWork {
  let running = 0;
  const waiting: (() => void)[] = [];
  const change = (by: number): void => {
    running += by;
    if (running > 0) return;
    for (const wake of waiting.splice(0)) wake();
  };
  const counted = async <T>(by: number, action: () => Promise<T>): Promise<T> => {
    change(by);
    try {
      return await action();
    } finally {
      change(-by);
    }
  };
  return {
    during: (action) => counted(1, action),
    aside: (wait) => counted(-1, wait),
    settled: async () => {
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve));
        if (running <= 0) return;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}
