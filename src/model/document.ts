// Parses a document from JSON that someone may have edited, makes one from a live resource, and compares two of them.
// document-diff.ts finds what differs.
import {
  anything,
  listOf,
  number,
  object,
  oneOf,
  optional,
  orNull,
  text,
  truth,
  type Shape,
} from "../lib/shape.ts";
import { compareText } from "../lib/compare.ts";
import { parseDurationMs } from "../lib/duration.ts";
import { kindKey, type Kind } from "./kind.ts";
import type { MatchCriterion, RetryPolicy, TriggerOptions } from "./subscription.ts";
import { sameTriggerOptions } from "./trigger-options.ts";
import { mayDeliver, type LiveResource, type ResourceDocument } from "./resource.ts";

/** Returns the value as a document with its known fields only; null if any field is not valid. */
export function parseDocument(value: unknown): ResourceDocument | null {
  if (findDocumentFault(value, "") !== null) return null;
  const found = value as ResourceDocument;
  const { name, endpoint, eventTypes, state, description, kind } = found;
  const policy = found.retryPolicy && policyOf(found.retryPolicy);
  const said = kind === undefined ? {} : { kind };
  const parsed = { name, endpoint, eventTypes, retryPolicy: policy, state, description, ...said };
  return found.trigger ? { ...parsed, trigger: triggerOf(found.trigger) } : parsed;
}

/** Describes the first fault of a document, beginning with the field's path; null if there is none. */
export const findDocumentFault: Shape = (value, path) => document(value, path);

const retryPolicy = object({ retryCount: number, retryInterval: text, retryOnTimeout: truth });

const trigger = object({
  matchCriteria: listOf(
    object({
      jsonPath: text,
      operator: text,
      value: optional(anything),
      values: optional(listOf(anything)),
    }),
  ),
  eventTTLSeconds: orNull(number),
  delayBySeconds: orNull(number),
});

const document = object({
  name: text,
  endpoint: text,
  eventTypes: listOf(text),
  retryPolicy: orNull(retryPolicy),
  state: oneOf("enabled", "disabled"),
  description: text,
  trigger: optional(trigger),
  kind: optional(text),
});

/** True if a document names no other kind, and has exactly the options that resources of this kind have. */
export function fitsKind(found: ResourceDocument, kind: Kind): boolean {
  const { options } = kind;
  if (found.kind !== undefined && found.kind !== kind.name) return false;
  const has = { retryPolicy: found.retryPolicy !== null, trigger: found.trigger !== undefined };
  return Object.entries(has).every(([key, isThere]) => isThere === (key === options?.key));
}

function policyOf({ retryCount, retryInterval, retryOnTimeout }: RetryPolicy): RetryPolicy {
  return { retryCount, retryInterval, retryOnTimeout };
}

function triggerOf({ matchCriteria, eventTTLSeconds, delayBySeconds }: TriggerOptions): TriggerOptions {
  return { matchCriteria: matchCriteria.map(criterionOf), eventTTLSeconds, delayBySeconds };
}

function criterionOf({ jsonPath, operator, value, values }: MatchCriterion): MatchCriterion {
  return {
    ...{ jsonPath, operator },
    ...(value === undefined ? {} : { value }),
    ...(values === undefined ? {} : { values }),
  };
}

/** The fields that a document and a live resource have in common. */
export type Side = Omit<LiveResource, "id" | "kind" | "group" | "owner" | "delivers">;

/**
 * Compares to the letter, except for the order of event types and criteria. Most resources are the same to the letter,
 * and this is faster than a patch. `diffDocuments` also finds documents that only mean the same, as with `PT60S` and
 * `PT1M`.
 */
export function sameDocument(before: Side, after: Side): boolean {
  const [policy, other] = [before.retryPolicy, after.retryPolicy];
  return (
    before.endpoint === after.endpoint &&
    before.name === after.name &&
    before.state === after.state &&
    before.description === after.description &&
    policy?.retryCount === other?.retryCount &&
    policy?.retryInterval === other?.retryInterval &&
    policy?.retryOnTimeout === other?.retryOnTimeout &&
    sameTrigger(before.trigger, after.trigger) &&
    sameEventTypes(before.eventTypes, after.eventTypes)
  );
}

export function sameTrigger(
  before: TriggerOptions | undefined,
  after: TriggerOptions | undefined,
): boolean {
  return before && after ? sameTriggerOptions(before, after) : before === after;
}

/** Compares event types as sets. */
export function sameEventTypes(before: readonly string[], after: readonly string[]): boolean {
  const [one, other] = [sortedSet(before), sortedSet(after)];
  return one.length === other.length && one.every((eventType, index) => eventType === other[index]);
}

/** Compares by meaning: `PT60S` is `PT1M`. */
export function sameRetryPolicy(a: RetryPolicy, b: RetryPolicy): boolean {
  return (
    a.retryCount === b.retryCount &&
    a.retryOnTimeout === b.retryOnTimeout &&
    sameInterval(a.retryInterval, b.retryInterval)
  );
}

export function sameInterval(a: string, b: string): boolean {
  if (a === b) return true;
  const durationMs = parseDurationMs(a);
  return durationMs !== undefined && durationMs === parseDurationMs(b);
}

/**
 * Makes a document that could be sent from a live resource; a value that a document cannot hold gets the nearest one.
 */
export function asDocument(live: LiveResource): ResourceDocument {
  const { name, endpoint, eventTypes, retryPolicy, description, trigger, kind } = live;
  const document: ResourceDocument = {
    name,
    endpoint,
    eventTypes: sortedSet(eventTypes),
    retryPolicy: retryPolicy ?? ((kind.options?.unset ?? null) as RetryPolicy | null),
    state: mayDeliver(live) ? "enabled" : "disabled",
    description,
    ...kindKey(kind, live.endpoint),
  };
  return trigger ? { ...document, trigger } : document;
}

/** Returns each event type once, in order, because a patch compares lists by index. */
export function sortedSet(eventTypes: readonly string[]): readonly string[] {
  const isSorted = eventTypes.every(
    (eventType, index) => index === 0 || compareText(eventTypes[index - 1] ?? "", eventType) < 0,
  );
  return isSorted ? eventTypes : [...new Set(eventTypes)].sort(compareText);
}
