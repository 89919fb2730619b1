// Reads the entities of a list one by one, so that an entity that cannot be read costs only itself.
import { levelsOf } from "../lib/nesting.ts";
import type { Kind } from "../model/kind.ts";
import type { UnreadResource } from "../model/listing.ts";
import { groupOf, ownerOf, type Ownership } from "../model/ownership.ts";
import { isObject } from "./client/json.ts";
import { isResourceId, type Parsed } from "./parsed.ts";

export interface Entities<T> {
  readonly found: readonly T[];
  readonly unread: readonly UnreadResource[];
}

/** `parse` returns null for an entity that the list leaves out. */
export function readEntities<T>(
  entities: readonly unknown[],
  { kind, parse }: { readonly kind: Kind; readonly parse: (entity: unknown) => Parsed<T | null> },
): Entities<T> {
  const found: T[] = [];
  const unread: UnreadResource[] = [];
  for (const entity of entities) {
    const parsed = parse(entity);
    if (!parsed.ok) unread.push(describeUnread(kind, entity, `expected ${parsed.expected}`));
    else if (parsed.value !== null) found.push(parsed.value);
  }
  return { found, unread };
}

/** Returns as much of an entity as can be told. */
export function describeUnread(kind: Kind, entity: unknown, why: string): UnreadResource {
  const { id, name } = isObject(entity) ? entity : {};
  return {
    kind,
    id: isResourceId(id) ? id : null,
    name: typeof name === "string" ? name : null,
    ...findOwnership(entity, kind),
    why,
  };
}

/**
 * Reads the text that the kind is marked in, wherever it stands. Only if there is none, another text may show the marker:
 * the marked text may stand in a form that this version does not know.
 */
function findOwnership(entity: unknown, { markedIn }: Kind): Ownership {
  const marked: Ownership[] = [];
  const others: Ownership[] = [];
  for (const level of levelsOf(entity)) {
    for (const item of level) {
      if (typeof item === "string") others.push(ownershipIn(item));
      const text = isObject(item) ? item[markedIn] : null;
      if (typeof text === "string") marked.push(ownershipIn(text));
    }
  }
  const texts = marked.length > 0 ? marked : others.filter(({ owner }) => owner !== null);
  const found = texts.find(({ owner }) => owner !== null) ?? texts.find(({ group }) => group !== null);
  return found ?? { group: null, owner: null };
}

function ownershipIn(description: string): Ownership {
  return { group: groupOf({ description }), owner: ownerOf({ description }) };
}

/** Returns each unread resource once, without those that another reading of the list could read. */
export function distinctUnread(
  unread: readonly UnreadResource[],
  readable: ReadonlySet<string>,
): readonly UnreadResource[] {
  const seen = new Set(readable);
  return unread.filter(({ id }) => {
    if (id === null) return true;
    const isNew = !seen.has(id);
    seen.add(id);
    return isNew;
  });
}
