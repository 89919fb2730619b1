// How V8's young generation grows. By default it grows to 48 MiB, a third of the memory of a pass over 10,000 webhooks, and
// makes reading and planning no faster; but 1,000 writes take a sixth less time with it. It does not grow from the start
// (scripts/build/loader.cjs). Node versions after 24 may not have the flag, and would print a warning.
import { setFlagsFromString } from "node:v8";

/** Fewer writes need no more than it has. */
const manyWrites = 100;

/** Lets the young generation grow until the action has ended, if it is to do many writes. */
export async function withRoomForMany<T>(writes: number, action: () => Promise<T>): Promise<T> {
  const canGrow = writes >= manyWrites && Number.parseInt(process.versions.node, 10) <= 24;
  if (!canGrow) return action();
  setFlagsFromString("--semi-space-growth-factor=2");
  return action().finally(() => {
    setFlagsFromString("--semi-space-growth-factor=1");
  });
}
