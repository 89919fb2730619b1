// Parses the platform's answers about webhooks, and checks every field before it is used.
import { webhook } from "./kind.ts";
import type { RetryPolicy } from "./retry-policy.ts";
import { makeLive, type LiveResource } from "../../model/resource.ts";
import { isObject } from "../../genesys/client/json.ts";
import { expected, isResourceId, isTexts, type Parsed } from "../../genesys/parsed.ts";
import { nameFields, otherFields, type Fields } from "../../genesys/unmodelled.ts";

/** A missing text counts as empty, and an invalid retry policy as none. `repeated` is what `findRepeated` returns for it. */
export function parseWebhook(body: unknown, repeated: Repeated): Parsed<LiveResource> {
  if (!isObject(body)) return expected("a webhook as a JSON object");
  const { id } = body;
  if (!isResourceId(id)) return expected("a webhook's id to be 1 to 128 letters, digits, or _ . : ~ -");
  const texts = { name: "", endpoint: "", state: "", description: "" };
  for (const key of Object.keys(texts) as (keyof typeof texts)[]) {
    const value = body[key] ?? "";
    if (typeof value !== "string") return expected(`${key} of webhook ${id} to be text`);
    texts[key] = value;
  }
  const eventTypes = body["eventTypes"] ?? [];
  if (/^(?:enabled|disabled)$/i.test(texts.state)) texts.state = texts.state.toLowerCase();
  if (!isTexts(eventTypes)) return expected(`eventTypes of webhook ${id} to be an array of text`);
  const retryPolicy = parseRetryPolicy(body["retryPolicy"]);
  const unmodelled = nameFields(["", repeated.ofWebhook], ["retryPolicy.", repeated.ofRetryPolicy]);
  return { ok: true, value: makeLive(webhook, { id, ...texts, eventTypes, retryPolicy, ...unmodelled }) };
}

/** The fields of an answer that a PUT must repeat, because a document does not hold them. */
export interface Repeated {
  readonly ofWebhook: Fields;
  readonly ofRetryPolicy: Fields;
}

const knownFields = ["name", "endpoint", "eventTypes", "retryPolicy", "state", "description"];

export function findRepeated(body: unknown): Repeated {
  const retryPolicy = isObject(body) ? body["retryPolicy"] : null;
  return {
    ofWebhook: otherFields(body, knownFields),
    ofRetryPolicy: otherFields(retryPolicy, ["retryCount", "retryInterval", "retryOnTimeout"]),
  };
}

function parseRetryPolicy(value: unknown): RetryPolicy | null {
  if (!isObject(value)) return null;
  const { retryInterval } = value;
  const retryCount = plainOf(value["retryCount"]);
  const retryOnTimeout = plainOf(value["retryOnTimeout"]);
  if (typeof retryCount !== "number" || typeof retryInterval !== "string") return null;
  return typeof retryOnTimeout === "boolean" ? { retryCount, retryInterval, retryOnTimeout } : null;
}

/** A number or a boolean may be answered as text. */
function plainOf(value: unknown): unknown {
  return typeof value === "string" && /^(?:true|false|\d{1,9})$/.test(value) ? JSON.parse(value) : value;
}

/** Describes the list of webhooks for `listPages`. */
export const webhookCollection = {
  kind: webhook,
  path: webhook.path,
  nouns: webhook.nouns,
};
