// Finds the entry of the catalogue that an event type is. The time of a lookup depends on the length of the event type alone,
// whatever placeholders the catalogue holds: places that a part leads to are found once, and kept.
import { isPlaceholder } from "../model/topic.ts";

/** A catalogue's entries as a tree of their parts. */
interface Branch {
  readonly parts: Map<string, Branch>;
  /** The branches below a placeholder such as `{id}`, by its spelling. */
  readonly placeholders: Map<string, Branch>;
  /** The entry that ends with this part; null if none does. */
  entry: string | null;
}

/** All branches that the same parts lead to, as one. */
interface Place {
  readonly parts: ReadonlyMap<string, readonly Branch[]>;
  readonly placeholders: ReadonlyMap<string, readonly Branch[]>;
  readonly entry: string | null;
  /** The places that follow, by part; the catalogue names all of these parts. */
  readonly next: Map<string, Place>;
  /** The place that follows any other part for which a placeholder may stand. */
  nextOfAny: Place | null;
}

export interface CatalogMatcher {
  /**
   * Finds the entry that matches the event type, best the same one. A placeholder matches itself, `{id}`, and an
   * identifier with a digit.
   */
  readonly find: (eventType: string) => string | undefined;
  /** Finds an entry for "did you mean": here a placeholder matches any part, such as `{ID}`, `*` or `id`. */
  readonly findLike: (eventType: string) => string | undefined;
}

export function makeCatalogMatcher(catalog: readonly string[]): CatalogMatcher {
  const root = makeBranch();
  for (const entry of catalog) {
    let branch = root;
    for (const part of entry.split(".")) {
      const below = isPlaceholder(part) ? branch.placeholders : branch.parts;
      const next = below.get(part) ?? makeBranch();
      below.set(part, next);
      branch = next;
    }
    branch.entry = entry;
  }
  const entries = new Set(catalog);
  const findEntry = makeFinder(root, isIdentifier);
  return {
    find: (eventType) => (entries.has(eventType) ? eventType : findEntry(eventType)),
    findLike: makeFinder(root, () => true),
  };
}

function makeBranch(): Branch {
  return { parts: new Map(), placeholders: new Map(), entry: null };
}

function isIdentifier(part: string): boolean {
  return part === "{id}" || (/\d/.test(part) && /^[A-Za-z0-9_-]+$/.test(part));
}

/** `fits` decides whether any placeholder may stand for the part. */
function makeFinder(
  root: Branch,
  fits: (part: string) => boolean,
): (eventType: string) => string | undefined {
  const start = makePlace([root]);
  const nowhere = makePlace([]);
  const follow = (place: Place, part: string): Place => {
    const isAny = fits(part);
    if (!place.parts.has(part) && !place.placeholders.has(part)) {
      if (!isAny) return nowhere;
      return (place.nextOfAny ??= makePlace([...place.placeholders.values()].flat()));
    }
    const known = place.next.get(part);
    if (known) return known;
    const below = isAny ? [...place.placeholders.values()].flat() : (place.placeholders.get(part) ?? []);
    const next = makePlace([...(place.parts.get(part) ?? []), ...below]);
    place.next.set(part, next);
    return next;
  };
  return (eventType) => eventType.split(".").reduce(follow, start).entry ?? undefined;
}

function makePlace(branches: readonly Branch[]): Place {
  const parts = new Map<string, Branch[]>();
  const placeholders = new Map<string, Branch[]>();
  for (const branch of branches) {
    for (const [part, below] of branch.parts) addTo(parts, part, below);
    for (const [part, below] of branch.placeholders) addTo(placeholders, part, below);
  }
  const entry = branches.find((branch) => branch.entry !== null)?.entry ?? null;
  return { parts, placeholders, entry, next: new Map(), nextOfAny: null };
}

function addTo(map: Map<string, Branch[]>, part: string, branch: Branch): void {
  const all = map.get(part);
  if (all) all.push(branch);
  else map.set(part, [branch]);
}
