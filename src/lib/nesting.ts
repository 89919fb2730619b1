// Finds the levels of a value from outside, which may be nested too deeply for a recursion without a limit.

/** Yields the value itself, then all that it holds, then all that those hold, and so on. */
export function* levelsOf(value: unknown): Generator<readonly unknown[]> {
  for (let level = [value]; level.length > 0; level = level.flatMap(contentOf)) yield level;
}

/** Whether something stands more than so many levels below the value; it looks no deeper than that. */
export function isNestedDeeper(value: unknown, most: number): boolean {
  if (most < 0) return true;
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some((part) => isNestedDeeper(part, most - 1));
  for (const key of Object.keys(value))
    if (isNestedDeeper((value as Readonly<Record<string, unknown>>)[key], most - 1)) return true;
  return false;
}

function contentOf(item: unknown): unknown[] {
  return typeof item === "object" && item !== null ? Object.values(item) : [];
}
