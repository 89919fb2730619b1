// Lets everything run that waits for its turn: timers, probes, signals. Long work calls it between its parts.
import { setImmediate } from "node:timers/promises";

export async function nextTurn(): Promise<void> {
  await setImmediate();
}
