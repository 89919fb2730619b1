// Hides query strings and logins of URLs in everything that goes over HTTP, because they may hold secrets.

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
  const shown = text.includes("@") ? text.replace(/(\bhttps?:\/\/)[^\s/?#]*@/gi, "$1…@") : text;
  return shown.includes("?")
    ? shown.replace(/(\bhttps?:\/\/[^\s?]*)\?(?!…["']?(?:\s|$))\S*/gi, "$1?…")
    : shown;
}
