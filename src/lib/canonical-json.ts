// JSON with one spelling for each value (RFC 8785), so that a hash over it can be checked anywhere.
import canonicalize from "canonicalize";

/** Throws if the value has no JSON form. */
export function canonicalJson(value: unknown): string {
  const text = spellQuickly(value) ?? canonicalize(value);
  if (text === undefined) throw new TypeError("this value has no JSON form");
  return text;
}

/** JSON.stringify writes half a surrogate pair like this. It has no form in RFC 8785. */
export const halfPair = "\\ud";

/**
 * JSON.stringify writes numbers and texts as RFC 8785 does, and keys in the order that the object has: a record takes it
 * half as long as the library. Returns undefined for what it might write otherwise.
 */
function spellQuickly(value: unknown): string | undefined {
  const sorted = sortKeys(value);
  const text = sorted === unsure ? undefined : JSON.stringify(sorted);
  return text?.includes(halfPair) ? undefined : text;
}

const unsure = Symbol("unsure");

/** Objects keep these keys in another order, or treat them in another way. */
const specialKey = /^(?:\d+|__proto__)$/;

function sortKeys(value: unknown): unknown {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : unsure;
  if (typeof value !== "object" || "toJSON" in value) return unsure;
  if (Array.isArray(value)) {
    const items: unknown[] = value.map(sortKeys);
    return items.includes(unsure) ? unsure : items;
  }
  const sorted: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort()) {
    const part = (value as Readonly<Record<string, unknown>>)[key];
    if (part === undefined) continue;
    const sortedPart = sortKeys(part);
    if (sortedPart === unsure || specialKey.test(key)) return unsure;
    sorted[key] = sortedPart;
  }
  return sorted;
}

/**
 * Returns the same for JSON that a server or a person may have written: half a surrogate pair, which has no form in RFC
 * 8785, counts as U+FFFD.
 */
export function canonicalJsonOfAny(value: unknown): string {
  const json = JSON.stringify(value, (_key, found: unknown) =>
    typeof found === "string" ? found.replace(/\p{Cs}/gu, "\ufffd") : found,
  );
  return canonicalJson(JSON.parse(json));
}
