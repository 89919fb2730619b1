// The sandbox's state. `handle` changes it in place; tokens and rate windows are not kept beyond the process.
import { makeRateWindow, maxRequestsPerClient, maxTokenRequests, type RateWindow } from "./limits.ts";
import { parseConfiguration, type StoredIntegration } from "./integration-rules.ts";
import { parseTriggerFields, type StoredTrigger } from "./trigger-rules.ts";
import { isObject, parseWebhookFields, type WebhookFields } from "./webhook-rules.ts";

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
  /** By access token, the oldest first. */
  readonly tokens: Map<string, IssuedToken>;
  readonly clientWindow: RateWindow;
  readonly tokenRequestWindow: RateWindow;
}

const formatVersion = 1;

export function makeState(): SandboxState {
  return {
    webhooks: new Map(),
    integrations: new Map(),
    triggers: new Map(),
    tokens: new Map(),
    clientWindow: makeRateWindow(maxRequestsPerClient),
    tokenRequestWindow: makeRateWindow(maxTokenRequests),
  };
}

export function makeWebhook(id: string, fields: WebhookFields): StoredWebhook {
  return { id, ...fields, links: { self: `/api/v2/webhooks/${id}` } };
}

/** Another webhook with the same name and endpoint; the platform does not allow two. */
export function findTwin(state: SandboxState, webhook: StoredWebhook): StoredWebhook | undefined {
  for (const other of state.webhooks.values()) {
    const isTwin = other.name === webhook.name && other.endpoint === webhook.endpoint;
    if (isTwin && other.id !== webhook.id) return other;
  }
  return undefined;
}

/** The text of a state file: a line for each webhook, integration and trigger. */
export function formatState(state: SandboxState): string {
  // The links are made from the id again.
  const webhooks = [...state.webhooks.values()].map((webhook) => ({ ...webhook, links: undefined }));
  const lists = {
    webhooks,
    integrations: [...state.integrations.values()],
    triggers: [...state.triggers.values()],
  };
  const texts = Object.entries(lists)
    .filter(([name, list]) => name === "webhooks" || list.length > 0)
    .map(([name, list]) => `"${name}":[\n${list.map((one) => JSON.stringify(one)).join(",\n")}\n]`);
  return `{"formatVersion":${formatVersion},${texts.join(",")}}\n`;
}

/** Parses the text of `formatState`, by the same rules as requests. */
export function parseState(
  text: string,
): { readonly ok: true; readonly state: SandboxState } | { readonly ok: false; readonly problem: string } {
  const file = parseJson(text);
  if (!isObject(file)) return { ok: false, problem: "it is not a JSON object" };
  if (file["formatVersion"] !== formatVersion) {
    return { ok: false, problem: `its formatVersion is not ${formatVersion}` };
  }
  if (!Array.isArray(file["webhooks"])) return { ok: false, problem: "it has no list of webhooks" };

  const state = makeState();
  for (const [index, entry] of file["webhooks"].entries()) {
    const problem = addWebhook(state, entry);
    if (problem !== undefined) return { ok: false, problem: `webhook ${index + 1}: ${problem}` };
  }
  for (const [what, store] of [
    ["integration", addIntegration],
    ["trigger", addTrigger],
  ] as const) {
    const list = file[`${what}s`] ?? [];
    if (!Array.isArray(list)) return { ok: false, problem: `its ${what}s are not a list` };
    for (const [index, entry] of list.entries())
      if (!store(state, entry)) return { ok: false, problem: `${what} ${index + 1} is not valid` };
  }
  return { ok: true, state };
}

/** The value, or undefined if the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Adds the webhook to the state, or returns what is wrong with the entry. */
function addWebhook(state: SandboxState, entry: unknown): string | undefined {
  if (!isObject(entry)) return "it is not an object";
  const id = entry["id"];
  if (typeof id !== "string" || !/^[\w-]+$/.test(id)) return "id must be an identifier";
  if (state.webhooks.has(id)) return `id ${id} exists already`;
  const parsed = parseWebhookFields(entry);
  if (!parsed.ok) return parsed.faults.map((fault) => fault.message).join("; ");
  const webhook = makeWebhook(id, parsed.fields);
  if (findTwin(state, webhook)) return "a webhook with this name and endpoint exists already";
  state.webhooks.set(id, webhook);
  return undefined;
}

/** Adds the integration to the state; false if the entry is not valid. */
function addIntegration(state: SandboxState, entry: unknown): boolean {
  if (!isObject(entry) || !isObject(entry["config"])) return false;
  const { id, name, intendedState, intendedAtMs, config } = entry;
  if (typeof id !== "string" || typeof name !== "string" || typeof intendedAtMs !== "number") return false;
  if (intendedState !== "ENABLED" && intendedState !== "DISABLED") return false;
  const parsed = parseConfiguration(config, { name, notes: "", properties: {} });
  const version = config["version"];
  if (!parsed.ok || typeof version !== "number") return false;
  state.integrations.set(id, {
    id,
    name,
    intendedState,
    intendedAtMs,
    config: { ...parsed.fields, version },
  });
  return true;
}

/** Adds the trigger to the state; false if the entry is not valid. */
function addTrigger(state: SandboxState, entry: unknown): boolean {
  if (!isObject(entry)) return false;
  const { id, version } = entry;
  const parsed = parseTriggerFields(entry);
  if (typeof id !== "string" || typeof version !== "number" || !parsed.ok) return false;
  state.triggers.set(id, { id, ...parsed.fields, version });
  return true;
}
