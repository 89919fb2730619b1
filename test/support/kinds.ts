// The kinds of resource, for tests that hold all of them to the same promises.
import { compareText } from "../../src/lib/compare.ts";
import { eventBridge } from "../../src/kinds/eventbridge/kind.ts";
import { builtInKinds } from "../../src/kinds/registry.ts";
import { route } from "../../src/kinds/route/kind.ts";
import { trigger } from "../../src/kinds/trigger/kind.ts";
import { webhook } from "../../src/kinds/webhook/kind.ts";
import type { Kind } from "../../src/model/kind.ts";
import { makeLive, type LiveResource } from "../../src/model/resource.ts";
import { makeWebhook, type SandboxState } from "../../src/sandbox/state.ts";
import { putRoute, removeRoute, routesIn, switchRoutesOff } from "./routes.ts";
import type { MadeByHand, Stored } from "./stored.ts";

export interface TestKind extends Kind {
  /** The product's own kind. */
  readonly kind: Kind;
  /** Returns an endpoint of this kind: p0, p1, …. */
  readonly url: (number: number) => string;
  /** Returns the same endpoint in another spelling, if there is one. */
  readonly otherSpelling: (number: number) => string;
  /** Returns the endpoint of a group without a pool. */
  readonly endpointOf: (group: string) => string;
  /** Event types for a group, in order: published topics if the product checks these. */
  readonly eventTypes: readonly string[];
  /** The requests that change something in a create, an update and a delete, in order. */
  readonly steps: Readonly<Record<"create" | "update" | "delete", readonly Method[]>>;
  /** Returns all resources of this kind in the sandbox, complete or not, in the order of their creation. */
  readonly stored: (state: SandboxState) => readonly Stored[];
  /** Adds a complete resource, as another user would have made it. */
  readonly put: (state: SandboxState, made: MadeByHand) => void;
  /** Removes a resource without a request, as another user could. */
  readonly remove: (state: SandboxState, id: string) => void;
  /** Switches all resources of this kind off, as another user could. */
  readonly switchOff: (state: SandboxState) => void;
}

type Method = "POST" | "PUT" | "PATCH" | "DELETE";

const httpsUrl = (number: number): string => `https://hooks.example.com/p${number}`;
const sourceUrl = (number: number): string => `eventbridge://123456789012/us-east-1/p${number}`;
const workflowUrl = (number: number): string => `workflow:p${number}`;

const topics = ["v2.users.{id}.presence", "v2.users.{id}.routingStatus"];
const steps = { create: ["POST"], update: ["PUT"], delete: ["DELETE"] } as const;

export const webhooks: TestKind = {
  ...webhook,
  kind: webhook,
  ...{ steps, eventTypes: ["a.created", "a.ended"] },
  url: httpsUrl,
  otherSpelling: (number) => httpsUrl(number).replace("hooks.example.com", "Hooks.Example.com:443"),
  endpointOf: (group) => `https://events.example.com/${group}`,
  stored: ({ webhooks: all }) =>
    [...all.values()].map(({ id, endpoint, eventTypes, state, description }) => ({
      ...{ id, endpoint, eventTypes, state, description },
    })),
  put: ({ webhooks: all }, { id, eventTypes, ...made }) => {
    const retryPolicy = { retryCount: 3, retryInterval: "PT1M", retryOnTimeout: true };
    all.set(id, makeWebhook(id, { ...made, eventTypes: [...eventTypes], retryPolicy, state: "enabled" }));
  },
  remove: ({ webhooks: all }, id) => void all.delete(id),
  switchOff: ({ webhooks: all }) => {
    for (const [id, one] of all) all.set(id, { ...one, state: "disabled" });
  },
};

