// The resource `/api/v2/webhooks`: list, create, read, replace, delete.
import { refuseBody, refuseMissing, type ApiCall } from "./call.ts";
import { refuse, type Answer } from "./messages.ts";
import { listPage } from "./pages.ts";
import type { SandboxResource } from "./resource.ts";
import { findExisting, makeWebhook, parseJson, type SandboxState } from "./state.ts";
import { isObject, parseWebhookFields, type JsonObject, type WebhookFields } from "./webhook-rules.ts";

const collectionPath = "/api/v2/webhooks";

function listWebhooks(call: ApiCall): Answer {
  return listPage(call, collectionPath, { all: [...call.state.webhooks.values()] });
}

function createWebhook(call: ApiCall): Answer {
  return storeWebhook(call, call.newId(), 201);
}

function readWebhook(call: ApiCall, id: string): Answer {
  const webhook = call.state.webhooks.get(id);
  return webhook ? { status: 200, json: webhook } : refuseMissing(call, "webhook", id);
}

/** Replaces the whole webhook; a field that the body leaves out gets its default. */
function replaceWebhook(call: ApiCall, id: string): Answer {
  return call.state.webhooks.has(id) ? storeWebhook(call, id, 200) : refuseMissing(call, "webhook", id);
}

function deleteWebhook(call: ApiCall, id: string): Answer {
  const existed = call.state.webhooks.delete(id);
  return existed ? { status: 204, changed: true } : refuseMissing(call, "webhook", id);
}

function storeWebhook(call: ApiCall, id: string, status: 200 | 201): Answer {
  const { state, correlationId } = call;
  const body = parseJson(call.body);
  if (!isObject(body)) return refuseBody(call, "The body must be a JSON object.");
  const parsed = parseWebhookFields(body);
  if (!parsed.ok) {
    const message = `The webhook is not valid: ${parsed.faults.map((fault) => fault.message).join("; ")}.`;
    return refuse({ status: 422, code: "invalid.webhook", message, errors: parsed.faults }, correlationId);
  }
  const fields = call.quirks.keepsUnknown ? keepUnknown(body, parsed.fields) : parsed.fields;
  const webhook = makeWebhook(id, fields);
  const existing = findExisting(state, webhook);
  if (existing) {
    const message = `Webhook ${existing.id} has this name and endpoint already.`;
    return refuse({ status: 409, code: "webhook.exists", message }, correlationId);
  }
  state.webhooks.set(id, webhook);
  return { status, json: webhook, changed: true };
}

function keepUnknown(body: JsonObject, { retryPolicy, ...fields }: WebhookFields): WebhookFields {
  const sent = isObject(body["retryPolicy"]) ? body["retryPolicy"] : {};
  const others = Object.entries(body).filter(([name]) => name !== "id" && name !== "links");
  return {
    ...Object.fromEntries(others),
    ...fields,
    ...(retryPolicy ? { retryPolicy: { ...sent, ...retryPolicy } } : {}),
  };
}

function addWebhook(state: SandboxState, entry: unknown): string | undefined {
  if (!isObject(entry)) return ": it is not an object";
  const id = entry["id"];
  if (typeof id !== "string" || !/^[\w-]+$/.test(id)) return ": id must be an identifier";
  if (state.webhooks.has(id)) return `: id ${id} exists already`;
  const parsed = parseWebhookFields(entry);
  if (!parsed.ok) return `: ${parsed.faults.map((fault) => fault.message).join("; ")}`;
  const webhook = makeWebhook(id, parsed.fields);
  if (findExisting(state, webhook)) return ": a webhook with this name and endpoint exists already";
  state.webhooks.set(id, webhook);
  return undefined;
}

export const webhooks: SandboxResource = {
  noun: "webhook",
  list: "webhooks",
  isRequired: true,
  routes: [
    ["GET", "/webhooks", listWebhooks],
    ["POST", "/webhooks", createWebhook],
    ["GET", "/webhooks/{id}", readWebhook],
    ["PUT", "/webhooks/{id}", replaceWebhook],
    ["DELETE", "/webhooks/{id}", deleteWebhook],
  ],
  // The state file leaves the links out, because they are made from the id.
  entriesOf: (state) => [...state.webhooks.values()].map((webhook) => ({ ...webhook, links: undefined })),
  add: addWebhook,
};
