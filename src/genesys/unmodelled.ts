// Finds the fields of an answer that reconcile does not know: a PUT repeats them, and a plan that cannot keep them names
// them.
import { shownText } from "./client/server-text.ts";
import { isObject } from "./client/json.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** Fields that the platform makes itself, on any resource. */
const serverMade: ReadonlySet<string> = new Set([
  ...["id", "version", "selfUri", "links", "createdBy", "modifiedBy"],
  ...["dateCreated", "dateModified", "createdDate", "modifiedDate"],
]);

/** Resources without such fields share one value, because a pass may read 100,000 of them. */
const none: Fields = Object.freeze({});

/** Returns the fields of an object that are neither known nor made by the platform; none of any other value. */
export function otherFields(found: unknown, known: readonly string[]): Fields {
  if (!isObject(found)) return none;
  const others = Object.keys(found).filter((name) => !known.includes(name) && !serverMade.has(name));
  return others.length === 0 ? none : Object.fromEntries(others.map((name) => [name, found[name]]));
}

/** A reader does not look at more names, nor at longer ones. */
const [maxNames, maxNameLength] = [20, 64];

/** Names the fields that have a value, each after the path of its object. A value may be a secret, so it is left out. */
export function nameFields(...groups: readonly (readonly [path: string, fields: Fields])[]): {
  readonly unmodelled?: readonly string[];
} {
  if (groups.every(([, fields]) => fields === none)) return {};
  const names = groups.flatMap(([path, fields]) =>
    Object.entries(fields).flatMap(([name, value]) => (hasValue(value) ? [`${path}${name}`] : [])),
  );
  if (names.length === 0) return {};
  const shown = [...new Set(names)].slice(0, maxNames);
  return { unmodelled: shown.map((name) => shownText(name).slice(0, maxNameLength)) };
}

function hasValue(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}
