// The type of a kind of resource (webhooks, integrations, triggers), with everything in which kinds differ for the rest
// of the product. Each kind is a module of src/kinds; no other module names one.

import type { Config } from "./config.ts";
import type { Fault } from "./diagnostic.ts";
import type { EndpointForm } from "./endpoint-form.ts";
import type {
  Association,
  EventTypeOfTwoGroups,
  KindEventTest,
  KindStart,
  NameForm,
} from "./kind-words.ts";
import type { Cap, Quota } from "./room.ts";
import type { KindOptions, ManifestOptions, OptionsValue } from "./options.ts";
import type { PartSize } from "./part-size.ts";
import type { SharedResource } from "./shared-resource.ts";
import type { KindTopics } from "./topic.ts";
import type { ThroughputLimits } from "./throughput.ts";

export interface Kind {
  /** Unique among the kinds: `webhook`. */
  readonly name: string;
  /** The scheme of its endpoints, with the colon: `https:`. */
  readonly scheme: string;
  /**
   * True if the config chooses this kind instead of the default kind of its scheme; the default kind has no such
   * function.
   */
  readonly isChosen?: (config: Config) => boolean;
  /** The words for one resource and for several, in a sentence. */
  readonly noun: string;
  readonly nouns: string;
  /** The word for endpoints that are served: a trigger's endpoint may have several triggers. */
  readonly servedNoun: string;
  /** The full name of its resources, for users who have not worked with them before: `Process Automation triggers`. */
  readonly fullNouns: string;
  readonly endpoint: EndpointForm;
  /** True if AWS has its resources, and not Genesys Cloud; then the paths name the action that lists them. */
  readonly isInAws?: true;
  /** The path of its resources' list in the platform's API. */
  readonly path: string;
  /** The request that lists as few resources as possible, to find out whether the organisation has the kind. */
  readonly probePath: string;
  /** Absent if the platform does not state how many of its resources an organisation can have. */
  readonly cap?: Cap;
  /** Absent if the platform publishes no number of resources that there can be. */
  readonly quota?: Quota;
  /** True if the SDK that Genesys publishes has the kind; an organisation gets other kinds on request. */
  readonly isInSdk: boolean;
  /**
   * The permissions that an OAuth client needs to list and to write its resources, and the platform's word for them.
   */
  readonly permissions: {
    readonly word: "permissions" | "scopes";
    readonly list: string;
    readonly write: readonly string[];
  };
  /** How the platform tells what an event would do to a resource. Absent if it cannot tell. */
  readonly eventTest?: KindEventTest;
  /**
   * `endpoint`: one resource delivers all event types of an endpoint. `eventType`: each event type has a resource of
   * its own. A size: an endpoint has as many resources (its parts) as its event types need.
   */
  readonly granularity: "endpoint" | "eventType" | PartSize;
  /** The most event types that the platform allows for an endpoint; null if it states no limit. */
  readonly maxEventTypes: number | null;
  /** True if a resource's endpoint can be changed. */
  readonly isMovable: boolean;
  /**
   * True if one write of a plan takes several requests, between which the resource is neither as before nor as wanted.
   */
  readonly isMadeInSteps: boolean;
  /** True if the platform refuses a second resource with the same name and endpoint. */
  readonly isUnique: boolean;
  readonly eventTypeOfTwoGroups: EventTypeOfTwoGroups;
  /** Absent if events arrive as soon as a resource delivers to a new endpoint. */
  readonly association?: Association;
  /** Returns what only a person can check of the endpoints that a run uses; the doctor says it. Absent if there is nothing. */
  readonly remind?: (endpoints: number) => string;
  /** The part of a manifest that only this kind has; null without one. */
  readonly options: KindOptions | null;
  readonly start: KindStart;
  /** Absent if any text can be a resource's name, and a name can change. */
  readonly names?: NameForm;
  /** True if the description names the group alone, without the offset file. */
  readonly describesGroupAlone?: true;
  /** True if a resource without an owner's marker is never taken over, whatever its group. */
  readonly isNeverAdopted?: true;
  /**
   * True if an event type that nothing delivers any more goes back to the resource with which the trail last recorded it,
   * even where another one would take fewer writes.
   */
  readonly takesBack?: true;
  /** What consumers notice when this kind replaces the default one of its scheme, or is replaced; absent for nothing. */
  readonly changesForConsumers?: Fault;
  /** The platform's word for the text that names the group and holds the marker. */
  readonly markedIn: "description" | "notes";
  /** The longest such text; null if the platform states no limit. */
  readonly maxDescriptionLength: number | null;
  /** How such a resource names what it delivers; null if Genesys publishes no list of its event types. */
  readonly topics: KindTopics | null;
  /** How often the platform lets its resources deliver; absent if it states no limit. */
  readonly throughput?: ThroughputLimits;
  /** Absent if each resource gets its events from the platform itself. */
  readonly shared?: SharedResource<Kind>;
  /**
   * Returns how long what a resource has gained may take until it is delivered, in ms. Absent if the platform delivers it
   * once it reports the resource enabled.
   */
  readonly findSettleMs?: (config: Config) => number;
}

