// Chance as a parameter: the one place that draws random numbers.
import { randomUUID } from "node:crypto";

export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** An identifier that no other call returns: a UUID. */
  id(): string;
}

export const systemRandom: Random = { next: () => Math.random(), id: () => randomUUID() };
