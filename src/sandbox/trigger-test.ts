// The test of an event on a trigger: would it match, and is the workflow there. It changes nothing.
import { isDeepStrictEqual } from "node:util";
import { refuseBody, refuseMissing, type ApiCall } from "./call.ts";
import type { Answer } from "./messages.ts";
import { parseJson } from "./state.ts";
import { isObject, type JsonObject } from "./webhook-rules.ts";

export function testTrigger(call: ApiCall, id: string): Answer {
  const trigger = call.state.triggers.get(id);
  if (!trigger) return refuseMissing(call, "trigger", id);
  const event = parseJson(call.body);
  if (!isObject(event)) return refuseBody(call, "The body must be the body of an event.");
  const isPublished = call.quirks.isPublished?.(trigger.target.id, call.nowMs) ?? true;
  const criteria = trigger.matchCriteria.map((criterion) => {
    const found = findValues(event, String(criterion["jsonPath"]));
    const jsonPathExtraction = found.map((value) => ({ path: criterion["jsonPath"], value }));
    return { ...criterion, match: matches(criterion, found), jsonPathExtraction };
  });
  const isMatch = criteria.every(({ match }) => match);
  return {
    status: 200,
    json: {
      schemaValidation: { name: "Schema validation", step: 1, matches: true, details: [] },
      targetValidation: {
        ...{ name: "Target validation", step: 2, matches: isPublished },
        details: isPublished ? [] : ["The workflow is not published or not active."],
      },
      jsonPathValidation: { name: "Json path validation", step: 3, matches: isMatch, details: criteria },
      triggerMatches: isMatch,
    },
  };
}

/** Follows paths such as `a.b[0].c`, with or without `$.` before them; any other path finds nothing. */
function findValues(event: unknown, jsonPath: string): readonly unknown[] {
  const path = jsonPath.replace(/^\$\.?/, "");
  if (!/^[\w-]+(?:\.[\w-]+|\[\d+\])*$/.test(path)) return [];
  let value = event;
  for (const part of path.split(/[.[\]]+/).filter((name) => name !== "")) {
    const isEntry = typeof value === "object" && value !== null && Object.hasOwn(value, part);
    if (!isEntry) return [];
    value = (value as JsonObject)[part];
  }
  return [value];
}

/** Without a value only an operator that looks for its absence matches. The sources do not say more of that case. */
function matches({ operator, value, values }: JsonObject, found: readonly unknown[]): boolean {
  const list = Array.isArray(values) ? values : [value];
  if (operator === "Exists") return found.length > 0 === (value !== false && value !== "false");
  if (found.length === 0) return operator === "NotEqual" || operator === "NotIn";
  const [is] = found;
  switch (operator) {
    case "Equal":
      return isDeepStrictEqual(is, value);
    case "NotEqual":
      return !isDeepStrictEqual(is, value);
    case "In":
      return list.some((one) => isDeepStrictEqual(is, one));
    case "NotIn":
      return !list.some((one) => isDeepStrictEqual(is, one));
    case "Contains":
      return list.some((one) => contains(is, one));
    case "All":
      return list.every((one) => contains(is, one));
    case "Size":
      return (typeof is === "string" || Array.isArray(is)) && is.length === Number(value);
    default:
      return compares(String(operator), is, value);
  }
}

function compares(operator: string, is: unknown, value: unknown): boolean {
  const [one, other] = [Number(is), Number(value)];
  if (operator === "GreaterThan") return one > other;
  if (operator === "GreaterThanOrEqual") return one >= other;
  return operator === "LessThan" ? one < other : one <= other;
}

function contains(is: unknown, value: unknown): boolean {
  if (Array.isArray(is)) return is.some((one) => isDeepStrictEqual(one, value));
  return typeof is === "string" && is.includes(String(value));
}
