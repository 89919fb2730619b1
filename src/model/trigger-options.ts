// The options of `spec.trigger`: their unset value, their comparison, and their parsing from JSON of unknown shape, such as
// a platform's answer or a line of a trail.
import { canonicalJsonOfAny } from "../lib/canonical-json.ts";
import { compareText } from "../lib/compare.ts";
import { isNestedDeeper } from "../lib/nesting.ts";
import { maxOptionLevels } from "./nesting.ts";
import type { MatchCriterion, TriggerOptions } from "./subscription.ts";

/** Without options, every event starts the workflow, and at once. */
export const noTriggerOptions: TriggerOptions = {
  matchCriteria: [],
  eventTTLSeconds: null,
  delayBySeconds: null,
};

/** Compares by meaning: all criteria must hold, so neither their order nor that of their keys matters. */
export function sameTriggerOptions(one: TriggerOptions, other: TriggerOptions): boolean {
  return JSON.stringify(one) === JSON.stringify(other) || meaningOf(one) === meaningOf(other);
}

function meaningOf({ matchCriteria, ...times }: TriggerOptions): string {
  const criteria = matchCriteria.map(({ values = [], ...rest }) =>
    canonicalJsonOfAny(values.length === 0 ? rest : { ...rest, values }),
  );
  return canonicalJsonOfAny({ ...times, criteria: criteria.sort(compareText) });
}

/**
 * A missing option counts as unset; returns null if a value is not one that a trigger could have, or if the options are
 * nested so deeply that a record of them could not be read again.
 */
export function readTriggerOptions(value: unknown): TriggerOptions | null {
  if (!isObject(value)) return null;
  const eventTTLSeconds = value["eventTTLSeconds"] ?? null;
  const delayBySeconds = value["delayBySeconds"] ?? null;
  const criteria = value["matchCriteria"] ?? [];
  if (!isSeconds(eventTTLSeconds) || !isSeconds(delayBySeconds) || !Array.isArray(criteria)) return null;
  const matchCriteria = criteria.map(readCriterion);
  if (!matchCriteria.every((criterion) => criterion !== null)) return null;
  const options = { matchCriteria, eventTTLSeconds, delayBySeconds };
  return isNestedDeeper(options, maxOptionLevels) ? null : options;
}

function readCriterion(found: unknown): MatchCriterion | null {
  if (!isObject(found)) return null;
  const { jsonPath, operator, value, values } = found;
  if (typeof jsonPath !== "string" || typeof operator !== "string") return null;
  return {
    ...{ jsonPath, operator },
    ...(value === undefined || value === null ? {} : { value }),
    ...(Array.isArray(values) ? { values } : {}),
  };
}

function isSeconds(value: unknown): value is number | null {
  return value === null || typeof value === "number";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
