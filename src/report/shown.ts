// Joins a result with the kinds, which its sentences need.
import type { Kinds } from "../model/kind.ts";
import type { Result } from "../model/result.ts";

/** The heading of a group's operations; null is what several groups share. */
export function groupTitle(group: string | null): string {
  return group ?? "shared by several groups";
}

export interface ShownResult extends Result {
  readonly kinds: Kinds;
}
