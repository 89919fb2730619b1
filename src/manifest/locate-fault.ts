// Finds the key of the manifest that a refused field of a resource was made from.
import type { Place } from "../model/diagnostic.ts";
import { sameEndpoint } from "../model/endpoint.ts";
import type { FieldFault } from "../model/errors.ts";
import { optionsKeys } from "../model/option-forms.ts";
import type { ResourceDocument } from "../model/resource.ts";
import { parseYaml } from "./parse-yaml.ts";
import type { YamlDocument } from "./yaml-document.ts";
import { valueAt } from "./pointer.ts";
import { couldBecome, holdsPlaceholder } from "./substitute-values.ts";

/** The document that the platform refused, and the manifest that it was made from. */
export interface RefusedDocument {
  /** The start of the manifest's document in its file. */
  readonly place: Place;
  readonly document: ResourceDocument;
}

/**
 * Returns the place of the key, or of the nearest one above it that the manifest holds. If the field is unknown, or
 * `text` (the file as it is now) has no document at that place any more, returns the place of the document.
 */
export function locateFault(
  text: string,
  { field }: FieldFault,
  { place, document }: RefusedDocument,
): Place {
  const manifest = parseYaml(text, place.file).documents.find(
    (other) => other.place.line === place.line && other.place.column === place.column,
  );
  if (!manifest) return place;
  const segments = field.split(/[.[\]/]+/).filter((segment) => segment !== "");
  const pointer = findPointer(segments, document, manifest);
  if (pointer === null) return place;
  const value = valueAt(manifest.value, pointer);
  return typeof value === "object" ? manifest.keyPlaceOf(pointer) : manifest.placeOf(pointer);
}

/**
 * Takes the segments of the field's path, such as `eventTypes` and `2`. Null if the manifest has no key for the field.
 */
function findPointer(
  [field = "", below = "", ...rest]: readonly string[],
  sent: ResourceDocument,
  manifest: YamlDocument,
): string | null {
  const isOption = optionsKeys.some((key) => key === field);
  if (rest.length > 0 && !isOption) return null;
  switch (field) {
    case "endpoint":
      return pointToEndpoint(sent.endpoint, manifest);
    case "eventTypes":
      return pointToEventType(sent.eventTypes[Number(below || Number.NaN)], manifest);
    case "state":
      return "/spec/state";
    case "name":
      return manifest.has("/spec/consumerGroupId") ? "/spec/consumerGroupId" : "/metadata/name";
    case "description":
      return "/spec/offsetTracking/stateFile";
    default:
      return isOption
        ? `/spec/${[field, below, ...rest].filter((segment) => segment !== "").join("/")}`
        : null;
  }
}

/** Points to the whole pool if placeholders such as `${host}` leave open which of its endpoints it is. */
function pointToEndpoint(endpoint: string, { value }: YamlDocument): string {
  const isIt = (url: unknown): boolean => typeof url === "string" && couldBeEndpoint(url, endpoint);
  if (isIt(valueAt(value, "/spec/endpointUrl"))) return "/spec/endpointUrl";
  const pool = valueAt(value, "/spec/endpointPool");
  const found = (Array.isArray(pool) ? (pool as unknown[]) : []).flatMap((item, index) =>
    isIt(item) ? [`/${index}`] : isIt(valueAt(item, "/url")) ? [`/${index}/url`] : [],
  );
  if (found.length === 0) return "/spec/endpointUrl";
  return `/spec/endpointPool${found.length === 1 ? (found[0] ?? "") : ""}`;
}

function couldBeEndpoint(written: string, endpoint: string): boolean {
  if (sameEndpoint(written, endpoint)) return true;
  return holdsPlaceholder(written) && couldBecome(written, endpoint);
}

/** Finds an event type by its value, because a resource gets only some event types of the manifest, and sorted. */
function pointToEventType(eventType: string | undefined, { value }: YamlDocument): string {
  const list = valueAt(value, "/spec/eventTypes");
  const at = Array.isArray(list) && eventType !== undefined ? list.indexOf(eventType) : -1;
  return at < 0 ? "/spec/eventTypes" : `/spec/eventTypes/${at}`;
}
