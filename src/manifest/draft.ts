// Makes a draft of a manifest document: its well-formed values, which the rules check, and the subscription if the
// whole document is well-formed.
import type { Place } from "../model/diagnostic.ts";
import { makeManifestOptions, type Kinds } from "../model/kind.ts";
import type { ManifestOptions } from "../model/options.ts";
import type { PoolEndpoint, Subscription } from "../model/subscription.ts";
import type { YamlDocument } from "./yaml-document.ts";
import { pointTo, valueAt } from "./pointer.ts";
import { parseUrl } from "../lib/parse-url.ts";

export interface Draft {
  readonly name: Located<string> | null;
  /** `spec.consumerGroupId`, or the name without it. */
  readonly group: Located<string> | null;
  /** `endpointUrl`, then the endpoints of the pool. */
  readonly endpoints: readonly DraftEndpoint[];
  readonly eventTypes: readonly Located<string>[];
  /** `metadata.labels` and `metadata.annotations`, without values that are not texts. */
  readonly labels: readonly KeyedText[];
  readonly annotations: readonly KeyedText[];
  /** The place of the key `metadata.labels`; without it, the place of `metadata`. */
  readonly labelsPlace: Place;
  readonly stateFile: Located<string> | null;
  /** The places of these keys of `spec`; for a missing key, the document's. */
  readonly places: Readonly<Record<"endpointUrl" | "endpointPool" | "eventTypes", Place>>;
  /** The place of `spec.rebalance.mode`, or of the nearest value above it that the document holds. */
  readonly modePlace: Place;
  /** The text at a JSON pointer; null if there is none, or the schema refuses it. */
  readonly textAt: (pointer: string) => Located<string> | null;
  /** The places of a key of `spec` that not each manifest has; null for a missing key. */
  readonly written: (key: string) => KeyPlaces | null;
  /** Null if the schema found a fault in the document. */
  readonly subscription: Subscription | null;
}

export interface Located<T> {
  readonly value: T;
  readonly place: Place;
}

/** One label or annotation: `place` is that of its value. */
export interface KeyedText extends Located<string> {
  readonly key: string;
  readonly keyPlace: Place;
}

export interface DraftEndpoint {
  readonly key: "endpointUrl" | "endpointPool";
  readonly url: string;
  /** Null if the text is not an absolute URL. */
  readonly parsed: URL | null;
  readonly place: Place;
}

export interface KeyPlaces {
  readonly ofKey: Place;
  /** The place of the value at a pointer below the key, or of the nearest value above it that the document holds. */
  readonly ofValue: (pointer: string) => Place;
}

/**
 * `faulty` holds the JSON pointers of values that the schema refuses; `isWhole` is true if the schema found no fault.
 */
export function makeDraft(
  document: YamlDocument,
  {
    faulty,
    isWhole,
    kinds,
  }: { readonly faulty: ReadonlySet<string>; readonly isWhole: boolean; readonly kinds: Kinds },
): Draft {
  const locate = (pointer: string): Located<string> | null => {
    const value = faulty.has(pointer) ? undefined : valueAt(document.value, pointer);
    return typeof value === "string" ? { value, place: document.placeOf(pointer) } : null;
  };
  const locateItems = (pointer: string, below = ""): (Located<string> | null)[] => {
    const items = valueAt(document.value, pointer);
    return Array.isArray(items) ? items.map((_, index) => locate(`${pointer}/${index}${below}`)) : [];
  };
  const locateEntries = (pointer: string): KeyedText[] =>
    Object.keys(valueAt(document.value, pointer) ?? {}).flatMap((key) => {
      const below = pointTo(pointer, key);
      const found = locate(below);
      return found ? [{ ...found, key, keyPlace: document.keyPlaceOf(below) }] : [];
    });
  const name = locate("/metadata/name");
  const endpointUrl = locate("/spec/endpointUrl");
  const plain = locateItems("/spec/endpointPool");
  const weighted = locateItems("/spec/endpointPool", "/url");
  const pool = plain.map((endpoint, index) => endpoint ?? weighted[index] ?? null);
  return {
    name,
    group: document.has("/spec/consumerGroupId") ? locate("/spec/consumerGroupId") : name,
    endpoints: [
      ...(endpointUrl ? [makeEndpoint("endpointUrl", endpointUrl)] : []),
      ...pool.filter(isPresent).map((endpoint) => makeEndpoint("endpointPool", endpoint)),
    ],
    eventTypes: locateItems("/spec/eventTypes").filter(isPresent),
    labels: locateEntries("/metadata/labels"),
    annotations: locateEntries("/metadata/annotations"),
    labelsPlace: document.keyPlaceOf(document.has("/metadata/labels") ? "/metadata/labels" : "/metadata"),
    stateFile: locate("/spec/offsetTracking/stateFile"),
    places: {
      endpointUrl: placeOfKey(document, "endpointUrl"),
      endpointPool: placeOfKey(document, "endpointPool"),
      eventTypes: placeOfKey(document, "eventTypes"),
    },
    modePlace: document.placeOf("/spec/rebalance/mode"),
    textAt: locate,
    written: (key) => locateWritten(document, key),
    subscription: isWhole ? makeSubscription(document, kinds) : null,
  };
}

