// Parses a whole number that a header holds.

/** Undefined for any other text, and for a number that no count has. */
export function parseCount(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
