// What goes over HTTP shows endpoints as people see them: a query string, or a login before an `@`, may hold a secret.

/** JSON of a value in which every URL, wherever it stands, has `?…` for its query string and `…@` for its login. */
export function shownJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "string" ? hideQueries(part) : part,
  );
}

/**
 * A query string may hold any quotes and brackets, so it ends at a blank: what stood around it goes with it. One that
 * is hidden already stays as it is.
 */
export function hideQueries(text: string): string {
  const shown = text.includes("@") ? text.replace(/(\bhttps?:\/\/)[^\s/?#]*@/gi, "$1…@") : text;
  return shown.includes("?")
    ? shown.replace(/(\bhttps?:\/\/[^\s?]*)\?(?!…["']?(?:\s|$))\S*/gi, "$1?…")
    : shown;
}
