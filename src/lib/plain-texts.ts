// Makes all texts of a JSON-able value plain, and copies only what held something else.
import { plain } from "./plain.ts";

/**
 * Returns the value itself if all its texts are plain: a plan of 100,000 deletes whose texts were copied would take twice
 * its memory. Keys stay as they are.
 */
export function plainTexts<T>(value: T): T {
  return walk(value) as T;
}

function walk(value: unknown): unknown {
  if (typeof value === "string") return plain(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map(walk);
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  let changed: [string, unknown][] | null = null;
  for (const [key, part] of Object.entries(value)) {
    const shown = walk(part);
    if (shown !== part) (changed ??= []).push([key, shown]);
  }
  return changed === null ? value : { ...value, ...Object.fromEntries(changed) };
}
