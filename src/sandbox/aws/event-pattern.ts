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
