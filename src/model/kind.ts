// What a kind of resource is: the webhooks, integrations and triggers by which Genesys Cloud delivers events, as far as
// the rest of the product has to tell them apart. Each kind is a module of src/kinds; nothing else knows one by its name.

import type { Config } from "./config.ts";
import type { Fault } from "./diagnostic.ts";
import type { KindOptions, ManifestOptions, OptionsValue } from "./options.ts";

export interface Kind {
  /** Unique among the kinds: `webhook`. */
  readonly name: string;
  /** The scheme of its endpoints, with the colon: `https:`. */
  readonly scheme: string;
  /** Whether the config asks for this kind in place of the one that has the scheme by default, which has no such question. */
  readonly isChosen?: (config: Config) => boolean;
  /** One resource and several, in a sentence. */
  readonly noun: string;
  readonly nouns: string;
  /** The word for endpoints that are served: a trigger's endpoint may have several triggers. */
  readonly servedNoun: string;
  /** Their full name, for someone who has not worked with them before: `Process Automation triggers`. */
  readonly fullNouns: string;
  readonly endpoint: EndpointForm;
  /** The path of their list in the platform's API. */
  readonly path: string;
  /** The request that lists as few of them as possible, to find out whether the organisation has them. */
  readonly probePath: string;
  /** Whether the SDK that Genesys publishes has them; an organisation gets the others on request. */
  readonly isInSdk: boolean;
  /** What an OAuth client needs, to list them and to write them, and what the platform calls that. */
  readonly permissions: {
    readonly word: "permissions" | "scopes";
    readonly list: string;
    readonly write: readonly string[];
  };
  /**
   * Whether one resource delivers all event types of an endpoint, each event type has one of its own, or an endpoint has
   * as many resources as the size of its event types takes: its parts.
   */
  readonly granularity: "endpoint" | "eventType" | PartSize;
  /** How many event types the platform lets an endpoint get; null where it states no limit. */
  readonly maxEventTypes: number | null;
  /** Whether a resource can be sent to another endpoint. */
  readonly isMovable: boolean;
  /** Whether one write of a plan takes several requests, between which the resource is neither as before nor as wanted. */
  readonly isMadeInSteps: boolean;
  /** Whether the platform refuses a second one of a name and endpoint. */
  readonly isUnique: boolean;
  /**
   * What becomes of another group's resource of the same endpoint and event type: both deliver, both start the workflow,
   * or the platform refuses the second one.
   */
  readonly another: "delivered" | "startedTwice" | "refused";
  /** Whether a person has to associate a new endpoint in AWS before anything reaches it. */
  readonly needsAssociation: boolean;
  /** What nobody but a person can check of endpoints that a run uses, for the doctor to say; absent where there is nothing. */
  readonly remind?: (endpoints: number) => string;
  /** What a manifest says of its resources beside endpoint, event types and state; null where there is nothing. */
  readonly options: KindOptions | null;
  readonly start: KindStart;
  /** The platform's word for the text that names the group and holds the marker. */
  readonly markedIn: "description" | "notes";
  /** The longest such text; null if the platform states no limit. */
  readonly maxDescriptionLength: number | null;
  /** Whether the platform publishes which event types such a resource can have. */
  readonly hasPublishedTopics: boolean;
  /** Absent where each resource gets its events from the platform itself. */
  readonly shared?: SharedResource;
}

/**
 * The one resource of another kind through which all of an owner's resources of a kind get their events. It has the event
 * types of all of them.
 */
export interface SharedResource {
  /** Its own kind, whose resources have no options. */
  readonly kind: Kind;
  /** Begins its name and its description: `Feed`. */
  readonly title: string;
  /** Returns where it delivers; null where the config does not ask for the kind that gets its events through it. */
  readonly findEndpoint: (config: Config) => string | null;
}

/** How somebody begins with a kind: what `init` writes, and what is to be done after it. */
export interface KindStart {
  /** What delivers to such an endpoint: `a webhook`. */
  readonly deliveredBy: string;
  /** The keys of an example's `spec` that are this kind's own, as YAML. */
  readonly spec: string;
  readonly steps: readonly NextStep[];
}

export interface NextStep {
  /** Absent for a step that is done outside of reconcile. */
  readonly command?: string;
  readonly does: string;
}

