// Words from the server, made fit to be shown: it is not trusted with the terminal, nor with our token.

/** Enough for a sentence or two; what is longer is a page of HTML. */
const maxTextLength = 300;

/** One short line without control and format characters, and without `secret`, which is not empty. */
export function shownText(text: string, secret: string): string {
  const line = text.replace(/[\p{C}\p{Z}]+/gu, " ").trim();
  const safe = line.replaceAll(secret, "***");
  return safe.length > maxTextLength ? `${safe.slice(0, maxTextLength).trimEnd()}…` : safe;
}
