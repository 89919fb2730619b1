// JSON with one spelling for each value (RFC 8785), so that a hash over it can be checked anywhere.
import canonicalize from "canonicalize";

/** Throws if the value has no JSON form. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("this value has no JSON form");
  return text;
}
