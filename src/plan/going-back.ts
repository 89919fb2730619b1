// Lets event types that nothing delivers any more, because someone took them out of a resource, go back to where the trail last
// recorded them.
import type { Kind } from "../model/kind.ts";
import type { LiveResource, ResourceDocument } from "../model/resource.ts";
import type { Assignment } from "./assign.ts";
import type { Homes, Places } from "./places.ts";

/** Returns, by event type, the resources that it goes back to; empty for kinds that do not take back. */
export function findBack(
  homes: Homes,
  { endpoints }: Places,
  { kind, recorded }: { readonly kind: Kind; readonly recorded: ReadonlyMap<string, ResourceDocument> },
): Homes {
  const back = new Map<string, LiveResource[]>();
  if (!kind.takesBack) return back;
  for (const live of endpoints.flatMap(({ resources }) => resources))
    for (const eventType of recorded.get(live.id)?.eventTypes ?? [])
      if (!homes.has(eventType)) back.set(eventType, [...(back.get(eventType) ?? []), live]);
  return back;
}

/** Returns how many event types are assigned to an endpoint where they are live. */
export function countStaying({ assigned }: Assignment, homes: Homes, { endpoints }: Places): number {
  const stays = endpoints.map(
    ({ resources }, index) =>
      (assigned[index] ?? []).filter((eventType) =>
        homes.get(eventType)?.some((one) => resources.includes(one)),
      ).length,
  );
  return stays.reduce((sum, count) => sum + count, 0);
}