export const integrations: TestKind = {
  ...eventBridge,
  kind: eventBridge,
  eventTypes: topics,
  url: sourceUrl,
  otherSpelling: sourceUrl,
  endpointOf: (group) => `eventbridge://123456789012/us-east-1/${group}`,
  steps: { create: ["POST", "PUT", "PATCH"], update: ["PUT", "PATCH"], delete: ["PATCH", "DELETE"] },
  stored: ({ integrations: all }) =>
    [...all.values()].map(({ id, intendedState, config: { notes: description, properties } }) => {
      const { awsAccountId, awsAccountRegion, eventSourceSuffix, eventFilter = [] } = properties;
      const endpoint = `eventbridge://${[awsAccountId, awsAccountRegion, eventSourceSuffix].join("/")}`;
      const state = intendedState === "ENABLED" ? "enabled" : "disabled";
      return { id, endpoint, eventTypes: eventFilter, state, description };
    }),
  put: ({ integrations: all }, { id, name, endpoint, eventTypes: eventFilter, description: notes }) => {
    const [awsAccountId = "", awsAccountRegion = "", eventSourceSuffix = ""] = endpoint.split("/").slice(2);
    const properties = { awsAccountId, awsAccountRegion, eventSourceSuffix, eventFilter };
    const config = { name, notes, properties, version: 1 };
    all.set(id, { id, name, intendedState: "ENABLED", intendedAtMs: 0, config });
  },
  remove: ({ integrations: all }, id) => void all.delete(id),
  switchOff: ({ integrations: all }) => {
    for (const [id, one] of all) all.set(id, { ...one, intendedState: "DISABLED" });
  },
};

export const triggers: TestKind = {
  ...trigger,
  kind: trigger,
  ...{ steps, eventTypes: topics },
  url: workflowUrl,
  otherSpelling: workflowUrl,
  endpointOf: (group) => `workflow:${group}`,
  stored: ({ triggers: all }) =>
    [...all.values()].map(({ id, topicName, target, enabled, description = "" }) => {
      const state = enabled ? "enabled" : "disabled";
      return { id, endpoint: `workflow:${target.id}`, eventTypes: [topicName], state, description };
    }),
  put: ({ triggers: all }, { id, name, endpoint, eventTypes: [topicName = ""], description }) => {
    const target = { type: "Workflow", id: endpoint.replace("workflow:", "") } as const;
    all.set(id, { id, name, topicName, target, enabled: true, matchCriteria: [], description, version: 1 });
  },
  remove: ({ triggers: all }, id) => void all.delete(id),
  switchOff: ({ triggers: all }) => {
    for (const [id, one] of all) all.set(id, { ...one, enabled: false });
  },
};

const routeUrl = (number: number): string => `https://hooks.example.com/p${number}`;

/** Of a config with `aws.webhooks`; their feed is an integration. */
export const routes: TestKind = {
  ...route,
  kind: route,
  ...{ steps, eventTypes: topics },
  url: routeUrl,
  otherSpelling: (number) => routeUrl(number).replace("hooks.example.com", "Hooks.Example.com:443"),
  endpointOf: (group) => `https://events.example.com/${group}`,
  stored: routesIn,
  put: putRoute,
  remove: removeRoute,
  switchOff: switchRoutesOff,
};

export const kinds: readonly TestKind[] = [webhooks, integrations, triggers];

/** Those that the default config does not choose, too. */
export const allKinds: readonly TestKind[] = [...kinds, routes];

/** Returns the sandbox's resources of every kind, incomplete ones too, without ids and in one order. */
export function storedIn({ state }: { readonly state: SandboxState }): readonly Omit<Stored, "id">[] {
  return kinds
    .flatMap((kind) => kind.stored(state))
    .map(({ endpoint, eventTypes, state: now, description }) => ({
      ...{ endpoint, eventTypes, state: now, description },
    }))
    .sort((a, b) => compareText(JSON.stringify(a), JSON.stringify(b)));
}

/** Returns the resources that a group should have: one for its endpoint or, for triggers, one for each event type. */
export function wholeOf(kind: TestKind, group: string, more: Partial<Stored> = {}): Omit<Stored, "id">[] {
  const { granularity, eventTypes: types, endpointOf } = kind;
  const description = `Consumer group: ${group} | Offset tracking: /var/data/${group}.json | Managed by: reconcile (default)`;
  return (granularity === "endpoint" ? [types] : types.map((type) => [type])).map((eventTypes) => ({
    ...{ endpoint: endpointOf(group), eventTypes, state: "enabled", description, ...more },
  }));
}

/** Makes a live resource from a document with an id, as a driver would have read it. */
export function liveFrom(found: Omit<LiveResource, "kind" | "group" | "owner" | "delivers">): LiveResource {
  return makeLive(builtInKinds.of(found), found);
}
