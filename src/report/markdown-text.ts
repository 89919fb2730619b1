// Texts of others in Markdown, as nothing but text, and lists that end before they are too long.
import { urlSecrets } from "../lib/text.ts";
import { shownEndpoint } from "../model/endpoint.ts";
import { plain } from "../lib/plain.ts";

/** Names that a reviewer knows by their two ends. */
const maxCodeLength = 200;

/** Nobody reads more of a message in a comment. */
const maxProseLength = 600;

/**
 * As it stands, in one table cell: a text of somebody else's must not become markup. A backslash before a `|` would
 * take its own from it, and two backticks with nothing between them would wait for the next two.
 */
export function code(text: string): string {
  const shown = cutMiddle(plain(text), maxCodeLength);
  return `\`${shown.replaceAll("`", "'").replace(/\\*\|/g, "\\|") || " "}\``;
}

export function endpointCode(url: string): string {
  return code(shownEndpoint(url));
}

/**
 * GitHub looks for mentions, references and addresses after it has taken the backslashes away: a character that
 * nobody sees keeps it from finding any.
 */
export function prose(text: string): string {
  return cutMiddle(plain(text).replaceAll(urlSecrets, "…"), maxProseLength)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replace(/[\\`*_[\]|#!~$]/g, "\\$&")
    .replace(/@|#(?=\d)|:(?=\/\/)|\bwww(?=\.)|\bGH(?=-\d)/gi, "$&&#8203;");
}

/** Between characters, not inside one. */
function cutMiddle(text: string, most: number): string {
  if (text.length <= most) return text;
  const letters = Array.from(text);
  const tail = Math.floor((most - 1) / 2);
  return letters.length <= most
    ? text
    : `${letters.slice(0, most - 1 - tail).join("")}…${letters.slice(-tail).join("")}`;
}

/** As many of the lines as fit, each whole; what is left out is counted by the last one. */
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

/** Folded away; `summary` is ours, for it is not escaped. */
export function fold(summary: string, body: string): string {
  return `\n<details><summary>${summary}</summary>\n\n${body}\n</details>\n`;
}
