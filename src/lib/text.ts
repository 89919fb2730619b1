// Shows the user's own values in messages.
import { urlLogin } from "./url-login.ts";

/** A longer text is cut, because a message is one line. */
const maxShownLength = 80;

/** Returns a value as a message names it: `"text"`, `5`, `true`, `a list`, `a map`. */
export function showValue(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (value === null) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "a map";
}

/** Returns the text in quotes, cut, with control characters escaped and secrets hidden. */
export function quote(text: string): string {
  const shown = text.replaceAll(urlSecrets, "…");
  return JSON.stringify(shown.length > maxShownLength ? `${shown.slice(0, maxShownLength)}…` : shown);
}

/** Matches the part of a URL before an `@` or behind a `?`, which may be secret and is never shown. */
export const urlSecrets = new RegExp(`${urlLogin("\"'")}|(?<=://[^\\s"'?]*\\?)[^\\s"']+`, "g");
