// Makes the slots from which quotas are chosen: the endpoints of a group's pool, with what is live at each.
import { diffDocuments } from "../model/document-diff.ts";
import type { Subscription } from "../model/subscription.ts";
import { makeDocument } from "./make-document.ts";
import { countPartWrites, isRightPart } from "./parts.ts";
import type { Homes, Places } from "./places.ts";
import type { Slot } from "./quotas.ts";

export function makeSlots(
  desired: Subscription,
  given: {
    readonly places: Places;
    readonly homes: Homes;
    /** Those of the homes to which an event type goes back: they have it no more. */
    readonly back: Homes;
    readonly owner: string;
    /** The event types, in the order in which an endpoint that cannot keep all of its own keeps them. */
    readonly keepFirst: readonly string[];
  },
): Slot[] {
  const { places, homes, back, owner, keepFirst } = given;
  const { granularity: partSize } = desired.kind;
  const wanted = new Set(desired.eventTypes);
  return places.endpoints.map(({ url, weight, resources }) => {
    const held = new Set(
      resources.flatMap((resource) =>
        resource.eventTypes.filter(
          (eventType) => wanted.has(eventType) && homes.get(eventType)?.includes(resource),
        ),
      ),
    );
    for (const [eventType, its] of back)
      if (wanted.has(eventType) && its.some((one) => resources.includes(one))) held.add(eventType);
    const writesFor =
      typeof partSize === "object"
        ? countPartWrites({ desired, url, owner, partSize }, { resources, homes, held, keepFirst })
        : null;
    const right = findRight(desired, { url, resources, owner, wanted }).map(
      (eventTypes) => new Set(eventTypes),
    );
    return { weight, held, right, occupied: resources.length > 0, writesFor };
  });
}

/** Returns, for each way of leaving an endpoint as it is, the event types that it then has. */
function findRight(
  desired: Subscription,
  given: Pick<Places["endpoints"][number], "url" | "resources"> & {
    readonly owner: string;
    readonly wanted: ReadonlySet<string>;
  },
): readonly (readonly string[])[] {
  const { url, resources, owner, wanted } = given;
  const { kind } = desired;
  const possible = resources.filter(
    ({ eventTypes }) => eventTypes.length > 0 && eventTypes.every((type) => wanted.has(type)),
  );
  const { granularity: partSize } = kind;
  if (typeof partSize === "object") {
    const isAll = resources.every(
      (part) => possible.includes(part) && isRightPart({ desired, url, owner, partSize }, part),
    );
    return isAll && resources.length > 0 ? [resources.flatMap(({ eventTypes }) => eventTypes)] : [];
  }
  return possible
    .filter((resource) => {
      const document = makeDocument(desired, { url, eventTypes: resource.eventTypes, owner });
      return diffDocuments(resource, document, kind).length === 0;
    })
    .map(({ eventTypes }) => eventTypes);
}
