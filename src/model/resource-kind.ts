// The resources of Genesys Cloud that deliver events, as far as a plan has to tell them apart. The scheme of an
// endpoint says which one delivers to it.
import type { Limits, Subscription } from "./subscription.ts";

export type Scheme = "https:" | "eventbridge:" | "workflow:";

export interface ResourceKind {
  readonly scheme: Scheme;
  /** One of them, and several, in words. */
  readonly noun: string;
  readonly nouns: string;
  /** Where the platform's API has them. */
  readonly path: string;
  /** What an OAuth client needs: to list them, and to write them. */
  readonly permissions: { readonly list: string; readonly write: readonly string[] };
  /** Whether one resource delivers all event types of an endpoint, or each event type has one of its own. */
  readonly granularity: "endpoint" | "eventType";
  /** How many event types the platform lets an endpoint get; null where it states no limit. */
  readonly maxEventTypes: number | null;
  /** Whether it can be sent to another endpoint. */
  readonly isMovable: boolean;
  /** Whether one write of a plan takes several requests, between which it is neither as before nor as wanted. */
  readonly isMadeInSteps: boolean;
  /** Whether the platform refuses a second one of a name and endpoint. */
  readonly isUnique: boolean;
  /**
   * What becomes of another group's of the same endpoint and event type: both are delivered, both start the workflow, or
   * the platform refuses it.
   */
  readonly another: "delivered" | "startedTwice" | "refused";
  /** Whether somebody has to associate a new endpoint in AWS before anything reaches it. */
  readonly needsAssociation: boolean;
  /** Whether the platform repeats deliveries as the manifest says. */
  readonly hasRetryPolicy: boolean;
  /** Whether `spec.trigger` says what becomes of an event. */
  readonly hasTriggerOptions: boolean;
  /** The platform's word for the text that names the group and holds the marker. */
  readonly markedIn: "description" | "notes";
  /** Of that text; null where the platform states no limit. */
  readonly maxDescriptionLength: number | null;
}

export const resourceKinds: Readonly<Record<Scheme, ResourceKind>> = {
  "https:": {
    scheme: "https:",
    noun: "webhook",
    nouns: "webhooks",
    path: "/api/v2/webhooks",
    permissions: { list: "webhook:read", write: ["webhook:write"] },
    granularity: "endpoint",
    maxEventTypes: 15,
    isMovable: true,
    isMadeInSteps: false,
    isUnique: true,
    another: "delivered",
    needsAssociation: false,
    hasRetryPolicy: true,
    hasTriggerOptions: false,
    markedIn: "description",
    maxDescriptionLength: null,
  },
  "eventbridge:": {
    scheme: "eventbridge:",
    noun: "EventBridge integration",
    nouns: "EventBridge integrations",
    path: "/api/v2/integrations",
    permissions: permissionsOf("integrations:integration"),
    granularity: "endpoint",
    maxEventTypes: null,
    // The event source is fixed once it is set.
    isMovable: false,
    isMadeInSteps: true,
    isUnique: false,
    another: "refused",
    needsAssociation: true,
    hasRetryPolicy: false,
    hasTriggerOptions: false,
    markedIn: "notes",
    maxDescriptionLength: null,
  },
  "workflow:": {
    scheme: "workflow:",
    noun: "trigger",
    nouns: "triggers",
    path: "/api/v2/processautomation/triggers",
    permissions: permissionsOf("processautomation:trigger"),
    // The topic is fixed once it is set; the workflow is not.
    granularity: "eventType",
    maxEventTypes: null,
    isMovable: true,
    isMadeInSteps: false,
    isUnique: false,
    another: "startedTwice",
    needsAssociation: false,
    hasRetryPolicy: false,
    hasTriggerOptions: true,
    markedIn: "description",
    maxDescriptionLength: 512,
  },
};

function permissionsOf(entity: string): ResourceKind["permissions"] {
  return { list: `${entity}:view`, write: [`${entity}:add`, `${entity}:edit`, `${entity}:delete`] };
}

/** What delivers to the endpoint; whatever has no scheme of its own is a webhook's. */
export function kindOf(endpoint: string): ResourceKind {
  const scheme = endpoint.slice(0, endpoint.indexOf(":") + 1).toLowerCase();
  return resourceKinds[scheme === "eventbridge:" || scheme === "workflow:" ? scheme : "https:"];
}

/** How many event types an endpoint gets at most: as many as the config says, and as the platform takes. */
export function capacityOf(endpoint: string, { maxEventTypesPerEndpoint: most }: Limits): number {
  return Math.min(most, kindOf(endpoint).maxEventTypes ?? most);
}

/** Whether a group's event types are split over its pool; else all of them go to its endpointUrl. */
export function isSplit(
  {
    endpointUrl,
    eventTypes,
    rebalanceMode,
  }: Pick<Subscription, "endpointUrl" | "eventTypes" | "rebalanceMode">,
  limits: Limits,
): boolean {
  return rebalanceMode === "always" || eventTypes.length > capacityOf(endpointUrl, limits);
}

/** What delivers to all of them, such as `trigger`; where that differs, `resource`. */
export function nounOf(endpoints: readonly string[]): string {
  const [first, ...others] = new Set(endpoints.map((endpoint) => kindOf(endpoint).noun));
  return others.length > 0 ? "resource" : (first ?? "webhook");
}

/** For a number of endpoints that are served: there may be several triggers for one. */
export function servedNoun(endpoints: readonly string[]): "webhook" | "endpoint" {
  return nounOf(endpoints) === "webhook" ? "webhook" : "endpoint";
}
