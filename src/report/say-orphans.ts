// Says how many orphans there are.
import { count } from "../lib/count.ts";
import { nounOf, type Kinds } from "../model/kind.ts";
import type { Orphan } from "../model/plan.ts";

/** Returns `2 webhooks of a group without a manifest go on delivering`; there is at least one orphan. */
export function sayOrphans(orphans: readonly Pick<Orphan, "group" | "endpoint">[], kinds: Kinds): string {
  const groups = new Set(orphans.map(({ group }) => group)).size;
  const whose = groups === 1 ? "a group" : `${groups} groups`;
  const verb = orphans.length === 1 ? "goes" : "go";
  return `${count(orphans.length, nounOf(orphans.map(kinds.of)))} of ${whose} without a manifest ${verb} on delivering`;
}
