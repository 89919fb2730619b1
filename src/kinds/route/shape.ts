// A route as AWS shows it: a rule, the rule's targets, and the API destination. Each field of an answer is checked.
import { isObject } from "../../genesys/client/json.ts";
import { expected, isTexts, type Parsed } from "../../genesys/parsed.ts";

export interface Rule {
  readonly name: string;
  /** Null if the pattern is of another form than reconcile writes, so that it may match less than it lists. */
  readonly eventTypes: readonly string[] | null;
  /** `ENABLED`, `DISABLED`, or a state that reconcile does not write. */
  readonly state: string;
  readonly description: string;
}

export interface Target {
  readonly id: string;
  readonly arn: string;
  readonly roleArn: string | null;
  readonly attempts: number | null;
  readonly ageSeconds: number | null;
  readonly deadLetterArn: string | null;
  /** The names of fields that reconcile does not write, such as `InputTransformer`. */
  readonly others: readonly string[];
}

export interface Destination {
  readonly name: string;
  readonly arn: string;
  readonly endpoint: string;
  readonly connectionArn: string;
  readonly method: string;
  readonly ratePerSecond: number | null;
  readonly state: string;
  /** Null in a list, which tells no description. */
  readonly description: string | null;
}

export function parseRule(value: unknown): Parsed<Rule> {
  if (!isObject(value) || typeof value["Name"] !== "string") return expected("a rule with a Name");
  const { Name: name, State: state, EventPattern: pattern } = value;
  const description = textOr(value["Description"], "");
  if (typeof state !== "string") return expected(`State of rule ${name} to be text`);
  return { ok: true, value: { name, state, description, eventTypes: parsePattern(pattern) } };
}

/** Returns the event types of a pattern that asks for nothing else; null for any other pattern. */
function parsePattern(pattern: unknown): readonly string[] | null {
  if (typeof pattern !== "string") return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(pattern);
  } catch {
    return null;
  }
  if (!isObject(parsed) || Object.keys(parsed).length !== 1) return null;
  const eventTypes = parsed["detail-type"];
  return isTexts(eventTypes) ? eventTypes : null;
}

export function makePattern(eventTypes: readonly string[]): string {
  return JSON.stringify({ "detail-type": eventTypes });
}

export function parseTarget(value: unknown): Parsed<Target> {
  if (!isObject(value)) return expected("a target as an object");
  const { Id: id, Arn: arn, RoleArn: roleArn, RetryPolicy: retry, DeadLetterConfig: letters } = value;
  if (typeof id !== "string" || typeof arn !== "string") return expected("a target with an Id and an Arn");
  const policy = isObject(retry) ? retry : {};
  return {
    ok: true,
    value: {
      ...{ id, arn, roleArn: textOr(roleArn, null) },
      attempts: numberOr(policy["MaximumRetryAttempts"]),
      ageSeconds: numberOr(policy["MaximumEventAgeInSeconds"]),
      deadLetterArn: isObject(letters) ? textOr(letters["Arn"], null) : null,
      others: Object.keys(value).filter((key) => !writtenFields.has(key) && isSet(value[key])),
    },
  };
}

const writtenFields = new Set(["Id", "Arn", "RoleArn", "RetryPolicy", "DeadLetterConfig"]);

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

export function parseDestination(value: unknown): Parsed<Destination> {
  if (!isObject(value)) return expected("an API destination as an object");
  const { Name: name, ApiDestinationArn: arn, InvocationEndpoint: endpoint } = value;
  if (typeof name !== "string" || typeof arn !== "string" || typeof endpoint !== "string")
    return expected("an API destination with Name, ApiDestinationArn and InvocationEndpoint");
  return {
    ok: true,
    value: {
      ...{ name, arn, endpoint },
      connectionArn: textOr(value["ConnectionArn"], ""),
      method: textOr(value["HttpMethod"], ""),
      ratePerSecond: numberOr(value["InvocationRateLimitPerSecond"]),
      state: textOr(value["ApiDestinationState"], ""),
      description: textOr(value["Description"], null),
    },
  };
}

function textOr<T>(value: unknown, other: T): string | T {
  return typeof value === "string" ? value : other;
}

function numberOr(value: unknown): number | null {
  return Number.isSafeInteger(value) ? (value as number) : null;
}
