// Makes text from a server safe to show in a terminal.

/** Enough for a sentence or two; a longer text is most likely a page of HTML. */
const maxTextLength = 300;

/** The text as one short line without control and format characters. */
export function shownText(text: string): string {
  const line = text.replace(/[\p{C}\p{Z}]+/gu, " ").trim();
  return line.length > maxTextLength ? `${line.slice(0, maxTextLength).trimEnd()}…` : line;
}
