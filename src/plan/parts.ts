// Chooses the part of an endpoint that delivers each of its event types, if one resource cannot take them all.
//
// An event type stays with the part that delivers it, as long as that part has room for it. What is left goes first to
// parts that are written anyway, then to one part that takes it all, or else to new parts: so the fewest are written.
import type { PartSize } from "../model/part-size.ts";
import { diffDocuments } from "../model/document-diff.ts";
import { partName, partNumber } from "../model/ownership.ts";
import type { LiveResource } from "../model/resource.ts";
import type { Subscription } from "../model/subscription.ts";
import type { Change } from "./change.ts";
import { makeDocument } from "./make-document.ts";
import type { Homes, Places } from "./places.ts";

interface Part {
  /** Null if it is live and does not have the name of a part. */
  number: number | null;
  readonly before: LiveResource | null;
  readonly eventTypes: string[];
  size: number;
  /** It has no room for all that it delivers, and so gains nothing; otherwise two parts could wait for each other. */
  isOverfull: boolean;
}

interface Endpoint {
  readonly desired: Subscription;
  readonly url: string;
  readonly owner: string;
  readonly partSize: PartSize;
}

/** Returns every part of the endpoint by number, then those to be deleted. `eventTypes`: all that the endpoint delivers. */
export function makePartChanges(
  endpoint: Endpoint,
  eventTypes: readonly string[],
  given: { readonly resources: readonly LiveResource[]; readonly homes: Homes },
): readonly Change[] {
  const parts = readParts(endpoint, given.resources);
  const rest = keepWhereLive(endpoint, eventTypes, { parts, homes: given.homes });
  const used = [...parts, ...place(endpoint, rest, parts)].filter((part) => part.eventTypes.length > 0);
  const taken = new Set([...parts, ...used].map(({ number }) => number));
  for (const part of used) {
    part.number ??= firstFree(taken);
    taken.add(part.number);
  }
  const wanted = new Set(eventTypes);
  const gone = parts.flatMap(({ before, eventTypes: kept }): Change[] => {
    if (!before || kept.length > 0) return [];
    const surplus = before.eventTypes.some((eventType) => wanted.has(eventType));
    return [{ before, after: null, surplus, last: surplus }];
  });
  const stay = used
    .sort((a, b) => (a.number ?? 0) - (b.number ?? 0))
    .map((part): Change => ({
      before: part.before,
      after: documentOf(endpoint, part),
      surplus: false,
      last: false,
    }));
  return [...stay, ...gone];
}

/** Whether a live part is right in all but its event types, and these fit into it. */
export function isRightPart(endpoint: Endpoint, live: LiveResource): boolean {
  const number = numberOf(endpoint, live);
  const { eventTypes } = live;
  return (
    number !== null &&
    fits(endpoint.partSize, { eventTypes: [], size: 0 }, eventTypes) &&
    diffDocuments(live, documentOf(endpoint, { number, eventTypes }), endpoint.desired.kind).length === 0
  );
}

/**
 * The event types in the order in which an endpoint that cannot keep all of its own keeps them, so that the rest leaves
 * as few parts as possible: part by part, the small ones first, and last those of parts that are written anyway.
 */
export function orderToKeep(
  { desired, owner, partSize }: Omit<Endpoint, "url">,
  { endpoints }: Places,
): readonly string[] {
  const wanted = new Set(desired.eventTypes);
  const right = endpoints.flatMap(({ url, resources }) =>
    resources
      .filter((live) => live.eventTypes.every((eventType) => wanted.has(eventType)))
      .filter((live) => isRightPart({ desired, url, owner, partSize }, live)),
  );
  const ranks = new Map<string, number>();
  for (const [rank, { eventTypes }] of right
    .sort((a, b) => a.eventTypes.length - b.eventTypes.length)
    .entries()) {
    for (const eventType of eventTypes) ranks.set(eventType, ranks.get(eventType) ?? rank);
  }
  const rankOf = (eventType: string): number => ranks.get(eventType) ?? Number.MAX_SAFE_INTEGER;
  return desired.eventTypes.toSorted((a, b) => rankOf(a) - rankOf(b));
}

/**
 * How many parts of an endpoint are written if it gets `count` event types: as many as it can of those that are live here
 * and that it `keeps`, and others of the group.
 */
export function countPartWrites(
  endpoint: Endpoint,
  given: {
    readonly resources: readonly LiveResource[];
    readonly homes: Homes;
    readonly held: ReadonlySet<string>;
    readonly keepFirst: readonly string[];
  },
): (count: number, keeps: (eventType: string) => boolean) => number {
  const { held, keepFirst } = given;
  const { kind } = endpoint.desired;
  const others = keepFirst.filter((eventType) => !held.has(eventType));
  return (count, keeps) => {
    const kept = keepFirst.filter((eventType) => held.has(eventType) && keeps(eventType));
    const changes = makePartChanges(endpoint, [...kept, ...others].slice(0, count), given);
    return changes.filter(({ before, after }) => diffDocuments(before, after, kind).length > 0).length;
  };
}

