// Counts the groups that a run split or split again, for the figures.
import { isDone, type Plan } from "../model/plan.ts";

/** Counts the groups of which a write that spreads event types over endpoints has succeeded. */
export function countSplits({ groups, operations }: Plan): number {
  const spread = new Set(
    operations
      .filter(
        (operation) =>
          isDone(operation) && operation.patch.some(({ path }) => path.startsWith("/eventTypes")),
      )
      .map(({ group }) => group),
  );
  return groups.filter(
    ({ group, moves, endpoints }) => spread.has(group) && (moves.length > 0 || endpoints.length > 1),
  ).length;
}
