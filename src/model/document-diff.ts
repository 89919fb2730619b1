// What has to change on a webhook. Values compare by meaning (`PT60S` is `PT1M`) and are sent as written.
import jsonPatch from "fast-json-patch";
import { compareText } from "../lib/compare.ts";
import { parseDurationMs } from "../lib/duration.ts";
import { sameEndpoint } from "./endpoint.ts";
import type { PatchStep } from "./plan.ts";
import { kindOf } from "./resource-kind.ts";
import type { RetryPolicy, TriggerOptions } from "./subscription.ts";
import { sameTriggerOptions } from "./trigger-options.ts";
import type { LiveWebhook, WebhookDocument } from "./webhook.ts";
import { readOwnership, webhookName } from "./ownership.ts";

type Side = Omit<LiveWebhook, "id">;

/** RFC 6902 steps from one document to the other, each a side that may be missing; empty where they mean the same. */
export function diffWebhooks(before: Side | null, after: Side | null): PatchStep[] {
  if (before && after && isAlike(before, after)) return [];
  const to = after ? normalise(after) : {};
  const from = before ? (after ? spellAs(normalise(before), after) : normalise(before)) : {};
  return jsonPatch.compare(from, to) as PatchStep[];
}

/** To the letter; most webhooks are, and a patch costs more than a look. */
function isAlike(before: Side, after: Side): boolean {
  const [policy, other] = [before.retryPolicy, after.retryPolicy];
  return (
    before.endpoint === after.endpoint &&
    before.name === after.name &&
    before.state === after.state &&
    before.description === after.description &&
    policy?.retryCount === other?.retryCount &&
    policy?.retryInterval === other?.retryInterval &&
    policy?.retryOnTimeout === other?.retryOnTimeout &&
    isSameTrigger(before.trigger, after.trigger) &&
    isSameSet(before.eventTypes, after.eventTypes)
  );
}

function isSameTrigger(before: TriggerOptions | undefined, after: TriggerOptions | undefined): boolean {
  return before && after ? sameTriggerOptions(before, after) : before === after;
}

function isSameSet(before: readonly string[], after: readonly string[]): boolean {
  const [one, other] = [sortedSet(before), sortedSet(after)];
  return one.length === other.length && one.every((eventType, index) => eventType === other[index]);
}

/** A live webhook as a document that could be sent, with something near where a field has no such form. */
export function asDocument(live: LiveWebhook): WebhookDocument {
  const { name, endpoint, eventTypes, retryPolicy, description, trigger } = live;
  const none = kindOf(endpoint).hasRetryPolicy
    ? { retryCount: 0, retryInterval: "PT0S", retryOnTimeout: false }
    : null;
  const document: WebhookDocument = {
    name,
    endpoint,
    eventTypes: sortedSet(eventTypes),
    retryPolicy: retryPolicy ?? none,
    state: mayDeliver(live) ? "enabled" : "disabled",
    description,
  };
  return trigger ? { ...document, trigger } : document;
}

/** What is being switched on, or reports an error, may deliver from one moment to the next. */
export function mayDeliver({ state, endpoint }: Pick<LiveWebhook, "state" | "endpoint">): boolean {
  return state === "enabled" || (kindOf(endpoint).isMadeInSteps && state !== "disabled");
}

/** Event types are a set, and a patch compares lists by index: each once, in one order. */
export function sortedSet(eventTypes: readonly string[]): readonly string[] {
  const isSorted = eventTypes.every(
    (eventType, index) => index === 0 || compareText(eventTypes[index - 1] ?? "", eventType) < 0,
  );
  return isSorted ? eventTypes : [...new Set(eventTypes)].sort(compareText);
}

function normalise(side: Side): Record<string, unknown> {
  const { name, endpoint, eventTypes, retryPolicy, state, description, trigger } = side;
  const types = sortedSet(eventTypes);
  if (kindOf(endpoint).hasRetryPolicy)
    return { name, endpoint, eventTypes: types, retryPolicy, state, description };
  const document = { name, endpoint, eventTypes: types, state, description };
  return trigger ? { ...document, trigger } : document;
}

/** The document with every value that means the same as the other side's spelt like it. */
function spellAs(document: Record<string, unknown>, other: Side): Record<string, unknown> {
  const { name, endpoint, retryPolicy, trigger } = document as unknown as Side;
  const alike = isSameTrigger(trigger, other.trigger) ? { ...document, ...triggerOf(other) } : document;
  if (!sameEndpoint(endpoint, other.endpoint)) return spellRetryAs(alike, retryPolicy, other);
  const spelt = isNameOf(name, endpoint, other) ? other.name : name;
  return spellRetryAs({ ...alike, endpoint: other.endpoint, name: spelt }, retryPolicy, other);
}

function triggerOf({ trigger }: Side): Pick<Side, "trigger"> {
  return trigger ? { trigger } : {};
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
  const intervalMs = parseDurationMs(retryPolicy.retryInterval);
  const same = intervalMs !== undefined && intervalMs === parseDurationMs(other.retryPolicy.retryInterval);
  return same
    ? { ...document, retryPolicy: { ...retryPolicy, retryInterval: other.retryPolicy.retryInterval } }
    : document;
}
