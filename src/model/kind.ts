// What a kind of resource is: the webhooks, integrations and triggers by which Genesys Cloud delivers events, as far as
// the rest of the product has to tell them apart. Each kind is a module of src/kinds; nothing else knows one by its name.

export interface Kind {
  /** Unique among the kinds: `webhook`. */
  readonly name: string;
  /** Of its endpoints, with the colon: `https:`. Several kinds may share one; the config then chooses among them. */
  readonly scheme: string;
  /** One resource and several, in a sentence. */
  readonly noun: string;
  readonly nouns: string;
  /** The word for endpoints that are served: a trigger's endpoint may have several triggers. */
  readonly servedNoun: "webhook" | "endpoint";
  /** What someone calls them who has not worked with them before: `Process Automation triggers`. */
  readonly fullNouns: string;
  /** The form of its endpoints, to show: `https://…`. */
  readonly endpointForm: string;
  /** Where the platform's API has them. */
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
  /** Whether one resource delivers all event types of an endpoint, or each event type has one of its own. */
  readonly granularity: "endpoint" | "eventType";
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
  /** What a manifest says of its resources beside endpoint, event types and state; null where there is nothing. */
  readonly options: KindOptions | null;
  /** The platform's word for the text that names the group and holds the marker. */
  readonly markedIn: "description" | "notes";
  /** Of that text; null where the platform states no limit. */
  readonly maxDescriptionLength: number | null;
  /** Whether the platform publishes which event types such a resource can have. */
  readonly hasPublishedTopics: boolean;
}

/** The part of a manifest, and of a document, that one kind alone has. */
export interface KindOptions {
  /** The key, both in `spec` and in documents. */
  readonly key: "retryPolicy" | "trigger";
  /** What a document says in place of options that the platform does not report; undefined where it leaves the key out. */
  readonly unset: unknown;
  /** `options` with every value that means the same as the one in `other` spelt as it is there. */
  readonly spellAs: (options: unknown, other: unknown) => unknown;
}

export interface Kinds {
  readonly all: readonly [Kind, ...Kind[]];
  /** The kind of what delivers to an endpoint; whatever has no scheme of its own counts as the first kind. */
  readonly of: (resource: { readonly endpoint: string }) => Kind;
}

/** `all`: in the order in which they are listed and shown. */
export function makeKinds(all: readonly [Kind, ...Kind[]]): Kinds {
  const byScheme = new Map(all.map((kind) => [kind.scheme, kind]));
  return {
    all,
    of: ({ endpoint }) => {
      const scheme = endpoint.slice(0, endpoint.indexOf(":") + 1).toLowerCase();
      return byScheme.get(scheme) ?? all[0];
    },
  };
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

/** One word for resources of these kinds, such as `trigger`; `resource` where the kinds differ. */
export function nounOf(kinds: Iterable<Pick<Kind, "noun">>): string {
  const [first, ...others] = new Set(Array.from(kinds, ({ noun }) => noun));
  return others.length > 0 ? "resource" : (first ?? "webhook");
}
