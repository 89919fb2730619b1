// The sandbox's state. `handle` changes it in place; tokens and rate windows are not kept beyond the process.
import { makeAwsState, type AwsState } from "./aws/aws-state.ts";
import { makeRateWindow, maxRequestsPerClient, maxTokenRequests, type RateWindow } from "./limits.ts";
import type { StoredIntegration } from "./integration-rules.ts";
import type { StoredTrigger } from "./trigger-rules.ts";
import type { WebhookFields } from "./webhook-rules.ts";

export interface StoredWebhook extends WebhookFields {
  readonly id: string;
  readonly links: { readonly self: string };
}

export interface IssuedToken {
  readonly expiresAtMs: number;
  readonly window: RateWindow;
}

export interface SandboxState {
  /** By id, in the order of creation; a replaced webhook keeps its place in the Map. */
  readonly webhooks: Map<string, StoredWebhook>;
  readonly integrations: Map<string, StoredIntegration>;
  readonly triggers: Map<string, StoredTrigger>;
  /** The entries of all further resources, by the key of their list and by id. */
  readonly others: Map<string, Map<string, unknown>>;
  readonly aws: AwsState;
  /** By access token, the oldest first. */
  readonly tokens: Map<string, IssuedToken>;
  readonly clientWindow: RateWindow;
  readonly tokenRequestWindow: RateWindow;
}

export function makeState(): SandboxState {
  return {
    webhooks: new Map(),
    integrations: new Map(),
    triggers: new Map(),
    others: new Map(),
    aws: makeAwsState(),
    tokens: new Map(),
    clientWindow: makeRateWindow(maxRequestsPerClient),
    tokenRequestWindow: makeRateWindow(maxTokenRequests),
  };
}

export function makeWebhook(id: string, fields: WebhookFields): StoredWebhook {
  return { id, ...fields, links: { self: `/api/v2/webhooks/${id}` } };
}

/** Another webhook with the same name and endpoint; the platform does not allow two. */
export function findExisting(state: SandboxState, webhook: StoredWebhook): StoredWebhook | undefined {
  for (const other of state.webhooks.values()) {
    const isSame = other.name === webhook.name && other.endpoint === webhook.endpoint;
    if (isSame && other.id !== webhook.id) return other;
  }
  return undefined;
}

/** The value, or undefined if the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
