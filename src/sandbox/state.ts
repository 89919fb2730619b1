// The sandbox's database: `handle` changes it in place; tokens and windows do not outlive the process.
import { makeRateWindow, maxRequestsPerClient, maxTokenRequests, type RateWindow } from "./limits.ts";
import { parseConfiguration, type StoredIntegration } from "./integration-rules.ts";
import { parseTriggerFields, type StoredTrigger } from "./trigger-rules.ts";
import { isObject, parseWebhookFields, type WebhookFields } from "./webhook-rules.ts";

export interface StoredWebhook extends WebhookFields {
  readonly id: string;
  readonly links: { readonly self: string };
}

export interface Token {
  readonly expiresAtMs: number;
  readonly window: RateWindow;
}

export interface SandboxState {
  /** By id, in the order of creation: a Map keeps it, also where a webhook is replaced. */
  readonly webhooks: Map<string, StoredWebhook>;
  readonly integrations: Map<string, StoredIntegration>;
  readonly triggers: Map<string, StoredTrigger>;
  /** By access token, oldest first. */
  readonly tokens: Map<string, Token>;
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

/** The other webhook with the same name and endpoint, which there must never be. */
export function findTwin(state: SandboxState, webhook: StoredWebhook): StoredWebhook | undefined {
  for (const other of state.webhooks.values()) {
    const isTwin = other.name === webhook.name && other.endpoint === webhook.endpoint;
    if (isTwin && other.id !== webhook.id) return other;
  }
  return undefined;
}

/** The text of a state file: a line for each webhook, integration and trigger. */
export function formatState(state: SandboxState): string {
  // The links follow from the id.
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

/** Reads `formatState`'s text back; every rule that holds for a request holds here too. */
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
    const problem = addEntry(state, entry);
    if (problem !== undefined) return { ok: false, problem: `webhook ${index + 1}: ${problem}` };
  }
  for (const [what, store] of [
    ["integration", parseIntegration],
    ["trigger", parseTrigger],
  ] as const) {
    const list = file[`${what}s`] ?? [];
    if (!Array.isArray(list)) return { ok: false, problem: `its ${what}s are no list` };
    for (const [index, entry] of list.entries())
      if (!store(state, entry)) return { ok: false, problem: `${what} ${index + 1} is not valid` };
  }
  return { ok: true, state };
}

/** The value, or undefined where the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function addEntry(state: SandboxState, entry: unknown): string | undefined {
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

/** False where it is none. */
function parseIntegration(state: SandboxState, entry: unknown): boolean {
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

/** False where it is none. */
function parseTrigger(state: SandboxState, entry: unknown): boolean {
  if (!isObject(entry)) return false;
  const { id, version } = entry;
  const parsed = parseTriggerFields(entry);
  if (typeof id !== "string" || typeof version !== "number" || !parsed.ok) return false;
  state.triggers.set(id, { id, ...parsed.fields, version });
  return true;
}
