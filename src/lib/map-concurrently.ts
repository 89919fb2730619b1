// Runs an action for each of a list's items, a few at once.
import PQueue from "p-queue";

/** Returns the results in the items' order. After a failure, which it throws, the action starts for no further item. */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  concurrency: number,
  action: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const queue = new PQueue({ concurrency });
  try {
    return await queue.addAll(items.map((item, index) => () => action(item, index)));
  } finally {
    queue.clear();
  }
}
