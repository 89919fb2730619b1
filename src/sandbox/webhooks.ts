// The resource `/api/v2/webhooks`: list, create, read, replace, delete.
import { refuseBody, refuseMissing, type ApiCall } from "./call.ts";
import { refuse, type Answer } from "./messages.ts";
import { listPage } from "./pages.ts";
import { findTwin, makeWebhook, parseJson } from "./state.ts";
import { isObject, parseWebhookFields } from "./webhook-rules.ts";

const collectionPath = "/api/v2/webhooks";

export function listWebhooks(call: ApiCall): Answer {
  return listPage(call, collectionPath, [...call.state.webhooks.values()]);
}

export function createWebhook(call: ApiCall): Answer {
  return storeWebhook(call, call.newId(), 201);
}

export function readWebhook(call: ApiCall, id: string): Answer {
  const webhook = call.state.webhooks.get(id);
  return webhook ? { status: 200, json: webhook } : refuseMissing(call, "webhook", id);
}

/** Replaces the whole webhook; a field that the body leaves out gets its default. */
export function replaceWebhook(call: ApiCall, id: string): Answer {
  return call.state.webhooks.has(id) ? storeWebhook(call, id, 200) : refuseMissing(call, "webhook", id);
}

export function deleteWebhook(call: ApiCall, id: string): Answer {
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
  const webhook = makeWebhook(id, parsed.fields);
  const twin = findTwin(state, webhook);
  if (twin) {
    const message = `Webhook ${twin.id} has this name and endpoint already.`;
    return refuse({ status: 409, code: "webhook.exists", message }, correlationId);
  }
  state.webhooks.set(id, webhook);
  return { status, json: webhook, changed: true };
}
