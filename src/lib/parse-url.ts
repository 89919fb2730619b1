// Parses a URL without throwing. `URL.canParse` is of no use before Node 22: called often, it calls URLs with letters such as ü
// malformed.

export function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
