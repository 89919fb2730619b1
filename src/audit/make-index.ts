// Makes the index of a trail: of all its lines, or of an older index and the lines that were appended since.
import { collectIndex } from "./collect-index.ts";
import { bufferOf, splitLinesBackwards } from "./lines.ts";
import { readPlaces } from "./read-needed.ts";
import { readStretchesBackwards } from "./read-trail.ts";
import type { TrailIndex } from "./trail-index.ts";
import type { TrailFiles } from "./trail-parts.ts";

/**
 * `endBytes` is the byte after the last line that the index is to cover. Returns null for a trail that can have none. Throws
 * ReconcileError `audit/unreadable`.
 */
export async function makeIndex(
  files: TrailFiles,
  { path, endBytes }: { readonly path: string; readonly endBytes: number },
  older: TrailIndex | null = null,
): Promise<TrailIndex | null> {
  const index = collectIndex();
  const range = { from: older?.endBytes ?? 0, end: endBytes };
  for await (const { lines, start } of readStretchesBackwards(files, path, range))
    for (const line of splitLinesBackwards(lines))
      index.see(bufferOf(line), [start + line.byteOffset - lines.byteOffset, line.length]);
  if (older) {
    index.addOlder(older);
    for await (const { line, place } of readPlaces(files, path, older.lines))
      index.see(bufferOf(line), place);
  }
  return index.end(endBytes);
}
