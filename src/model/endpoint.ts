// Endpoints compare by meaning, travel as written, and are shown without their query string and their login.
import { parseUrl } from "../lib/parse-url.ts";
import { hideLogins } from "../lib/url-login.ts";

/** Equal for two endpoints that mean the same: `https://A.example.com:443/x` and `https://a.example.com/x`. */
export function endpointKey(url: string): string {
  return parseUrl(url)?.href ?? url;
}

export function sameEndpoint(a: string, b: string): boolean {
  return a === b || endpointKey(a) === endpointKey(b);
}

/**
 * Returns the endpoint for people to read. A query string may hold a secret, so it becomes `?…`. So may a login before an
 * `@`, which no manifest may have but which someone may have set by hand.
 */
export function shownEndpoint(url: string): string {
  const hidden = hideLogins(url).replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1…@");
  const query = hidden.indexOf("?");
  return query < 0 ? hidden : `${hidden.slice(0, query)}?…`;
}