function placeOfKey(document: YamlDocument, key: string): Place {
  return document.has(`/spec/${key}`) ? document.keyPlaceOf(`/spec/${key}`) : document.place;
}

function locateWritten(document: YamlDocument, key: string): KeyPlaces | null {
  const at = `/spec/${key}`;
  if (!document.has(at)) return null;
  return { ofKey: document.keyPlaceOf(at), ofValue: (pointer) => document.placeOf(`${at}${pointer}`) };
}

function isPresent<T>(value: T | null): value is T {
  return value !== null;
}

function makeEndpoint(key: DraftEndpoint["key"], { value, place }: Located<string>): DraftEndpoint {
  return { key, url: value, parsed: parseUrl(value), place };
}

/** The annotations that `reconcile` reads. */
export const freezeKey = "reconcile.genesys/freeze";
export const createOnlyKey = "reconcile.genesys/create-only";

/** Returns the reason on one line, however many lines it has in YAML. */
export function reasonIn(text: string | undefined): string | null {
  return text === undefined ? null : text.trim().replaceAll(/\s+/g, " ");
}

/** The shape of a document that the schema accepts, after it has filled in the defaults. */
interface Manifest {
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: Pick<Subscription, "endpointUrl" | "eventTypes" | "state" | "historicalRate"> & {
    readonly [K in keyof ManifestOptions]?: Partial<ManifestOptions[K]>;
  } & {
    readonly consumerGroupId?: string;
    readonly offsetTracking: { readonly enabled: boolean; readonly stateFile?: string };
    readonly renamedFrom?: string;
    readonly endpointPool?: readonly (string | PoolEndpoint)[];
    readonly rebalance: { readonly mode: Subscription["rebalanceMode"] };
  };
}

function makeSubscription(document: YamlDocument, kinds: Kinds): Subscription {
  const { metadata, spec } = document.value as Manifest;
  const kind = kinds.choose(spec.endpointUrl) ?? kinds.all[0];
  return {
    name: metadata.name,
    labels: metadata.labels,
    group: spec.consumerGroupId ?? metadata.name,
    ...(spec.renamedFrom === undefined ? {} : { renamedFrom: spec.renamedFrom }),
    kind,
    endpointUrl: spec.endpointUrl,
    endpointPool: (spec.endpointPool ?? []).map((endpoint) =>
      typeof endpoint === "string" ? { url: endpoint, weight: 1 } : endpoint,
    ),
    eventTypes: spec.eventTypes,
    ...makeManifestOptions({ kinds, kind }, ({ key, defaults }) =>
      // The schema has filled in the defaults of webhooks, whose options a manifest need not state.
      document.has(`/spec/${key}`) ? { ...defaults, ...spec[key] } : defaults,
    ),
    state: spec.state,
    offsetTracking: { ...spec.offsetTracking, stateFile: spec.offsetTracking.stateFile ?? null },
    rebalanceMode: spec.rebalance.mode,
    historicalRate: spec.historicalRate,
    ...(document.has("/spec/historicalRate") ? {} : { rateAssumed: true }),
    freeze: reasonIn(metadata.annotations?.[freezeKey]),
    createOnly: reasonIn(metadata.annotations?.[createOnlyKey]),
    place: document.place,
  };
}
