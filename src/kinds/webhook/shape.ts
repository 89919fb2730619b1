// Parses the platform's answers about webhooks, and checks every field before it is used.
import { webhook } from "./kind.ts";
import type { RetryPolicy } from "./retry-policy.ts";
import { makeLive, type LiveResource } from "../../model/resource.ts";
import { isObject } from "../../genesys/client/json.ts";
import { expected, isResourceId, isTexts, type Parsed } from "../../genesys/parsed.ts";

/** A missing text counts as empty, and an invalid retry policy as none. */
export function parseWebhook(body: unknown): Parsed<LiveResource> {
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
  if (!isTexts(eventTypes)) return expected(`eventTypes of webhook ${id} to be an array of text`);
  const retryPolicy = parseRetryPolicy(body["retryPolicy"]);
  return { ok: true, value: makeLive(webhook, { id, ...texts, eventTypes, retryPolicy }) };
}

function parseRetryPolicy(value: unknown): RetryPolicy | null {
  if (!isObject(value)) return null;
  const { retryCount, retryInterval, retryOnTimeout } = value;
  if (typeof retryCount !== "number" || typeof retryInterval !== "string") return null;
  return typeof retryOnTimeout === "boolean" ? { retryCount, retryInterval, retryOnTimeout } : null;
}

/** Describes the list of webhooks for `listPages`. */
export const webhookCollection = {
  ...{ kind: webhook, path: webhook.path, nouns: webhook.nouns },
  parse: parseWebhook,
};
