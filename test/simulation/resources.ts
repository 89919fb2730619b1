// The three resources as the simulation looks at them: one shape for all, what is in it being what Genesys Cloud
// delivers. Worked out from what the platform has stored, in another way than the product does.
import type { AuditRecord } from "../../src/model/audit-record.ts";
import { settlingMs } from "../../src/sandbox/integrations.ts";
import type { StoredIntegration } from "../../src/sandbox/integration-rules.ts";
import { makeWebhook, type SandboxState, type StoredWebhook } from "../../src/sandbox/state.ts";
import type { StoredTrigger } from "../../src/sandbox/trigger-rules.ts";

export interface Resource {
  readonly id: string;
  readonly name: string;
  readonly endpoint: string;
  readonly eventTypes: readonly string[];
  readonly retryPolicy: StoredWebhook["retryPolicy"] | null;
  /** Whether it delivers now: `enabled`, or something else. */
  readonly state: string;
  /** Whether it shall. */
  readonly intended: "enabled" | "disabled";
  readonly description: string;
  /** Of a trigger whose manifest asks for none. */
  readonly ttlSeconds: number | null;
}

/** A request that changes something; `stored`: what is under its id when it leaves, if that is something. */
export interface Asked {
  readonly method: string;
  readonly id: string | null;
  readonly body: Readonly<Record<string, unknown>> | null;
  readonly name: string | null;
  readonly stored: Resource | null;
}

export type Scheme = "https" | "eventbridge" | "workflow";

export interface SimulatedKind {
  readonly scheme: Scheme;
  readonly path: string;
  readonly pageSize: number;
  /** Whether a resource delivers all event types of an endpoint, or one. */
  readonly isOfMany: boolean;
  /** How many requests an operation takes at most. */
  readonly mostSteps: { readonly create: number; readonly update: number; readonly delete: number };
  readonly endpointOf: (group: string, number: number) => string;
  readonly typePrefix: string;
  readonly stored: (state: SandboxState) => ReadonlyMap<string, object>;
  /** Null of one that is not there, or that is nothing yet. */
  readonly look: (state: SandboxState, id: string, nowMs: number) => Resource | null;
  /** Null of an answer that does not show what is delivered. */
  readonly ofAnswer: (json: unknown) => Resource | null;
  readonly put: (state: SandboxState, resource: Resource, nowMs: number) => void;
  readonly remove: (state: SandboxState, id: string) => void;
  /** Whether the request does what the intent says, or a step of it. */
  readonly carriesOut: (intent: AuditRecord, asked: Asked) => boolean;
}

export const steps = { create: 1, update: 1, delete: 1 };

const webhooks: SimulatedKind = {
  ...{ scheme: "https", path: "/api/v2/webhooks", pageSize: 100, isOfMany: true, mostSteps: steps },
  ...{ typePrefix: "" },
  endpointOf: (group, number) => `https://h${number}.example.com/${group}`,
  stored: (state) => state.webhooks,
  look: (state, id) => {
    const found = state.webhooks.get(id);
    return found ? ofWebhook(found) : null;
  },
  ofAnswer: (json) => ofWebhook(json as StoredWebhook),
  put: (state, { id, name, endpoint, eventTypes, retryPolicy, intended, description }) => {
    const fields = { name, endpoint, eventTypes, state: intended, description };
    state.webhooks.set(id, makeWebhook(id, { ...fields, ...(retryPolicy ? { retryPolicy } : {}) }));
  },
  remove: (state, id) => void state.webhooks.delete(id),
  carriesOut: (intent, { method, id, body }) =>
    isOf(intent, method, id) && JSON.stringify(intent.after) === JSON.stringify(body),
};

function ofWebhook({
  id,
  name,
  endpoint,
  eventTypes,
  retryPolicy,
  state,
  description,
}: StoredWebhook): Resource {
  return {
    ...{
      id,
      name,
      endpoint,
      eventTypes,
      retryPolicy: retryPolicy ?? null,
      state,
      intended: state,
      description,
    },
    ttlSeconds: null,
  };
}

