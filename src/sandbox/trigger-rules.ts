// The rules for a valid Process Automation trigger.
import { isObject, type JsonObject } from "./webhook-rules.ts";

/** The fields of a trigger that a client may write. */
export interface TriggerFields {
  readonly name: string;
  readonly topicName: string;
  readonly target: {
    readonly type: "Workflow";
    readonly id: string;
    readonly workflowTargetSettings?: JsonObject;
  };
  readonly enabled: boolean;
  readonly matchCriteria: readonly JsonObject[];
  readonly eventTTLSeconds?: number;
  readonly delayBySeconds?: number;
  readonly description?: string;
}

export interface StoredTrigger extends TriggerFields {
  readonly id: string;
  readonly version: number;
  /** Kept only while the quirk `hiddenAfterPostMs` needs it. */
  readonly createdAtMs?: number;
}

// Documented limits.
const leastTtlSeconds = 10;
const [leastDelaySeconds, mostDelaySeconds] = [60, 900];
const maxDescriptionLength = 512;
const dataFormats: readonly unknown[] = ["Json", "TopLevelPrimitives"];
const operators: ReadonlySet<unknown> = new Set([
  ...["GreaterThanOrEqual", "LessThanOrEqual", "Equal", "NotEqual", "LessThan", "GreaterThan"],
  ...["NotIn", "In", "Contains", "All", "Exists", "Size"],
]);

type FieldTest = (value: unknown) => boolean;

const rules: readonly (readonly [field: string, isRight: FieldTest, what: string])[] = [
  ["name", (value) => typeof value === "string" && value !== "", "must be text"],
  ["topicName", (value) => typeof value === "string" && value !== "", "must be a topic"],
  ["target", isTarget, 'must be a target of the type "Workflow" with an id'],
  ["target", hasDataFormat, `must have no other dataFormat than ${dataFormats.join(" or ")}`],
  ["enabled", (value) => typeof value === "boolean", "must be true or false"],
  ["matchCriteria", optional(isCriteria), "must be a list of criteria, each with jsonPath and operator"],
  ["eventTTLSeconds", optional(isWhole(leastTtlSeconds)), `must be at least ${leastTtlSeconds}`],
  [
    "delayBySeconds",
    optional(isWhole(leastDelaySeconds, mostDelaySeconds)),
    `must be from ${leastDelaySeconds} to ${mostDelaySeconds}`,
  ],
  [
    "description",
    optional((value) => typeof value === "string" && value.length <= maxDescriptionLength),
    `must be text of at most ${maxDescriptionLength} characters`,
  ],
];

export function parseTriggerFields(
  body: JsonObject,
):
  { readonly ok: true; readonly fields: TriggerFields } | { readonly ok: false; readonly problem: string } {
  const broken = rules.find(([field, isRight]) => !isRight(body[field]));
  if (broken) return { ok: false, problem: `${broken[0]} ${broken[2]}` };
  if (body["eventTTLSeconds"] !== undefined && body["delayBySeconds"] !== undefined)
    return { ok: false, problem: "eventTTLSeconds and delayBySeconds exclude each other" };
  // The cast is safe because the rules above have just checked the type of every field.
  const kept = Object.fromEntries(
    rules.flatMap(([field]) => (body[field] === undefined ? [] : [[field, body[field]]])),
  ) as unknown as Omit<TriggerFields, "matchCriteria"> & Partial<TriggerFields>;
  return { ok: true, fields: { ...kept, matchCriteria: kept.matchCriteria ?? [] } };
}

function optional(isRight: FieldTest): FieldTest {
  return (value) => value === undefined || isRight(value);
}

function isWhole(least: number, most = Number.MAX_SAFE_INTEGER): FieldTest {
  return (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
}

function isTarget(value: unknown): boolean {
  return (
    isObject(value) && value["type"] === "Workflow" && typeof value["id"] === "string" && value["id"] !== ""
  );
}

/** A target need not state a format, nor any settings. */
function hasDataFormat(target: unknown): boolean {
  const settings = isObject(target) ? (target["workflowTargetSettings"] ?? {}) : {};
  if (!isObject(settings)) return false;
  const { dataFormat } = settings;
  return dataFormat === undefined || dataFormats.includes(dataFormat);
}

function isCriteria(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every(
      (one) => isObject(one) && typeof one["jsonPath"] === "string" && operators.has(one["operator"]),
    )
  );
}
