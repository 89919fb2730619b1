// Judges an event pattern as far as the sandbox knows its rules, and matches events against it.
import { parseJson } from "../state.ts";
import { isObject } from "./check-input.ts";

/** The default quota; the definition allows twice as much to those who ask for more. */
export const maxPatternSize = 2_048;

/** Returns what is wrong with a pattern; null if it is valid. */
export function findPatternFault(text: string): string | null {
  const pattern = parseJson(text);
  if (!isObject(pattern)) return "Filter is not an object";
  if (Object.keys(pattern).length === 0) return "Empty patterns are not allowed";
  return findFault(pattern);
}

function findFault(pattern: Readonly<Record<string, unknown>>): string | null {
  for (const [name, value] of Object.entries(pattern)) {
    if (Array.isArray(value)) {
      if (value.length === 0) return "Empty arrays are not allowed";
      if (value.some((one) => Array.isArray(one))) return `"${name}" holds an array in an array`;
    } else if (isObject(value)) {
      if (Object.keys(value).length === 0) return "Empty objects are not allowed";
      const fault = findFault(value);
      if (fault !== null) return fault;
    } else return `"${name}" must be an object or an array`;
  }
  return null;
}

/**
 * Whether a valid pattern matches an event: each field that it names has one of the values listed. A value that is an object
 * is an operator, of which the sandbox knows `prefix` alone; any other matches nothing.
 */
export function matchesPattern(text: string, event: unknown): boolean {
  return matches(parseJson(text), event);
}

function matches(pattern: unknown, event: unknown): boolean {
  if (!isObject(pattern)) return false;
  return Object.entries(pattern).every(([name, wanted]) => {
    const value = isObject(event) ? event[name] : undefined;
    return Array.isArray(wanted) ? wanted.some((one) => matchesValue(one, value)) : matches(wanted, value);
  });
}

function matchesValue(wanted: unknown, value: unknown): boolean {
  if (Array.isArray(value)) return value.some((one) => matchesValue(wanted, one));
  if (!isObject(wanted)) return wanted === value;
  const { prefix } = wanted;
  return typeof prefix === "string" && typeof value === "string" && value.startsWith(prefix);
}