const triggers: SimulatedKind = {
  ...{ scheme: "workflow", path: "/api/v2/processautomation/triggers", pageSize: 200, isOfMany: false },
  ...{ mostSteps: steps, typePrefix: "v2." },
  endpointOf: (group, number) => `workflow:${group}-${number}`,
  stored: (state) => state.triggers,
  look: (state, id) => {
    const found = state.triggers.get(id);
    return found ? ofTrigger(found) : null;
  },
  ofAnswer: (json) => ofTrigger(json as StoredTrigger),
  put: (state, { id, name, endpoint, eventTypes, intended, description, ttlSeconds }) => {
    const before = state.triggers.get(id);
    state.triggers.set(id, {
      ...{ id, name, topicName: eventTypes[0] ?? "", enabled: intended === "enabled", matchCriteria: [] },
      target: { type: "Workflow", id: endpoint.slice("workflow:".length) },
      ...(ttlSeconds === null ? {} : { eventTTLSeconds: ttlSeconds }),
      ...{ description, version: (before?.version ?? 0) + 1 },
    });
  },
  remove: (state, id) => void state.triggers.delete(id),
  carriesOut: (intent, { method, id, body }) => {
    if (!isOf(intent, method, id)) return false;
    const { after } = intent;
    if (!after || !body) return after === null && body === null;
    const target = body["target"] as { readonly id: string };
    return (
      body["name"] === after.name &&
      body["topicName"] === after.eventTypes[0] &&
      `workflow:${target.id}` === after.endpoint &&
      body["enabled"] === (after.state === "enabled") &&
      body["description"] === after.description
    );
  },
};

function ofTrigger(stored: StoredTrigger): Resource {
  const { id, name, topicName, target, enabled, description = "", eventTTLSeconds = null } = stored;
  const state = enabled ? "enabled" : "disabled";
  return {
    ...{ id, name, endpoint: `workflow:${target.id}`, eventTypes: [topicName], retryPolicy: null },
    ...{ state, intended: state, description, ttlSeconds: eventTTLSeconds },
  };
}

const integrations: SimulatedKind = {
  ...{ scheme: "eventbridge", path: "/api/v2/integrations", pageSize: 100, isOfMany: true },
  ...{ mostSteps: { create: 3, update: 2, delete: 2 }, typePrefix: "v2." },
  endpointOf: (group, number) => `eventbridge://123456789012/us-east-1/${group}-${number}`,
  stored: (state) => state.integrations,
  look: (state, id, nowMs) => {
    const found = state.integrations.get(id);
    return found && !isNothing(found) ? ofIntegration(found, nowMs) : null;
  },
  ofAnswer: (json) => {
    const { id, intendedState, reportedState, config } = json as {
      readonly id: string;
      readonly intendedState: "ENABLED" | "DISABLED";
      readonly reportedState: { readonly code: string };
      readonly config?: { readonly current: StoredIntegration["config"] };
    };
    if (config?.current.properties.eventFilter === undefined) return null;
    const stored = {
      id,
      name: config.current.name,
      intendedState,
      intendedAtMs: 0,
      config: config.current,
    };
    const isActive = reportedState.code === "ACTIVE";
    return { ...ofIntegration(stored, 0), state: isActive ? "enabled" : reportedState.code.toLowerCase() };
  },
  put: (state, { id, name, endpoint, eventTypes, intended, description }, nowMs) => {
    const before = state.integrations.get(id);
    const [, awsAccountId = "", awsAccountRegion = "", eventSourceSuffix = ""] =
      /^eventbridge:\/\/(.*)\/(.*)\/(.*)$/.exec(endpoint) ?? [];
    const intendedState = intended === "enabled" ? "ENABLED" : "DISABLED";
    const isSwitched = before?.intendedState !== intendedState;
    state.integrations.set(id, {
      ...{ id, name, intendedState, intendedAtMs: isSwitched ? nowMs : before.intendedAtMs },
      config: {
        ...{ name, notes: description, version: (before?.config.version ?? 0) + 1 },
        properties: { awsAccountId, awsAccountRegion, eventSourceSuffix, eventFilter: eventTypes },
      },
    });
  },
  remove: (state, id) => void state.integrations.delete(id),
  carriesOut: (intent, asked) => {
    const { after, webhookId } = intent;
    const { method, id, body } = asked;
    if (method === "POST") return intent.operation === "create" && after?.name === body?.["name"];
    // Of one that is being made, whatever its name is by now.
    const isMade = after?.name === asked.name || after?.endpoint === asked.stored?.endpoint;
    if (intent.operation === "create" ? !isMade : webhookId !== id) return false;
    if (method === "DELETE") return true;
    if (method === "PATCH")
      return body?.["intendedState"] === (after?.state === "enabled" ? "ENABLED" : "DISABLED");
    const { eventFilter } = body?.["properties"] as { readonly eventFilter: readonly string[] };
    return body?.["notes"] === after?.description && eventFilter.join() === after?.eventTypes.join();
  },
};

