// A result with what its words need.
import type { Kinds } from "../model/kind.ts";
import type { Result } from "../model/result.ts";

export interface ShownResult extends Result {
  readonly kinds: Kinds;
}
