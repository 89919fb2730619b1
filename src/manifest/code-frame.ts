// Shows the source line that a diagnostic is about, with a caret under the place.
import { urlSecrets } from "../lib/text.ts";

/** A wider line is cut around the place. */
const maxWidth = 100;

/** A line that is cut keeps this many characters before the place. */
const leadWidth = 40;

/**
 * Returns two lines, the second with the caret; an empty text if there is no such line. `line` and `column` count from
 * 1, columns in UTF-16 units. Query strings and credentials of URLs are hidden, as in everything that people see.
 */
export function codeFrame(text: string, line: number, column: number): string {
  const source = findLine(text.startsWith("\uFEFF") ? text.slice(1) : text, line);
  if (source === undefined) return "";
  const column0 = Math.min(Math.max(column - 1, 0), source.length);
  const { masked, at } = maskSecrets(source, column0);
  const start = masked.length > maxWidth ? Math.max(0, at - leadWidth) : 0;
  const end = Math.min(masked.length, start + maxWidth);
  const before = `${start > 0 ? "…" : ""}${makeVisible(masked.slice(start, at))}`;
  const after = `${makeVisible(masked.slice(at, end))}${end < masked.length ? "…" : ""}`;
  const margin = String(line).padStart(5);
  // The caret's line repeats each tab, so that both lines are equally wide whatever a tab's width.
  const indent = before.replaceAll(/[^\t]/gu, " ");
  return `${margin} | ${before}${after}\n${" ".repeat(margin.length)} | ${indent}^`;
}

function findLine(text: string, line: number): string | undefined {
  let start = 0;
  for (let number = 1; number < line; number += 1) {
    const end = text.indexOf("\n", start);
    if (end < 0) return undefined;
    start = end + 1;
  }
  const end = text.indexOf("\n", start);
  return text.slice(start, end < 0 ? undefined : end).replace(/\r$/, "");
}

function maskSecrets(source: string, at: number): { readonly masked: string; readonly at: number } {
  let removed = 0;
  const masked = source.replaceAll(urlSecrets, (secret, offset: number) => {
    if (offset < at) removed += Math.min(secret.length, at - offset) - 1;
    return "…";
  });
  return { masked, at: at - removed };
}

/** Control and invisible characters could hide or forge output, so they are replaced. */
function makeVisible(part: string): string {
  return part.replaceAll(/[\p{C}\u2028\u2029]/gu, (char) => (char === "\t" ? char : "\uFFFD"));
}
