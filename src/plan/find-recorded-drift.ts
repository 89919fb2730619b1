// Finds what someone else changed or deleted by the trail alone, for groups whose manifest cannot be read.
import { asDocument } from "../model/document.ts";
import { deletionPatch } from "../model/find-deleted.ts";
import type { Drift } from "../model/plan.ts";
import type { LiveResource } from "../model/resource.ts";
import { findDrift } from "./find-cause.ts";
import type { PlanOptions } from "./make-plan.ts";

/** `recorded`: resources as the trail last recorded them. One of a kind that could not be listed counts as unchanged. */
export function findRecordedDrift(
  recorded: readonly LiveResource[],
  {
    live,
    planning,
  }: {
    readonly live: readonly LiveResource[];
    readonly planning: Pick<PlanOptions, "groups" | "listed" | "unread">;
  },
): readonly Drift[] {
  const { groups, listed, unread = [] } = planning;
  const byId = new Map(live.map((one) => [one.id, one]));
  const unreadIds = new Set(unread.map(({ id }) => id));
  return recorded.flatMap((one): Drift[] => {
    const { id, kind, group, endpoint } = one;
    if (groups !== null && (group === null || !groups.has(group))) return [];
    if (listed?.has(kind) === false || unreadIds.has(id)) return [];
    const now = byId.get(id);
    const patch = now ? findDrift(now, new Map([[id, asDocument(one)]]), {}) : [...deletionPatch];
    return patch.length === 0 ? [] : [{ group, endpoint, webhookId: id, patch }];
  });
}
