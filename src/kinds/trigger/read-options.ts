// Parses the options of a trigger from an answer of the platform.
import { isNestedDeeper } from "../../lib/nesting.ts";
import { maxOptionLevels } from "../../model/nesting.ts";
import type { MatchCriterion, TriggerOptions } from "./trigger-options.ts";
import { isObject } from "../../genesys/client/json.ts";

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
  const dataFormat = settingsOf(value["target"])["dataFormat"];
  const options = {
    ...{ matchCriteria, eventTTLSeconds, delayBySeconds },
    ...(typeof dataFormat === "string" ? { dataFormat } : {}),
  };
  return isNestedDeeper(options, maxOptionLevels) ? null : options;
}

/** Returns what the workflow gets of an event, and how; empty if the answer says nothing about it. */
export function settingsOf(target: unknown): Readonly<Record<string, unknown>> {
  const settings = isObject(target) ? target["workflowTargetSettings"] : null;
  return isObject(settings) ? settings : {};
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
