// Escapes texts for Markdown, so that none becomes markup, and cuts lists before they are too long.
import { urlSecrets } from "../lib/text.ts";
import { shownEndpoint } from "../model/endpoint.ts";
import { plain } from "../lib/plain.ts";

/** A longer name is cut in its middle: reviewers recognise it by its two ends. */
const maxCodeLength = 200;

/** A longer message would be too much for a comment. */
const maxProseLength = 600;

/**
 * Returns the text as code that fits one table cell and cannot become markup. Backslashes before a `|` are dropped,
 * because they would cancel the one that escapes it. Empty code gets a space, because two backticks alone would open a
 * longer code span.
 */
export function code(text: string): string {
  const shown = cutMiddle(plain(text), maxCodeLength);
  return `\`${shown.replaceAll("`", "'").replace(/\\*\|/g, "\\|") || " "}\``;
}

export function endpointCode(url: string): string {
  return code(shownEndpoint(url));
}

/**
 * Returns the text as prose that cannot become markup. GitHub looks for mentions, references and addresses after it has
 * removed backslashes, so an invisible character breaks these up.
 */
export function prose(text: string): string {
  return cutMiddle(plain(text).replaceAll(urlSecrets, "…"), maxProseLength)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replace(/[\\`*_[\]|#!~$]/g, "\\$&")
    .replace(/@|#(?=\d)|:(?=\/\/)|\bwww(?=\.)|\bGH(?=-\d)/gi, "$&&#8203;");
}

/** Cuts between characters, not inside one. */
function cutMiddle(text: string, most: number): string {
  if (text.length <= most) return text;
  const letters = Array.from(text);
  const tail = Math.floor((most - 1) / 2);
  return letters.length <= most
    ? text
    : `${letters.slice(0, most - 1 - tail).join("")}…${letters.slice(-tail).join("")}`;
}

/** Returns as many whole lines as fit. `more` makes the last line, which counts those left out. */
export function fitLines(
  lines: readonly string[],
  room: { readonly lines: number; readonly length: number },
  more: (hidden: number) => string,
): string {
  let text = "";
  let shown = 0;
  for (const line of lines.slice(0, room.lines)) {
    if (text.length + line.length > room.length) break;
    text += line;
    shown += 1;
  }
  const hidden = lines.length - shown;
  return hidden === 0 ? text : text + more(hidden);
}

/** Returns a folded section. `summary` is not escaped, so it must not hold texts of others. */
export function fold(summary: string, body: string): string {
  return `\n<details><summary>${summary}</summary>\n\n${body}\n</details>\n`;
}
