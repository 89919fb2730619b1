// Words from the server, made fit to be shown: it is not trusted with the terminal.

/** Enough for a sentence or two; what is longer is a page of HTML. */
const maxTextLength = 300;

/** One short line without control and format characters. */
export function shownText(text: string): string {
  const line = text.replace(/[\p{C}\p{Z}]+/gu, " ").trim();
  return line.length > maxTextLength ? `${line.slice(0, maxTextLength).trimEnd()}…` : line;
}
