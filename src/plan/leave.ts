// The one way to leave an operation undone.
import { isWanted, type Held } from "../model/held.ts";
import type { Operation } from "../model/plan.ts";
import { sayHeld } from "../words/say-held.ts";

export function leave(operation: Operation, held: Held): Operation {
  const left: Operation = { ...operation, status: "skipped", error: sayHeld(held), held };
  return isWanted(held) ? { ...left, frozen: true } : left;
}
