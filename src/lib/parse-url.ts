// Parses a URL without throwing. `URL.canParse` is of no use before Node 22: called often, it calls URLs with letters such as ü
// malformed.

/** The URLs that were parsed last: those of a group's endpoints, or of the requests under way, are asked for often. */
const known = new Map<string, URL | null>();
const mostKnown = 64;

/** The caller must not change the URL: callers with the same text get the same one. */
export function parseUrl(text: string): URL | null {
  const found = known.get(text);
  if (found !== undefined) return found;
  const parsed = parse(text);
  if (known.size >= mostKnown) known.clear();
  known.set(text, parsed);
  return parsed;
}

function parse(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