/** Not configured yet, or deleted and only shown as that. */
function isNothing({ config, intendedState }: StoredIntegration): boolean {
  if (intendedState === "DELETED") return true;
  return config.notes === "" && Object.keys(config.properties).length === 0;
}

function ofIntegration(stored: StoredIntegration, nowMs: number): Resource {
  const { id, name, intendedState, intendedAtMs, config } = stored;
  const { awsAccountId, awsAccountRegion, eventSourceSuffix, eventFilter = [] } = config.properties;
  const isOn = intendedState === "ENABLED";
  const isSettled = nowMs >= intendedAtMs + settlingMs;
  return {
    ...{
      id,
      name,
      eventTypes: eventFilter,
      retryPolicy: null,
      description: config.notes,
      ttlSeconds: null,
    },
    endpoint: `eventbridge://${awsAccountId ?? ""}/${awsAccountRegion ?? ""}/${eventSourceSuffix ?? ""}`,
    state: isOn ? (isSettled ? "enabled" : "activating") : "disabled",
    intended: isOn ? "enabled" : "disabled",
  };
}

const actions: Readonly<Record<string, readonly string[]>> = {
  POST: ["create"],
  PUT: ["update", "adopt"],
  DELETE: ["delete"],
};

function isOf(intent: AuditRecord, method: string, id: string | null): boolean {
  return actions[method]?.includes(intent.operation ?? "") === true && intent.webhookId === id;
}

const simulated = {
  webhooks: [webhooks],
  integrations: [integrations],
  triggers: [triggers],
  // A group takes its event types along from one kind to another, so they are of a form that each takes.
  mixed: [{ ...webhooks, typePrefix: "v2." }, integrations, triggers],
} as const satisfies Readonly<Record<string, Kinds["all"]>>;

export type ResourcesName = keyof typeof simulated;
/** @public `npm run simulate` reads it. */
export const resourcesNames = Object.keys(simulated) as readonly ResourcesName[];

/** What the manifests of a story name: one kind, or all beside each other. */
export interface Kinds {
  readonly all: readonly [SimulatedKind, ...SimulatedKind[]];
  readonly ofEndpoint: (endpoint: string) => SimulatedKind;
  /** Of a request; undefined where it is about none of them. */
  readonly ofPath: (pathname: string) => SimulatedKind | undefined;
}

export function kindsOf(name: ResourcesName): Kinds {
  const all: Kinds["all"] = simulated[name];
  return {
    all,
    ofEndpoint: (endpoint) => all.find(({ scheme }) => endpoint.startsWith(`${scheme}:`)) ?? all[0],
    ofPath: (pathname) => all.find(({ path }) => pathname === path || pathname.startsWith(`${path}/`)),
  };
}
