// Hides query strings and logins of URLs in everything that goes over HTTP, because they may hold secrets.
import { hideLogins } from "./url-login.ts";

/** Returns the value as JSON. In every URL, the query string becomes `?…` and the login `…@`. */
export function shownJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "string" ? hideQueries(part) : part,
  );
}

/**
 * A query string may hold quotes and brackets, so only white space ends it, and a quote after it is hidden as well. A
 * query string that is hidden already stays as it is.
 */
export function hideQueries(text: string): string {
  const shown = hideLogins(text);
  return shown.includes("?") ? shown.replace(/\S+/g, hideQuery) : shown;
}

/** Each step looks at the word once, so a word of thousands of addresses takes no longer than another. */
function hideQuery(word: string): string {
  const startsAt = word.search(/\bhttps?:\/\//i);
  const queryAt = startsAt < 0 ? -1 : word.indexOf("?", startsAt);
  if (queryAt < 0 || /^…["']?$/.test(word.slice(queryAt + 1))) return word;
  return `${word.slice(0, queryAt)}?…`;
}
