// Shows a number or a boolean as the file writes it, such as `1.10`, and not as it was read.
import { showValue } from "../lib/text.ts";

/** True for what a text without quotes becomes if YAML reads a number or a boolean. */
export function isPlain(value: unknown): value is number | boolean {
  return typeof value === "number" || typeof value === "boolean";
}

/** Much longer than any number that somebody wrote by hand. */
const maxSourceLength = 80;

/** `source` is the text of the value in the file, if it has one of its own. */
export function showWritten(value: unknown, source: string | undefined): string {
  if (source === undefined) return showValue(value);
  return source.length > maxSourceLength ? `${source.slice(0, maxSourceLength)}…` : source;
}

export function hintForQuotes(source: string): string {
  return source.length > maxSourceLength ? "put it in quotes" : `put it in quotes: "${source}"`;
}
