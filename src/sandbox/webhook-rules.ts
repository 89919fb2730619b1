// The rules for a valid webhook, one row a field. Every broken field is reported.
import { parseDurationMs } from "../lib/duration.ts";
import type { BodyFault } from "./messages.ts";
import { parseUrl } from "../lib/parse-url.ts";

/** The fields of a webhook that a client may write. */
export interface WebhookFields {
  readonly name: string;
  readonly endpoint: string;
  readonly eventTypes: readonly string[];
  /** Absent if the client sent none. */
  readonly retryPolicy?: RetryPolicyFields;
  readonly state: "enabled" | "disabled";
  readonly description: string;
}

interface RetryPolicyFields {
  readonly retryCount: number;
  readonly retryInterval: string;
  readonly retryOnTimeout: boolean;
}

type CheckedFields = Pick<WebhookFields, "name" | "endpoint" | "eventTypes"> & Partial<WebhookFields>;

export type JsonObject = Readonly<Record<string, unknown>>;

// Documented limits.
const maxNameLength = 256;
const maxEventTypes = 15;
const maxRetryCount = 10;

/** Returns what is wrong with the value, or undefined. */
type FieldRule = (value: unknown) => string | undefined;

const rules: readonly (readonly [field: string, rule: FieldRule])[] = [
  ["name", checkName],
  ["endpoint", checkEndpoint],
  ["eventTypes", checkEventTypes],
  ["state", optional((value) => (isState(value) ? undefined : "must be enabled or disabled"))],
  ["description", optional((value) => (typeof value === "string" ? undefined : "must be text"))],
  ["retryPolicy", optional((value) => (isObject(value) ? undefined : "must be an object"))],
];

const retryRules: readonly (readonly [field: string, rule: FieldRule])[] = [
  ["retryCount", checkRetryCount],
  ["retryInterval", checkRetryInterval],
  ["retryOnTimeout", (value) => (typeof value === "boolean" ? undefined : "must be true or false")],
];

/** The known fields with defaults filled in, or every fault in them. Unknown fields are ignored. */
export function parseWebhookFields(
  body: JsonObject,
): { readonly ok: true; readonly fields: WebhookFields } | { readonly ok: false; faults: BodyFault[] } {
  const faults = findFaults(body, rules, "");
  const policyBody = body["retryPolicy"];
  if (isObject(policyBody)) faults.push(...findFaults(policyBody, retryRules, "retryPolicy."));
  if (faults.length > 0) return { ok: false, faults };

  // The cast is safe because the rules above have just checked the type of every field.
  const checked = body as unknown as CheckedFields;
  const { name, endpoint, eventTypes, retryPolicy, state = "enabled", description = "" } = checked;
  const policy = retryPolicy && { retryPolicy: pickRetryPolicy(retryPolicy) };
  return { ok: true, fields: { name, endpoint, eventTypes, ...policy, state, description } };
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function findFaults(object: JsonObject, table: typeof rules, prefix: string): BodyFault[] {
  return table.flatMap(([field, rule]) => {
    const message = rule(object[field]);
    return message === undefined
      ? []
      : [{ field: `${prefix}${field}`, message: `${prefix}${field} ${message}` }];
  });
}

function pickRetryPolicy(policy: RetryPolicyFields): RetryPolicyFields {
  const { retryCount, retryInterval, retryOnTimeout } = policy;
  return { retryCount, retryInterval, retryOnTimeout };
}

function optional(rule: FieldRule): FieldRule {
  return (value) => (value === undefined ? undefined : rule(value));
}

function checkName(value: unknown): string | undefined {
  if (typeof value === "string" && value.length >= 1 && value.length <= maxNameLength) return undefined;
  return `must be text of 1 to ${maxNameLength} characters`;
}

function checkEndpoint(value: unknown): string | undefined {
  const isHttps = typeof value === "string" && /^https:\/\/\S+$/i.test(value) && parseUrl(value) !== null;
  return isHttps ? undefined : "must be an https URL";
}

function checkEventTypes(value: unknown): string | undefined {
  const isList = Array.isArray(value) && value.every((item) => typeof item === "string" && item !== "");
  if (!isList || value.length < 1 || value.length > maxEventTypes) {
    return `must be a list of 1 to ${maxEventTypes} event types`;
  }
  return new Set(value).size === value.length ? undefined : "must not name an event type twice";
}

function isState(value: unknown): boolean {
  return value === "enabled" || value === "disabled";
}

function checkRetryCount(value: unknown): string | undefined {
  const isCount = Number.isInteger(value) && Number(value) >= 0 && Number(value) <= maxRetryCount;
  return isCount ? undefined : `must be a whole number from 0 to ${maxRetryCount}`;
}

function checkRetryInterval(value: unknown): string | undefined {
  const isDuration = typeof value === "string" && parseDurationMs(value) !== undefined;
  return isDuration ? undefined : "must be an ISO 8601 duration";
}
