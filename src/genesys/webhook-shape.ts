// What an answer about webhooks must look like: everything in it is checked before it is believed.
import type { RetryPolicy } from "../model/subscription.ts";
import type { LiveWebhook } from "../model/webhook.ts";
import { isObject } from "./client/json.ts";

/** Either the whole value or, in words, what was expected in its place. */
export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly expected: string };

export interface Page {
  readonly webhooks: readonly LiveWebhook[];
  /** Of the whole list. */
  readonly total: number;
  /** 0 where the platform does not say. */
  readonly pageCount: number;
}

export function parsePage(body: unknown): Parsed<Page> {
  if (!isObject(body)) return expected("a JSON object with a page of webhooks");
  const { entities, total } = body;
  const pageCount = body["pageCount"] ?? 0;
  if (!Array.isArray(entities)) return expected("entities to be an array");
  if (!isCount(total)) return expected("total to be a whole number");
  if (!isCount(pageCount)) return expected("pageCount to be a whole number");
  const webhooks: LiveWebhook[] = [];
  for (const [index, entity] of entities.entries()) {
    const webhook = parseWebhook(entity);
    if (!webhook.ok) return expected(`${webhook.expected} (entities[${index}])`);
    webhooks.push(webhook.value);
  }
  return { ok: true, value: { webhooks, total, pageCount } };
}

/** Text that is missing is empty; a retry policy that makes no sense is none. */
export function parseWebhook(body: unknown): Parsed<LiveWebhook> {
  if (!isObject(body)) return expected("a webhook as a JSON object");
  const { id } = body;
  if (!isWebhookId(id)) return expected("a webhook's id to be 1 to 128 letters, digits, or _ . : ~ -");
  const texts = { name: "", endpoint: "", state: "", description: "" };
  for (const key of Object.keys(texts) as (keyof typeof texts)[]) {
    const value = body[key] ?? "";
    if (typeof value !== "string") return expected(`${key} of webhook ${id} to be text`);
    texts[key] = value;
  }
  const eventTypes = body["eventTypes"] ?? [];
  if (!isTexts(eventTypes)) return expected(`eventTypes of webhook ${id} to be an array of text`);
  const retryPolicy = parseRetryPolicy(body["retryPolicy"]);
  return { ok: true, value: { id, ...texts, eventTypes, retryPolicy } };
}

/** Fit for a URL's path as it stands: no slash, and not `.` or `..`. */
export function isWebhookId(value: unknown): value is string {
  return typeof value === "string" && /^(?!\.{1,2}$)[\w.:~-]{1,128}$/.test(value);
}

function parseRetryPolicy(value: unknown): RetryPolicy | null {
  if (!isObject(value)) return null;
  const { retryCount, retryInterval, retryOnTimeout } = value;
  if (typeof retryCount !== "number" || typeof retryInterval !== "string") return null;
  return typeof retryOnTimeout === "boolean" ? { retryCount, retryInterval, retryOnTimeout } : null;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function expected(words: string): { readonly ok: false; readonly expected: string } {
  return { ok: false, expected: words };
}
