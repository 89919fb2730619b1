// JSON with one spelling for each value (RFC 8785), so that a hash over it can be checked anywhere.
import canonicalize from "canonicalize";

/** Throws if the value has no JSON form. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("this value has no JSON form");
  return text;
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