export interface Kinds {
  readonly all: readonly [Kind, ...Kind[]];
  /** Returns the kind that the resource or document names; else the default kind of its scheme; else the first. */
  readonly of: (resource: OfSomeKind) => Kind;
  /** Returns the kind for a manifest's endpoint; null if no kind has its scheme. */
  readonly choose: (endpoint: string) => Kind | null;
  /** Returns the same kinds, of which `choose` takes those that the config chooses. */
  readonly under: (config: Config) => Kinds;
  /** Returns the endpoint of the resource that all resources of the kind share; null if the config has none. */
  readonly findSharedEndpoint: (kind: Kind) => string | null;
  /** Returns the step that the user has to take for a new endpoint of the kind; null if there is none. */
  readonly findAssociation: (kind: Kind) => Association | null;
  /** The kinds that are looked for where no trail tells whether there were any, by what their resources share. */
  readonly sought: readonly Kind[];
  /** Returns the reason why the config's settings do not fit a valid endpoint of the kind; null if they do. */
  readonly findMisfit: (kind: Kind, endpoint: string) => Fault | null;
  /** Returns how long what a resource of the kind has gained may take until it is delivered, in ms; 0 for no time. */
  readonly settleMsOf: (kind: Kind) => number;
}

/** A live resource, a document, or a write, whose kind is that of its document: `after`, or `before` for a delete. */
export interface OfSomeKind {
  readonly endpoint: string;
  readonly kind?: Kind | string | undefined;
  readonly before?: { readonly kind?: string } | null;
  readonly after?: { readonly kind?: string } | null;
}

/**
 * Returns the `kind` key of a document, which is left out if the endpoint's scheme shows the kind. For a webhook whose
 * endpoint someone changed to `workflow:…`, the scheme would show the wrong kind.
 */
export function kindKey({ name, scheme, isChosen }: Kind, endpoint: string): { readonly kind?: string } {
  return isChosen || schemeOf(endpoint) !== scheme ? { kind: name } : {};
}

