// One manifest document as far as it is well-formed: what the rules look at, and the subscription once it is whole.
import type { Place } from "../model/diagnostic.ts";
import { makeManifestOptions, type Kinds } from "../model/kind.ts";
import type { ManifestOptions } from "../model/options.ts";
import type { PoolEndpoint, Subscription } from "../model/subscription.ts";
import type { YamlDocument } from "./parse-yaml.ts";
import { pointTo, valueAt } from "./pointer.ts";

export interface Draft {
  readonly name: Located<string> | null;
  /** `spec.consumerGroupId`, or the name. */
  readonly group: Located<string> | null;
  /** `endpointUrl`, then the pool's. */
  readonly endpoints: readonly DraftEndpoint[];
  readonly eventTypes: readonly Located<string>[];
  /** `metadata.labels` and `metadata.annotations`, as far as their values are texts. */
  readonly labels: readonly Entry[];
  readonly annotations: readonly Entry[];
  /** Of the key `metadata.labels`; of `metadata` where there is none. */
  readonly labelsPlace: Place;
  readonly stateFile: Located<string> | null;
  /** Where these keys of `spec` stand; the document, where one is not written. */
  readonly places: Readonly<Record<"endpointUrl" | "endpointPool" | "eventTypes", Place>>;
  /** Of `spec.rebalance.mode`, or of the nearest value above it that is written. */
  readonly modePlace: Place;
  /** The text at a JSON pointer; null where there is none that can be used. */
  readonly textAt: (pointer: string) => Located<string> | null;
  /** Where a key of `spec` stands that only some kinds have; null of one that is not written. */
  readonly written: (key: string) => Written | null;
  /** Null where the document has such a fault. */
  readonly subscription: Subscription | null;
}

export interface Located<T> {
  readonly value: T;
  readonly place: Place;
}

/** A text by its key, with the key's place; `value` has the text's. */
export interface Entry extends Located<string> {
  readonly key: string;
  readonly keyPlace: Place;
}

export interface DraftEndpoint {
  readonly key: "endpointUrl" | "endpointPool";
  readonly url: string;
  /** Null where the text is no absolute URL. */
  readonly parsed: URL | null;
  readonly place: Place;
}

export interface Written {
  readonly ofKey: Place;
  /** Of the value at a pointer below the key; where it is not written, of the nearest one above it. */
  readonly ofValue: (pointer: string) => Place;
}

/** `faulty`: JSON pointers of values that are not to be used. `isWhole`: the schema found nothing at all. */
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
  const locateEntries = (pointer: string): Entry[] =>
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

function locateWritten(document: YamlDocument, key: string): Written | null {
  const at = `/spec/${key}`;
  if (!document.has(at)) return null;
  return { ofKey: document.keyPlaceOf(at), ofValue: (pointer) => document.placeOf(`${at}${pointer}`) };
}

function isPresent<T>(value: T | null): value is T {
  return value !== null;
}

function makeEndpoint(key: DraftEndpoint["key"], { value, place }: Located<string>): DraftEndpoint {
  return { key, url: value, parsed: URL.canParse(value) ? new URL(value) : null, place };
}

/** The annotations that `reconcile` reads. */
export const freezeKey = "reconcile.genesys/freeze";
export const createOnlyKey = "reconcile.genesys/create-only";

/** On one line, however it is written in YAML. */
export function reasonIn(text: string | undefined): string | null {
  return text === undefined ? null : text.trim().replaceAll(/\s+/g, " ");
}

/** What the schema guarantees, its defaults filled in. */
interface Manifest {
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: Pick<
    Subscription,
    "endpointUrl" | "eventTypes" | "state" | "offsetTracking" | "historicalRate"
  > & { readonly [K in keyof ManifestOptions]?: Partial<ManifestOptions[K]> } & {
    readonly consumerGroupId?: string;
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
    kind,
    endpointUrl: spec.endpointUrl,
    endpointPool: (spec.endpointPool ?? []).map((endpoint) =>
      typeof endpoint === "string" ? { url: endpoint, weight: 1 } : endpoint,
    ),
    eventTypes: spec.eventTypes,
    ...makeManifestOptions({ kinds, kind }, ({ key, defaults }) => ({ ...defaults, ...spec[key] })),
    state: spec.state,
    offsetTracking: spec.offsetTracking,
    rebalanceMode: spec.rebalance.mode,
    historicalRate: spec.historicalRate,
    freeze: reasonIn(metadata.annotations?.[freezeKey]),
    createOnly: reasonIn(metadata.annotations?.[createOnlyKey]),
    place: document.place,
  };
}
