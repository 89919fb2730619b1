// Runs an action for each of a list's items, a few at once.
import pLimit from "p-limit";

/** Returns the results in the items' order. After a failure, which it throws, the action starts for no further item. */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  concurrency: number,
  action: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const limit = pLimit(concurrency);
  try {
    return await limit.map(items, action);
  } finally {
    limit.clearQueue();
  }
}
