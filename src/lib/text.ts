// How the user's own values are shown in messages.

/** Longer texts are cut: a message is one line. */
const maxShownLength = 80;

/** A value as a message names it: `"text"`, `5`, `true`, `a list`, `a map`. */
export function showValue(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (value === null) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "a map";
}

/** In quotes, cut, with control characters escaped and secrets hidden. */
export function quote(text: string): string {
  const shown = text.replaceAll(urlSecrets, "…");
  return JSON.stringify(shown.length > maxShownLength ? `${shown.slice(0, maxShownLength)}…` : shown);
}

/** What stands before an `@` or behind a `?` in a URL: nobody's eyes need it. */
export const urlSecrets = /(?<=:\/\/)[^\s"'/?#]+(?=@)|(?<=:\/\/[^\s"'?]*\?)[^\s"']+/g;
