// Tells whether a path lies in a folder, by the text of both.
import { isAbsolute, relative, sep } from "node:path";

/** Both are absolute, without links. A folder lies within itself. */
export function isWithin(path: string, folder: string): boolean {
  const inside = relative(folder, path);
  return inside !== ".." && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
}