/** How the endpoints of a kind are written, and what is to be told of one. */
export interface EndpointForm {
  /** To show in few letters: `https://…`. */
  readonly short: string;
  /** To show how one is written: `https://host/path`. */
  readonly shape: string;
  /** Whether it has to be a URL by the standard before anything else is judged. */
  readonly isUrl: boolean;
  /** Returns the reason why the endpoint cannot be used; null if it can. */
  readonly findFault: (endpoint: string) => Fault | null;
  /** Returns warnings about an endpoint without a fault. */
  readonly findWarnings: (endpoint: string) => readonly Fault[];
  /** Returns the destination of the events; null if the text does not tell it. */
  readonly findDestination: (endpoint: string) => Destination | null;
  /** Why two groups cannot have one endpoint, and what to do then; null where they can. */
  readonly unshared: string | null;
}

/** What the config can allow or not; events that stay within the organisation are always allowed. */
export type Destination =
  { readonly what: "host" | "AWS account"; readonly name: string } | { readonly what: "organisation" };

/** How much one part of an endpoint takes. A part takes one event type at least, whatever its size. */
export interface PartSize {
  /** The sizes of a part's event types add up to this at most. */
  readonly most: number;
  readonly sizeOf: (eventType: string) => number;
}

export interface Kinds {
  readonly all: readonly [Kind, ...Kind[]];
  /** The kind that it says it has; else the default one of its scheme; else the first. */
  readonly of: (resource: OfSomeKind) => Kind;
  /** The kind that a manifest's endpoint asks for; null where it has the scheme of none. */
  readonly choose: (endpoint: string) => Kind | null;
  /** The same kinds, of which `choose` takes those that the config asks for. */
  readonly under: (config: Config) => Kinds;
  /** The endpoint of the resource that all resources of the kind share; null where the config asks for none. */
  readonly findSharedEndpoint: (kind: Kind) => string | null;
}

/** Something live, its document, or what is written of it: that has the kind of the document that it makes, or takes away. */
export interface OfSomeKind {
  readonly endpoint: string;
  readonly kind?: Kind | string | undefined;
  readonly before?: { readonly kind?: string } | null;
  readonly after?: { readonly kind?: string } | null;
}

/**
 * What a document says of its kind: nothing where its endpoint's scheme says it. Of a webhook that somebody sent to
 * `workflow:…` the endpoint says the wrong one.
 */
export function kindKey({ name, scheme, isChosen }: Kind, endpoint: string): { readonly kind?: string } {
  return isChosen || schemeOf(endpoint) !== scheme ? { kind: name } : {};
}

/** `all`: in the order in which they are listed and shown. `config`: null while it is not known. */
export function makeKinds(all: readonly [Kind, ...Kind[]], config: Config | null = null): Kinds {
  const byName = new Map(all.map((kind) => [kind.name, kind]));
  const defaults = byScheme(all.filter(({ isChosen }) => !isChosen));
  const chosen = byScheme(all.filter(({ isChosen }) => config && isChosen?.(config)));
  return {
    all,
    of: ({ endpoint, kind, before, after }) => {
      const said = kind ?? after?.kind ?? before?.kind ?? "";
      const known = typeof said === "string" ? byName.get(said) : said;
      return known ?? defaults.get(schemeOf(endpoint)) ?? all[0];
    },
    choose: (endpoint) => {
      const scheme = schemeOf(endpoint);
      return chosen.get(scheme) ?? defaults.get(scheme) ?? null;
    },
    under: (its) => makeKinds(all, its),
    findSharedEndpoint: ({ shared }) => (config && shared?.findEndpoint(config)) ?? null,
  };
}

/** How the endpoints of the kinds are written. */
export function shapesOf({ all }: Kinds): readonly string[] {
  return [...new Set(all.map(({ endpoint }) => endpoint.shape))];
}

/** The options of all kinds, each key once: `own` speaks for its key, else the first kind that has the key. */
export function optionsOf({ all }: Kinds, own: Kind | null): readonly KindOptions[] {
  const byKey = new Map<string, KindOptions>();
  for (const { options } of all) if (options && !byKey.has(options.key)) byKey.set(options.key, options);
  if (own?.options) byKey.set(own.options.key, own.options);
  return [...byKey.values()];
}

/** What a manifest for this kind says of the options of all kinds. */
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

/** How many event types an endpoint gets at most: as many as the config says, and as the platform takes. */
export function capacityOf(
  { maxEventTypes }: Kind,
  { maxEventTypesPerEndpoint: most }: { readonly maxEventTypesPerEndpoint: number },
): number {
  return Math.min(most, maxEventTypes ?? most);
}

/** Whether a group's event types are split over its pool; else all of them go to its endpointUrl. */
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

/** One word for resources of these kinds, such as `trigger`; `resource` where there are none or the kinds differ. */
export function nounOf(kinds: Iterable<Pick<Kind, "noun">>): string {
  const [first, ...others] = new Set(Array.from(kinds, ({ noun }) => noun));
  return others.length > 0 ? "resource" : (first ?? "resource");
}
