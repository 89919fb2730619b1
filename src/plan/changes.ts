// Makes the change of each resource of a group, once the assignment of event types to endpoints is settled.
import { groupBy } from "../lib/group-by.ts";
import type { PartSize } from "../model/part-size.ts";
import type { Subscription } from "../model/subscription.ts";
import type { LiveResource } from "../model/resource.ts";
import type { Assignment } from "./assign.ts";
import type { Change } from "./change.ts";
import { makeDocument } from "./make-document.ts";
import { diffDocuments } from "../model/document-diff.ts";
import { makePartChanges } from "./parts.ts";
import { compareWorth, type Homes, type Places } from "./places.ts";

interface AssignedGroup {
  readonly places: Places;
  readonly homes: Homes;
  readonly assignment: Assignment;
  /** The leavers that `assignment.repointed` counts. */
  readonly movers: readonly LiveResource[];
  readonly owner: string;
}

/** Every resource of the group, whether it changes or not: in pool order, those that leave last. */
export function makeChanges(desired: Subscription, given: AssignedGroup): readonly Change[] {
  const { granularity } = desired.kind;
  if (granularity === "endpoint") return changesByEndpoint(desired, given);
  return granularity === "eventType"
    ? changesByEventType(desired, given)
    : changesByPart(desired, granularity, given);
}

function changesByPart(desired: Subscription, partSize: PartSize, given: AssignedGroup): readonly Change[] {
  const { places, homes, assignment, owner } = given;
  return [
    ...places.endpoints.flatMap(({ url, resources }, index) =>
      makePartChanges({ desired, url, owner, partSize }, assignment.assigned[index] ?? [], {
        resources,
        homes,
      }),
    ),
    ...places.leavers.map((before) => deleteLeaver(desired, before)),
  ];
}

/** The resources at endpoints that are not in use any more. */
function deleteLeaver({ kind }: Subscription, before: LiveResource): Change {
  // A resource that cannot be re-pointed delivers until its successors do, and the user may have to do something outside of
  // reconcile before they do.
  return { before, after: null, surplus: false, last: !kind.isMovable || before.kind !== kind };
}

function changesByEndpoint(desired: Subscription, given: AssignedGroup): readonly Change[] {
  const { kind } = desired;
  const { places, assignment, movers, owner } = given;
  const changes: Change[] = [];
  const takenOver = new Map(
    [...assignment.repointed].map(([mover, slot]) => [slot, movers[mover] ?? null]),
  );
  for (const [index, { url, resources }] of places.endpoints.entries()) {
    const eventTypes = assignment.assigned[index] ?? [];
    const after = eventTypes.length === 0 ? null : makeDocument(desired, { url, eventTypes, owner });
    const isRight = (resource: LiveResource): boolean => diffDocuments(resource, after, kind).length === 0;
    const main = (resources.length > 1 ? resources.find(isRight) : undefined) ?? resources[0];
    const before = main ?? takenOver.get(index) ?? null;
    if (before ?? after) changes.push({ before, after, surplus: false, last: false });
    for (const resource of resources) {
      if (resource !== main) changes.push({ before: resource, after: null, surplus: true, last: true });
    }
  }
  const staying = new Set(takenOver.values());
  for (const resource of places.leavers)
    if (!staying.has(resource)) changes.push(deleteLeaver(desired, resource));
  return changes;
}

/** The resource of an event type stays the same when the event type moves, so that a move is one write. */
function changesByEventType(desired: Subscription, given: AssignedGroup): readonly Change[] {
  const { kind } = desired;
  const { places, assignment, owner } = given;
  const all = [...places.endpoints.flatMap(({ resources }) => resources), ...places.leavers];
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
  const duplicates = new Set(ofOne.filter(({ eventTypes: [eventType = ""] }) => wanted.has(eventType)));
  for (const before of left)
    changes.push({ before, after: null, surplus: duplicates.has(before), last: true });
  return changes;
}
