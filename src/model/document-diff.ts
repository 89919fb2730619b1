// What has to change on a webhook. Values compare by meaning (`PT60S` is `PT1M`) and are sent as written.
import jsonPatch from "fast-json-patch";
import { sameDocument, sameInterval, sameTrigger, sortedSet, type Side } from "./document.ts";
import { sameEndpoint } from "./endpoint.ts";
import { readOwnership, webhookName } from "./ownership.ts";
import type { PatchStep } from "./plan.ts";
import { kindOf } from "./resource-kind.ts";
import type { RetryPolicy } from "./subscription.ts";

/** RFC 6902 steps from one document to the other, each a side that may be missing; empty where they mean the same. */
export function diffWebhooks(before: Side | null, after: Side | null): PatchStep[] {
  if (before && after && sameDocument(before, after)) return [];
  const to = after ? normalise(after) : {};
  const from = before ? (after ? spellAs(normalise(before), after) : normalise(before)) : {};
  return jsonPatch.compare(from, to) as PatchStep[];
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
  const alike = sameTrigger(trigger, other.trigger) ? { ...document, ...triggerOf(other) } : document;
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
  return sameInterval(retryPolicy.retryInterval, other.retryPolicy.retryInterval)
    ? { ...document, retryPolicy: { ...retryPolicy, retryInterval: other.retryPolicy.retryInterval } }
    : document;
}
