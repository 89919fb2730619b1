// Parses a document from JSON that someone may have edited, makes one from a live resource, and compares two of them.
// document-diff.ts finds what differs.
import { listOf, object, oneOf, optional, text, type Shape } from "../lib/shape.ts";
import { compareText } from "../lib/compare.ts";
import { kindKey, type Kind } from "./kind.ts";
import { noOptions, optionShapes, optionsKeys, pickOptions } from "./option-forms.ts";
import { fillUnstated, sameJson } from "./options.ts";
import { mayDeliver, type LiveResource, type ResourceDocument } from "./resource.ts";

/** Returns the value as a document with its known fields only; null if any field is not valid. */
export function parseDocument(value: unknown): ResourceDocument | null {
  if (findDocumentFault(value, "") !== null) return null;
  const found = value as ResourceDocument;
  const { name, endpoint, eventTypes, state, description, kind } = found;
  const said = kind === undefined ? {} : { kind };
  const parsed = { name, endpoint, eventTypes, ...noOptions, state, description, ...said };
  return { ...parsed, ...pickOptions(found) };
}

/** Describes the first fault of a document, beginning with the field's path; null if there is none. */
export const findDocumentFault: Shape = (value, path) => document(value, path);

const document = object({
  name: text,
  endpoint: text,
  eventTypes: listOf(text),
  ...optionShapes,
  state: oneOf("enabled", "disabled"),
  description: text,
  kind: optional(text),
});

/** True if a document names no other kind, and has exactly the options that resources of this kind have. */
export function fitsKind(found: ResourceDocument, kind: Kind): boolean {
  const { options } = kind;
  if (found.kind !== undefined && found.kind !== kind.name) return false;
  return optionsKeys.every((key) => Boolean(found[key]) === (key === options?.key));
}

/** The fields that a document and a live resource have in common. */
export type Side = Omit<LiveResource, "id" | "kind" | "group" | "owner" | "delivers">;

/**
 * Compares to the letter, except for the order of event types. Most resources are the same to the letter, and
 * this is faster than a patch. `diffDocuments` also finds documents that only mean the same, as with `PT60S` and `PT1M`.
 */
export function sameDocument(before: Side, after: Side): boolean {
  return (
    before.endpoint === after.endpoint &&
    before.name === after.name &&
    before.state === after.state &&
    before.description === after.description &&
    optionsKeys.every((key) => sameJson(before[key], after[key])) &&
    sameEventTypes(before.eventTypes, after.eventTypes)
  );
}

/** Compares event types as sets. */
export function sameEventTypes(before: readonly string[], after: readonly string[]): boolean {
  const [one, other] = [sortedSet(before), sortedSet(after)];
  return one.length === other.length && one.every((eventType, index) => eventType === other[index]);
}

/** Makes a document that could be sent from a live resource; a value that a document cannot hold gets the nearest one. */
export function asDocument(live: LiveResource): ResourceDocument {
  const { name, endpoint, eventTypes, description, kind } = live;
  const document: ResourceDocument = {
    name,
    endpoint,
    eventTypes: sortedSet(eventTypes),
    ...noOptions,
    state: mayDeliver(live) ? "enabled" : "disabled",
    description,
    ...kindKey(kind, live.endpoint),
  };
  const { options } = kind;
  const own = options && (live[options.key] ?? options.unset);
  return options && own ? { ...document, [options.key]: own } : document;
}

/** Returns the document with each option of `other` that it need not state, and does not. */
export function fillFrom(document: ResourceDocument, other: Side, { options }: Kind): ResourceDocument {
  const [own, its] = options ? [document[options.key], other[options.key]] : [];
  if (!options || !own || !its) return document;
  const filled = fillUnstated(options, own, its);
  return filled === own ? document : { ...document, [options.key]: filled };
}

/** Returns each event type once, in order, because a patch compares lists by index. */
export function sortedSet(eventTypes: readonly string[]): readonly string[] {
  const isSorted = eventTypes.every(
    (eventType, index) => index === 0 || compareText(eventTypes[index - 1] ?? "", eventType) < 0,
  );
  return isSorted ? eventTypes : [...new Set(eventTypes)].sort(compareText);
}
