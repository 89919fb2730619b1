// Parses JSON of unknown shape.
import { isNestedDeeper } from "../../lib/nesting.ts";
import { maxRecordLevels } from "../../model/nesting.ts";

/** Undefined if the text is not JSON, or not a JSON object. */
export function parseJsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  const parsed = parseJson(text);
  return parsed.ok && isObject(parsed.value) ? parsed.value : undefined;
}

/** A page of the largest resources has some ten thousand values. Each takes far more memory than the few bytes of its text. */
const maxAnswerValues = 200_000;

/** A text with too many values is not parsed; one that nests too deeply could not be written again, so it does not count. */
export function parseJson(
  text: string,
): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly expected: string } {
  const expected = `a JSON body of at most ${maxRecordLevels} levels and ${maxAnswerValues} values`;
  if (hasTooManyValues(text)) return { ok: false, expected };
  try {
    const value: unknown = JSON.parse(text);
    return isNestedDeeper(value, maxRecordLevels) ? { ok: false, expected } : { ok: true, value };
  } catch {
    return { ok: false, expected: "a JSON body" };
  }
}

const [comma, bracket, brace] = [0x2c, 0x5b, 0x7b];

/** Every value but the first follows a comma or a bracket. Those inside texts count as well, and are few. */
function hasTooManyValues(text: string): boolean {
  if (text.length < maxAnswerValues) return false;
  let found = 0;
  for (let index = 0; index < text.length && found <= maxAnswerValues; index += 1) {
    const character = text.charCodeAt(index);
    if (character === comma || character === bracket || character === brace) found += 1;
  }
  return found > maxAnswerValues;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