/** `all` has the order in which kinds are listed and shown; `config` is null before it has been read. */
export function makeKinds(all: readonly [Kind, ...Kind[]], config: Config | null = null): Kinds {
  const byName = new Map(all.map((kind) => [kind.name, kind]));
  const defaults = byScheme(all.filter(({ isChosen }) => !isChosen));
  const chosen = byScheme(all.filter(({ isChosen }) => config && isChosen?.(config)));
  return {
    all,
    of: ({ endpoint, kind, before, after }) => {
      const own = kind ?? after?.kind ?? before?.kind ?? "";
      const found = typeof own === "string" ? byName.get(own) : own;
      return found ?? defaults.get(schemeOf(endpoint)) ?? all[0];
    },
    choose: (endpoint) => {
      const scheme = schemeOf(endpoint);
      return chosen.get(scheme) ?? defaults.get(scheme) ?? null;
    },
    under: (its) => makeKinds(all, its),
    sought: all.filter(({ shared }) => config && shared?.isSought(config)),
    findAssociation: ({ association }) =>
      association && !(config && association.isAutomatic(config)) ? association : null,
    findSharedEndpoint: ({ shared }) => (config && shared?.findEndpoint(config)) ?? null,
    findMisfit: ({ endpoint: form }, endpoint) => (config && form.findMisfit?.(endpoint, config)) ?? null,
    settleMsOf: ({ findSettleMs }) => (config && findSettleMs?.(config)) ?? 0,
  };
}

/** Returns how the endpoints of the kinds are written. */
export function shapesOf({ all }: Kinds): readonly string[] {
  return [...new Set(all.map(({ endpoint }) => endpoint.shape))];
}

/** Returns the options of all kinds, each key once: the options of `own` for its key, else those of the first kind with it. */
export function optionsOf({ all }: Kinds, own: Kind | null): readonly KindOptions[] {
  const known = knownOptions.get(all) ?? new Map<Kind | null, readonly KindOptions[]>();
  const options = known.get(own) ?? findOptions(all, own);
  knownOptions.set(all, known.set(own, options));
  return options;
}

/** Each manifest asks for them several times. */
const knownOptions = new WeakMap<Kinds["all"], Map<Kind | null, readonly KindOptions[]>>();

function findOptions(all: Kinds["all"], own: Kind | null): readonly KindOptions[] {
  const byKey = new Map<string, KindOptions>();
  for (const { options } of all) if (options && !byKey.has(options.key)) byKey.set(options.key, options);
  if (own?.options) byKey.set(own.options.key, own.options);
  return [...byKey.values()];
}

/** Returns the options of all kinds as a manifest for this kind has them. */
export function makeManifestOptions(
  { kinds, kind }: { readonly kinds: Kinds; readonly kind: Kind },
  valueOf: (options: KindOptions) => OptionsValue,
): ManifestOptions {
  const entries = optionsOf(kinds, kind).map((options) => [options.key, valueOf(options)] as const);
  return Object.fromEntries(entries) as unknown as ManifestOptions;
}

function byScheme(kinds: readonly Kind[]): ReadonlyMap<string, Kind> {
  return new Map(kinds.map((kind) => [kind.scheme, kind]));
}

function schemeOf(endpoint: string): string {
  return endpoint.slice(0, endpoint.indexOf(":") + 1).toLowerCase();
}

/** Returns how many event types an endpoint gets at most: the lower of the config's limit and the platform's. */
export function capacityOf(
  { maxEventTypes }: Kind,
  { maxEventTypesPerEndpoint: most }: { readonly maxEventTypesPerEndpoint: number },
): number {
  return Math.min(most, maxEventTypes ?? most);
}

/** True if a group's event types are split over its pool; otherwise all of them go to its endpointUrl. */
export function isSplit(
  group: {
    readonly kind: Kind;
    readonly eventTypes: readonly string[];
    readonly rebalanceMode: "overLimit" | "always";
  },
  limits: { readonly maxEventTypesPerEndpoint: number },
): boolean {
  const { kind, eventTypes, rebalanceMode } = group;
  return rebalanceMode === "always" || eventTypes.length > capacityOf(kind, limits);
}

/** Returns one word for resources of these kinds, such as `trigger`; `resource` if there are none or the kinds differ. */
export function nounOf(kinds: Iterable<Pick<Kind, "noun">>): string {
  const [first, ...others] = new Set(Array.from(kinds, ({ noun }) => noun));
  return others.length > 0 || first === undefined ? "resource" : first;
}
