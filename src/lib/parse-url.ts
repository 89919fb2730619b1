// Parses a URL without throwing. `URL.canParse` is of no use before Node 22: called often, it calls URLs with letters such as ü
// malformed.

let last: { readonly text: string; readonly parsed: URL | null } | null = null;

/** The caller must not change the URL: of the same text, several callers in a row get the same one. */
export function parseUrl(text: string): URL | null {
  if (last?.text !== text) last = { text, parsed: parse(text) };
  return last.parsed;
}

function parse(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
