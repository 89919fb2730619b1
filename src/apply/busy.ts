// Tells when a run has nothing left to do before its records are on record, so that one append serves all of them.
import { nextTurn } from "../lib/next-turn.ts";

export interface Busy {
  /** Runs an action during which more records may come. The action itself waits for no record. */
  readonly during: <T>(action: () => Promise<T>) => Promise<T>;
  /** Resolves once no such action is under way. */
  readonly idle: () => Promise<void>;
}

export function makeBusy(): Busy {
  let running = 0;
  let begun = 0;
  let waiting: (() => void)[] = [];
  return {
    during: async (action) => {
      running += 1;
      begun += 1;
      try {
        return await action();
      } finally {
        running -= 1;
        if (running === 0) {
          for (const wake of waiting) wake();
          waiting = [];
        }
      }
    },
    idle: async () => {
      for (;;) {
        if (running > 0) await new Promise<void>((resolve) => waiting.push(resolve));
        // In the same turn in which an action ends, the run may begin another one, or append a record.
        const before = begun;
        await nextTurn();
        if (running === 0 && begun === before) return;
      }
    },
  };
}
