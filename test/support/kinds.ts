// The three resources that deliver events, for tests that hold all of them to the same promises.
import { compareText } from "../../src/lib/compare.ts";
import { resourceKinds, type ResourceKind } from "../../src/model/resource-kind.ts";
import { makeWebhook, type SandboxState } from "../../src/sandbox/state.ts";

export interface TestKind extends ResourceKind {
  /** p0, p1, …: endpoints of this kind. */
  readonly url: (number: number) => string;
  /** The same endpoint, spelt in another way where there is one. */
  readonly otherSpelling: (number: number) => string;
  /** Where a group's events go, where it has no pool. */
  readonly endpointOf: (group: string) => string;
  /** What a group subscribes to, in order; of published topics where those are checked. */
  readonly eventTypes: readonly string[];
  /** The requests that change something of which a create, an update and a delete consist, in order. */
  readonly steps: Readonly<Record<"create" | "update" | "delete", readonly Method[]>>;
  /** All that the sandbox has of this kind, in the order in which it was made, whether it is whole or not. */
  readonly stored: (state: SandboxState) => readonly Stored[];
  /** One that somebody else has made, and that is as it shall be by now. */
  readonly put: (state: SandboxState, made: MadeByHand) => void;
  /** Somebody else takes it away, without a request. */
  readonly remove: (state: SandboxState, id: string) => void;
  /** Somebody else switches all of this kind off. */
  readonly switchOff: (state: SandboxState) => void;
}

export type MadeByHand = Omit<Stored, "state"> & { readonly name: string };

type Method = "POST" | "PUT" | "PATCH" | "DELETE";

export interface Stored {
  readonly id: string;
  readonly endpoint: string;
  readonly eventTypes: readonly string[];
  readonly state: string;
  readonly description: string;
}

const httpsUrl = (number: number): string => `https://hooks.example.com/p${number}`;
const sourceUrl = (number: number): string => `eventbridge://123456789012/us-east-1/p${number}`;
const workflowUrl = (number: number): string => `workflow:p${number}`;

const topics = ["v2.users.{id}.presence", "v2.users.{id}.routingstatus"];
const steps = { create: ["POST"], update: ["PUT"], delete: ["DELETE"] } as const;

export const webhooks: TestKind = {
  ...resourceKinds["https:"],
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

const integrations: TestKind = {
  ...resourceKinds["eventbridge:"],
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

const triggers: TestKind = {
  ...resourceKinds["workflow:"],
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

export const kinds: readonly TestKind[] = [webhooks, integrations, triggers];

/** What the sandbox has of every kind, half-made ones too, without ids and in one order. */
export function storedIn({ state }: { readonly state: SandboxState }): readonly Omit<Stored, "id">[] {
  return kinds
    .flatMap((kind) => kind.stored(state))
    .map(({ endpoint, eventTypes, state: now, description }) => ({
      ...{ endpoint, eventTypes, state: now, description },
    }))
    .sort((a, b) => compareText(JSON.stringify(a), JSON.stringify(b)));
}

/** What the sandbox shall have of a group: a resource for its endpoint or, of triggers, one for each event type. */
export function wholeOf(kind: TestKind, group: string, more: Partial<Stored> = {}): Omit<Stored, "id">[] {
  const { granularity, eventTypes: types, endpointOf } = kind;
  const description = `Consumer group: ${group} | Offset tracking: /var/data/${group}.json | Managed by: reconcile (default)`;
  return (granularity === "endpoint" ? [types] : types.map((type) => [type])).map((eventTypes) => ({
    ...{ endpoint: endpointOf(group), eventTypes, state: "enabled", description, ...more },
  }));
}