/** A name holds the live endpoint's spelling, or, if someone sent the resource elsewhere, that of the wanted one. */
function numberOf({ desired: { kind, group }, url }: Endpoint, live: LiveResource): number | null {
  return partNumber(kind, group, live) ?? partNumber(kind, group, { endpoint: url, name: live.name });
}

function readParts(endpoint: Endpoint, resources: readonly LiveResource[]): Part[] {
  const taken = new Set<number | null>();
  return resources.map((before): Part => {
    const named = numberOf(endpoint, before);
    const number = taken.has(named) ? null : named;
    taken.add(number);
    return makePart(number, before);
  });
}

/** Returns the event types that no part keeps. */
function keepWhereLive(
  endpoint: Endpoint,
  eventTypes: readonly string[],
  { parts, homes }: { readonly parts: readonly Part[]; readonly homes: Homes },
): string[] {
  const wanted = new Set(eventTypes);
  const kept = new Set<string>();
  // If parts have event types in common, as many parts as possible stay as they are.
  const small = parts.toSorted(
    (a, b) => (a.before?.eventTypes.length ?? 0) - (b.before?.eventTypes.length ?? 0),
  );
  for (const part of small) {
    const { before } = part;
    if (!before || !isRightPart(endpoint, before)) continue;
    if (before.eventTypes.every((eventType) => wanted.has(eventType) && !kept.has(eventType))) {
      for (const eventType of before.eventTypes) {
        add(endpoint.partSize, part, eventType);
        kept.add(eventType);
      }
    }
  }
  return eventTypes.filter((eventType) => {
    if (kept.has(eventType)) return false;
    const live = parts.filter(({ before }) => before && homes.get(eventType)?.includes(before));
    const keeper = live.find((part) => fits(endpoint.partSize, part, [eventType]));
    if (keeper) add(endpoint.partSize, keeper, eventType);
    else for (const part of live) part.isOverfull = true;
    return !keeper;
  });
}

/** Puts the event types into the parts that there are; returns new parts for those that do not fit. */
function place(endpoint: Endpoint, eventTypes: readonly string[], parts: readonly Part[]): readonly Part[] {
  const { partSize } = endpoint;
  const open = parts.filter(({ isOverfull }) => !isOverfull);
  const isWritten = (part: Part): boolean => !isUnchanged(endpoint, part);
  const written = open.filter(isWritten).sort((a, b) => b.size - a.size);
  const unchanged = open.filter((part) => !isWritten(part));
  let rest = eventTypes;
  const pourInto = (part: Part): void => {
    rest = rest.filter((eventType) => {
      const hasRoom = fits(partSize, part, [eventType]);
      if (hasRoom) add(partSize, part, eventType);
      return !hasRoom;
    });
  };
  written.forEach(pourInto);
  const made: Part[] = [];
  while (rest.length > 0) {
    const taker = unchanged.find((part) => fits(partSize, part, rest)) ?? makePart();
    if (!taker.before) made.push(taker);
    pourInto(taker);
  }
  return made;
}

function makePart(number: number | null = null, before: LiveResource | null = null): Part {
  return { number, before, eventTypes: [], size: 0, isOverfull: false };
}

function isUnchanged(endpoint: Endpoint, part: Part): boolean {
  const { before, eventTypes } = part;
  if (!before || part.number === null || eventTypes.length === 0) return false;
  return diffDocuments(before, documentOf(endpoint, part), endpoint.desired.kind).length === 0;
}

function documentOf(
  { desired, url, owner }: Endpoint,
  { number, eventTypes }: { readonly number: number | null; readonly eventTypes: readonly string[] },
) {
  const name = partName(desired.kind, desired.group, { endpoint: url, number: number ?? 1 });
  return { ...makeDocument(desired, { url, eventTypes, owner }), name };
}

function fits(
  { most, sizeOf }: PartSize,
  part: { readonly eventTypes: readonly string[]; readonly size: number },
  more: readonly string[],
): boolean {
  const size = more.reduce((sum, eventType) => sum + sizeOf(eventType), part.size);
  return size <= most || part.eventTypes.length + more.length <= 1;
}

function add({ sizeOf }: PartSize, part: Part, eventType: string): void {
  part.eventTypes.push(eventType);
  part.size += sizeOf(eventType);
}

function firstFree(taken: ReadonlySet<number | null>): number {
  let number = 1;
  while (taken.has(number)) number += 1;
  return number;
}
