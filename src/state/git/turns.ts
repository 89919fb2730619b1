// Runs the calls of one store one after the other, since they share a folder, and mends the folder in between.
import { Damage } from "./damage.ts";
import { unreachable } from "./git-answers.ts";

/** Runs it once all calls before it have ended; twice if it finds the folder damaged. */
export type InTurn = <T>(run: () => Promise<T>) => Promise<T>;

/** `startAnew` makes the folder anew. */
export function makeTurns(startAnew: () => Promise<void>): InTurn {
  let before: Promise<unknown> = Promise.resolve();
  return (run) => {
    const own = before.then(() => runSoundly(run, startAnew));
    before = own.catch(() => undefined);
    return own;
  };
}

async function runSoundly<T>(run: () => Promise<T>, startAnew: () => Promise<void>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
  }
  await startAnew();
  try {
    return await run();
  } catch (error) {
    throw error instanceof Damage ? unreachable(`Git failed: ${error.message}`) : error;
  }
}
