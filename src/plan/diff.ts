// What has to change on a webhook. Values compare by meaning (`PT60S` is `PT1M`) and are sent as written.
import jsonPatch from "fast-json-patch";
import { compareText } from "../lib/compare.ts";
import { parseDurationMs } from "../lib/duration.ts";
import { sameEndpoint } from "../model/endpoint.ts";
import type { PatchStep } from "../model/plan.ts";
import type { RetryPolicy } from "../model/subscription.ts";
import type { LiveWebhook, WebhookDocument } from "../model/webhook.ts";
import { readOwnership, webhookName } from "./identity.ts";

type Side = Omit<LiveWebhook, "id">;

/** RFC 6902 steps from one document to the other, each a side that may be missing; empty where they mean the same. */
export function diffWebhooks(before: Side | null, after: Side | null): PatchStep[] {
  const to = after ? normalise(after) : {};
  const from = before ? (after ? spellAs(normalise(before), after) : normalise(before)) : {};
  return jsonPatch.compare(from, to) as PatchStep[];
}

/** A live webhook as a document that could be sent; undefined where a field has no such form. */
export function asDocument(live: LiveWebhook): WebhookDocument {
  const { name, endpoint, eventTypes, retryPolicy, state, description } = live;
  return {
    name,
    endpoint,
    eventTypes: sortedSet(eventTypes),
    retryPolicy: retryPolicy ?? { retryCount: 0, retryInterval: "PT0S", retryOnTimeout: false },
    state: state === "enabled" ? "enabled" : "disabled",
    description,
  };
}

/** Event types are a set, and a patch compares lists by index: each once, in one order. */
export function sortedSet(eventTypes: Iterable<string>): string[] {
  return [...new Set(eventTypes)].sort(compareText);
}

function normalise(side: Side): Record<string, unknown> {
  const { name, endpoint, eventTypes, retryPolicy, state, description } = side;
  return { name, endpoint, eventTypes: sortedSet(eventTypes), retryPolicy, state, description };
}

/** The document with every value that means the same as the other side's spelt like it. */
function spellAs(document: Record<string, unknown>, other: Side): Record<string, unknown> {
  const { name, endpoint, retryPolicy } = document as unknown as Side;
  if (!sameEndpoint(endpoint, other.endpoint)) return spellRetryAs(document, retryPolicy, other);
  const spelt = name === other.name || isNameOf(name, endpoint, other) ? other.name : name;
  return spellRetryAs({ ...document, endpoint: other.endpoint, name: spelt }, retryPolicy, other);
}

/** A name holds its endpoint's spelling: two spellings of one endpoint have two names that mean the same. */
function isNameOf(name: string, endpoint: string, other: Side): boolean {
  const group = readOwnership(other.description).group ?? "";
  return name === webhookName(group, endpoint) && other.name === webhookName(group, other.endpoint);
}

function spellRetryAs(
  document: Record<string, unknown>,
  retryPolicy: RetryPolicy | null,
  other: Side,
): Record<string, unknown> {
  if (!retryPolicy || !other.retryPolicy) return document;
  if (retryPolicy.retryInterval === other.retryPolicy.retryInterval) return document;
  const intervalMs = parseDurationMs(retryPolicy.retryInterval);
  const same = intervalMs !== undefined && intervalMs === parseDurationMs(other.retryPolicy.retryInterval);
  return same
    ? { ...document, retryPolicy: { ...retryPolicy, retryInterval: other.retryPolicy.retryInterval } }
    : document;
}
