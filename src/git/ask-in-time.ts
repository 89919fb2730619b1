// A limit for Git's answers: a disk that hangs shall not hold up a pass.
import type { Clock } from "../lib/clock.ts";
import { ReconcileError } from "../model/errors.ts";

const gitLimitMs = 5_000;

/** Null where the question got no answer, or none in time. Rejects with ReconcileErrors alone. */
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
