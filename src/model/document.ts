// A document as JSON that somebody may have edited, such as a line of the trail: read as a whole, or not at all.
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
import { kindOf } from "./resource-kind.ts";
import type { MatchCriterion, RetryPolicy, TriggerOptions } from "./subscription.ts";
import type { WebhookDocument } from "./webhook.ts";

/** The value as a document, with nothing beside its fields; null where any field is not what it should be. */
export function parseDocument(value: unknown): WebhookDocument | null {
  if (findDocumentFault(value, "") !== null) return null;
  const { name, endpoint, eventTypes, retryPolicy, state, description, trigger } = value as WebhookDocument;
  const document = {
    ...{ name, endpoint, eventTypes, retryPolicy: retryPolicy && policyOf(retryPolicy) },
    ...{ state, description },
  };
  return trigger ? { ...document, trigger: triggerOf(trigger) } : document;
}

/** What is wrong with a document, in words that begin with the field's path; null where nothing is. */
export const findDocumentFault: Shape = (value, path) => {
  const fault = common(value, path);
  if (fault !== null) return fault;
  const { hasRetryPolicy, hasTriggerOptions } = kindOf((value as WebhookDocument).endpoint);
  return (hasRetryPolicy ? withPolicy : hasTriggerOptions ? withTrigger : withNeither)(value, path);
};

const common = object({
  name: text,
  endpoint: text,
  eventTypes: listOf(text),
  state: oneOf("enabled", "disabled"),
  description: text,
});

const isNull: Shape = (value, path) => (value === null ? null : `${path} is not null`);
const isAbsent: Shape = (value, path) =>
  value === undefined ? null : `${path} stands where no trigger is described`;

const withPolicy = object({
  retryPolicy: object({ retryCount: number, retryInterval: text, retryOnTimeout: truth }),
  trigger: isAbsent,
});

const withTrigger = object({
  retryPolicy: isNull,
  trigger: object({
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
  }),
});

const withNeither = object({ retryPolicy: isNull, trigger: isAbsent });

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
