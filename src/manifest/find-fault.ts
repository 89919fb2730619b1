// A field of a webhook that the platform refused → the key of the manifest that it was made from.
import type { Place } from "../model/diagnostic.ts";
import { sameEndpoint } from "../model/endpoint.ts";
import type { FieldFault } from "../model/errors.ts";
import { optionsKeys } from "../model/option-forms.ts";
import type { ResourceDocument } from "../model/resource.ts";
import { parseYaml, type YamlDocument } from "./parse-yaml.ts";
import { valueAt } from "./pointer.ts";

/** What was refused, and the manifest document that it comes from. */
export interface Refused {
  /** Where the manifest's document starts. */
  readonly place: Place;
  readonly document: ResourceDocument;
}

/**
 * `text`: the manifest's file, as it is now. The key's place, or that of the nearest one above it that is written; the
 * document's own where the field is unknown or the text has changed so much that nothing starts there any more.
 */
export function findFault(text: string, { field }: FieldFault, { place, document }: Refused): Place {
  const manifest = parseYaml(text, place.file).documents.find(
    (other) => other.place.line === place.line && other.place.column === place.column,
  );
  if (!manifest) return place;
  const segments = field.split(/[.[\]/]+/).filter((segment) => segment !== "");
  const pointer = pointTo(segments, document, manifest);
  if (pointer === null) return place;
  const value = valueAt(manifest.value, pointer);
  return typeof value === "object" ? manifest.keyPlaceOf(pointer) : manifest.placeOf(pointer);
}

/** `segments`: of the field's path in the webhook, `eventTypes[2]` in two. Null where the manifest has no such key. */
function pointTo(
  [field = "", below = "", ...rest]: readonly string[],
  sent: ResourceDocument,
  manifest: YamlDocument,
): string | null {
  if (rest.length > 0) return null;
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
      return optionsKeys.some((key) => key === field)
        ? `/spec/${field}${below === "" ? "" : `/${below}`}`
        : null;
  }
}

function pointToEndpoint(endpoint: string, { value }: YamlDocument): string {
  const isIt = (url: unknown): boolean => typeof url === "string" && sameEndpoint(url, endpoint);
  const pool = valueAt(value, "/spec/endpointPool");
  const at = Array.isArray(pool)
    ? pool.findIndex((item: unknown) => isIt(item) || isIt(valueAt(item, "/url")))
    : -1;
  if (at < 0 || isIt(valueAt(value, "/spec/endpointUrl"))) return "/spec/endpointUrl";
  return `/spec/endpointPool/${at}${typeof (pool as unknown[])[at] === "string" ? "" : "/url"}`;
}

/** Event types are sent sorted, and only some of the manifest's: the place in its list is found by the value. */
function pointToEventType(eventType: string | undefined, { value }: YamlDocument): string {
  const list = valueAt(value, "/spec/eventTypes");
  const at = Array.isArray(list) && eventType !== undefined ? list.indexOf(eventType) : -1;
  return at < 0 ? "/spec/eventTypes" : `/spec/eventTypes/${at}`;
}
