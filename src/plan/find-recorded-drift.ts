// Finds what someone else changed or deleted by the trail alone, for groups whose manifest cannot be read.
import { deletionPatch } from "../model/find-deleted.ts";
import type { Drift } from "../model/plan.ts";
import type { LiveResource } from "../model/resource.ts";
import { findDrift } from "./find-cause.ts";
import type { PlanOptions } from "./make-plan.ts";

/**
 * `resources`: those that the trail knows. `planning.recorded` tells how it last recorded the ones that differ from what is
 * live. One of a kind that could not be listed counts as unchanged.
 */
export function findRecordedDrift(
  resources: readonly LiveResource[],
  {
    live,
    planning,
  }: {
    readonly live: readonly LiveResource[];
    readonly planning: Pick<PlanOptions, "groups" | "recorded" | "listed" | "unread">;
  },
): readonly Drift[] {
  const { groups, recorded, listed, unread = [] } = planning;
  const byId = new Map(live.map((one) => [one.id, one]));
  const unreadIds = new Set(unread.map(({ id }) => id));
  return resources.flatMap(({ id, kind, group, endpoint }): Drift[] => {
    if (!recorded.has(id)) return [];
    if (groups !== null && (group === null || !groups.has(group))) return [];
    if (listed?.has(kind) === false || unreadIds.has(id)) return [];
    const now = byId.get(id);
    const patch = now ? findDrift(now, recorded, {}) : [...deletionPatch];
    return patch.length === 0 ? [] : [{ group, endpoint, webhookId: id, patch }];
  });
}
