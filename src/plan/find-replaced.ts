// Finds the resources that are gone for good: the trail recorded since that another one of their group got what they delivered.
import { groupOf } from "../model/ownership.ts";
import type { LiveResource, ResourceDocument } from "../model/resource.ts";

/**
 * Returns the ids of recorded resources that are not live, and one of whose event types another resource of their group has
 * by a newer record, or live as it was recorded. `recorded` is newest first, and lacks what is live as it was recorded.
 */
export function findReplaced(
  live: readonly LiveResource[],
  recorded: ReadonlyMap<string, ResourceDocument>,
): ReadonlySet<string> {
  const takenIn = new Map<string | null, Set<string>>();
  const take = (group: string | null, eventTypes: readonly string[]): boolean => {
    const taken = takenIn.get(group) ?? new Set();
    takenIn.set(group, taken);
    const isTaken = eventTypes.some((eventType) => taken.has(eventType));
    for (const eventType of eventTypes) taken.add(eventType);
    return isTaken;
  };
  const ids = new Set<string>();
  for (const { id, group, eventTypes } of live) {
    ids.add(id);
    if (!recorded.has(id)) take(group, eventTypes);
  }
  const replaced = new Set<string>();
  for (const [id, document] of recorded)
    if (take(groupOf(document), document.eventTypes) && !ids.has(id)) replaced.add(id);
  return replaced;
}
