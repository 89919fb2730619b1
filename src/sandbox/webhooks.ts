// The resource `/api/v2/webhooks`: list, create, read, replace, delete.
import { refuse, type Answer } from "./messages.ts";
import { findTwin, makeWebhook, parseJson, type SandboxState } from "./state.ts";
import { isObject, parseWebhookFields } from "./webhook-rules.ts";

/** One request to the resource, with what its answer needs. */
export interface WebhookCall {
  readonly state: SandboxState;
  readonly body: string;
  readonly query: URLSearchParams;
  readonly newId: () => string;
  readonly correlationId: string;
}

const collectionPath = "/api/v2/webhooks";
// Documented page sizes.
const defaultPageSize = 25;
const maxPageSize = 100;
/** Far beyond any list, and small enough to multiply by a page size exactly. */
const maxPageNumber = 1_000_000_000;

export function listWebhooks(call: WebhookCall): Answer {
  const pageSize = parseWhole(call.query.get("pageSize") ?? String(defaultPageSize), maxPageSize);
  if (pageSize === undefined) return refuseQuery(call, `pageSize must be from 1 to ${maxPageSize}`);
  const pageNumber = parseWhole(call.query.get("pageNumber") ?? "1", maxPageNumber);
  if (pageNumber === undefined) return refuseQuery(call, `pageNumber must be from 1 to ${maxPageNumber}`);

  const all = [...call.state.webhooks.values()];
  const pageCount = Math.ceil(all.length / pageSize);
  const uriOf = (page: number) => `${collectionPath}?pageSize=${pageSize}&pageNumber=${page}`;
  const json = {
    entities: all.slice((pageNumber - 1) * pageSize, pageNumber * pageSize),
    pageNumber,
    pageSize,
    total: all.length,
    pageCount,
    ...(pageNumber < pageCount ? { nextUri: uriOf(pageNumber + 1) } : {}),
    selfUri: uriOf(pageNumber),
  };
  return { status: 200, json };
}

export function createWebhook(call: WebhookCall): Answer {
  return storeWebhook(call, call.newId(), 201);
}

export function readWebhook(call: WebhookCall, id: string): Answer {
  const webhook = call.state.webhooks.get(id);
  return webhook ? { status: 200, json: webhook } : refuseMissing(call, id);
}

/** A full replacement: what the body leaves out goes back to its default. */
export function replaceWebhook(call: WebhookCall, id: string): Answer {
  return call.state.webhooks.has(id) ? storeWebhook(call, id, 200) : refuseMissing(call, id);
}

export function deleteWebhook(call: WebhookCall, id: string): Answer {
  const existed = call.state.webhooks.delete(id);
  return existed ? { status: 204, changed: true } : refuseMissing(call, id);
}

function storeWebhook(call: WebhookCall, id: string, status: 200 | 201): Answer {
  const { state, correlationId } = call;
  const body = parseJson(call.body);
  if (!isObject(body)) {
    const message = "The body must be a JSON object.";
    return refuse({ status: 400, code: "bad.request", message }, correlationId);
  }
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

function refuseMissing(call: WebhookCall, id: string): Answer {
  const message = `There is no webhook ${id}.`;
  return refuse({ status: 404, code: "not.found", message }, call.correlationId);
}

function refuseQuery(call: WebhookCall, message: string): Answer {
  return refuse({ status: 400, code: "invalid.query", message }, call.correlationId);
}

/** The whole number from 1 to `most` that the text spells in digits, or undefined. */
function parseWhole(text: string, most: number): number | undefined {
  const value = Number(text);
  return /^[1-9]\d*$/.test(text) && value <= most ? value : undefined;
}
