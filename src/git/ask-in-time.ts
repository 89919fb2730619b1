// Limits how long a pass waits for Git, so that a disk that hangs does not hold it up.
import type { Clock } from "../lib/clock.ts";
import { ReconcileError } from "../model/errors.ts";

const gitLimitMs = 5_000;

/** Null if Git failed or did not answer in time. Rejects only with a ReconcileError. */
export async function askInTime<T>(
  clock: Clock,
  ask: (abort: AbortSignal) => Promise<T>,
): Promise<T | null> {
  const over = new AbortController();
  const limit = clock.sleep(gitLimitMs, over.signal).then(() => null);
  try {
    return await Promise.race([ask(over.signal), limit]);
  } catch (error) {
    if (error instanceof ReconcileError) throw error;
    return null;
  } finally {
    over.abort();
  }
}
