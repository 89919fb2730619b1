// What becomes of each resource of a group, once it is settled which event type goes where.
import { groupBy } from "../lib/group-by.ts";
import type { Subscription } from "../model/subscription.ts";
import type { LiveResource, ResourceDocument } from "../model/resource.ts";
import type { Assignment } from "./assign.ts";
import { sortedSet } from "../model/document.ts";
import { kindKey } from "../model/kind.ts";
import { diffDocuments } from "../model/document-diff.ts";
import { resourceName, webhookDescription } from "../model/ownership.ts";
import { compareWorth, type Places } from "./places.ts";

/** One resource before and after; `before` is null of a new one, `after` of one that is to go. */
export interface Change {
  readonly before: LiveResource | null;
  readonly after: ResourceDocument | null;
  /** Another resource of the group does the same. */
  readonly surplus: boolean;
  /** It is deleted when all else is done. */
  readonly last: boolean;
}

interface Given {
  readonly places: Places;
  readonly assignment: Assignment;
  /** The leavers that `assignment.repointed` counts. */
  readonly movers: readonly LiveResource[];
  readonly owner: string;
}

/** Every resource of the group, whether it changes or not: in pool order, those that leave last. */
export function makeChanges(desired: Subscription, given: Given): readonly Change[] {
  return desired.kind.granularity === "endpoint"
    ? changesByEndpoint(desired, given)
    : changesByEventType(desired, given);
}

function changesByEndpoint(desired: Subscription, given: Given): readonly Change[] {
  const { kind } = desired;
  const { places, assignment, movers, owner } = given;
  const changes: Change[] = [];
  const takenOver = new Map(
    [...assignment.repointed].map(([mover, slot]) => [slot, movers[mover] ?? null]),
  );
  for (const [index, { url, webhooks }] of places.endpoints.entries()) {
    const eventTypes = assignment.assigned[index] ?? [];
    const after = eventTypes.length === 0 ? null : makeDocument(desired, { url, eventTypes, owner });
    const isRight = (webhook: LiveResource): boolean => diffDocuments(webhook, after, kind).length === 0;
    const main = (webhooks.length > 1 ? webhooks.find(isRight) : undefined) ?? webhooks[0];
    const before = main ?? takenOver.get(index) ?? null;
    if (before ?? after) changes.push({ before, after, surplus: false, last: false });
    for (const webhook of webhooks) {
      if (webhook !== main) changes.push({ before: webhook, after: null, surplus: true, last: true });
    }
  }
  const staying = new Set(takenOver.values());
  for (const webhook of places.leavers) {
    // One that cannot be sent elsewhere delivers until its successors do, and somebody has associated them.
    const last = !kind.isMovable || webhook.kind !== kind;
    if (!staying.has(webhook)) changes.push({ before: webhook, after: null, surplus: false, last });
  }
  return changes;
}

/** The one of an event type stays the same wherever it goes, so that a move is one write. */
function changesByEventType(desired: Subscription, given: Given): readonly Change[] {
  const { kind } = desired;
  const { places, assignment, owner } = given;
  const all = [...places.endpoints.flatMap(({ webhooks }) => webhooks), ...places.leavers];
  const changes: Change[] = [];
  const left = new Set(all);
  const wanted = new Set(desired.eventTypes);
  const ofOne = all.filter((live) => live.kind === kind && live.eventTypes.length === 1);
  const byEventType = groupBy(ofOne, ({ eventTypes }) => eventTypes[0]);
  for (const [index, { url }] of places.endpoints.entries()) {
    for (const eventType of assignment.assigned[index] ?? []) {
      const after = makeDocument(desired, { url, eventTypes: [eventType], owner });
      const candidates = (byEventType.get(eventType) ?? []).sort(compareWorth(desired, after, owner));
      const before =
        candidates.find((live) => diffDocuments(live, after, kind).length === 0) ?? candidates[0];
      if (before) left.delete(before);
      changes.push({ before: before ?? null, after, surplus: false, last: false });
    }
  }
  const twins = new Set(ofOne.filter(({ eventTypes: [eventType = ""] }) => wanted.has(eventType)));
  for (const before of left) changes.push({ before, after: null, surplus: twins.has(before), last: true });
  return changes;
}

export function makeDocument(
  desired: Subscription,
  given: { readonly url: string; readonly eventTypes: readonly string[]; readonly owner: string },
): ResourceDocument {
  const { url: endpoint, owner } = given;
  const eventTypes = sortedSet(given.eventTypes);
  const { kind } = desired;
  const document: ResourceDocument = {
    name: resourceName(kind, desired.group, { endpoint, eventTypes }),
    endpoint,
    eventTypes,
    retryPolicy: null,
    state: desired.state,
    description: webhookDescription(desired, owner),
    ...kindKey(kind, endpoint),
  };
  return kind.options ? { ...document, [kind.options.key]: desired[kind.options.key] } : document;
}
