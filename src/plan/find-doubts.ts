// Finds the resources of which a plan believes the list although the trail knows otherwise. A list may lag behind the
// platform: it lacks what was just created, shows what was just changed as it was before, and shows what was just deleted.
import type { Kind, Kinds } from "../model/kind.ts";
import { groupOf } from "../model/ownership.ts";
import { allOperations, isPlanned, type Plan } from "../model/plan.ts";
import type { LiveResource, ResourceDocument } from "../model/resource.ts";
import { findMissing } from "./find-missing.ts";

/** What is on record of the resources whose list the plan was made from. */
export interface OnRecord {
  /** By id, newest first, what was last recorded of those that the list shows otherwise, or not at all. */
  readonly recorded: ReadonlyMap<string, ResourceDocument>;
  /** The ids of those that the list may show as they were: they were last recorded as deleted, or a write found them changed. */
  readonly doubtful: ReadonlySet<string>;
  /** The ids of those that were written so lately that the list may show them as they were. */
  readonly recent: ReadonlySet<string>;
  /** Writes whose outcome is unknown. */
  readonly open: readonly {
    readonly webhookId: string | null;
    readonly before: ResourceDocument | null;
    readonly after: ResourceDocument | null;
  }[];
}

export interface Doubt {
  readonly id: string;
  readonly kind: Kind;
  readonly name: string;
  /** The group whose plan depends on it; null if several groups share it. */
  readonly group: string | null;
}

/**
 * Returns each resource once. A missing or changed one counts only if the plan is about to write in its place: so a resource
 * that someone deleted is doubted until it is made anew, and not for as long as the trail knows of it, and none of a group
 * that is held back, to which nothing was written lately. A changed one that was written lately counts also if the plan
 * leaves it as it is: the list may show what it was, and that may be what it is to be again.
 */
export function findDoubts(
  plan: Plan,
  live: readonly LiveResource[],
  { recorded, doubtful, recent, open, kinds }: OnRecord & { readonly kinds: Kinds },
): readonly Doubt[] {
  const doubts = new Map<string, Doubt>();
  const doubt = (id: string, document: ResourceDocument, group = groupOf(document)): void => {
    doubts.set(id, { id, kind: kinds.of(document), name: document.name, group });
  };
  for (const { webhookId, before, after } of open) {
    const document = after ?? before;
    if (webhookId !== null && document) doubt(webhookId, document);
  }
  for (const { id, kind, name, group } of doubtful.size === 0 ? [] : live)
    if (doubtful.has(id)) doubts.set(id, { id, kind, name, group });
  const planned = allOperations(plan).filter(isPlanned);
  const written = new Set(planned.map(({ webhookId }) => webhookId));
  for (const { webhookId } of plan.drift) {
    const document = recorded.get(webhookId);
    if (document && (written.has(webhookId) || recent.has(webhookId))) doubt(webhookId, document);
  }
  for (const { id, document, group } of findMissing(planned, live, { recorded, kinds }))
    doubt(id, document, group);
  return [...doubts.values()];
}
