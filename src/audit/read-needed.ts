// Reads from a trail's end backwards the lines that a reading needs: all that the index does not cover, and of the rest those
// that it names.
import { readLinesBackwards, readWindow } from "./read-trail.ts";
import type { IndexedTrail, LinePlace, ResourceLines, TrailIndex } from "./trail-index.ts";
import { findTrailParts, type TrailFiles } from "./trail-parts.ts";

/** The resources of which a reading needs the lines of a sort, and whether it needs those of commits. */
export type Needed = Readonly<Partial<Record<ResourceLines, (id: string) => boolean>>> & {
  readonly commits?: true;
};

/** Lines near each other are read together, up to so many bytes. */
const stretchBytes = 64 * 1024;

/** As `readLinesBackwards`; without an index it yields every line. Throws ReconcileError `audit/unreadable`. */
export async function* readNeeded(
  files: TrailFiles,
  { path, index }: IndexedTrail,
  needed: Needed = {},
): AsyncGenerator<Uint8Array> {
  yield* readLinesBackwards(files, path, index?.endBytes ?? 0);
  if (!index) return;
  for await (const { line } of readPlaces(files, path, placesIn(index, needed))) yield line;
}

function placesIn(index: TrailIndex, needed: Needed): readonly LinePlace[] {
  const places = new Map(index.lines.map((place) => [place[0], place]));
  for (const sort of ["deleted", "origins", "drifts"] as const)
    for (const [, id, start, length] of needed[sort] ? index[sort] : [])
      if (needed[sort]?.(id)) places.set(start, [start, length]);
  for (const [, start, length] of needed.commits ? index.commits : []) places.set(start, [start, length]);
  return [...places.values()].sort(([a], [b]) => b - a);
}

/** The places come last to first, and so do their lines. Throws ReconcileError `audit/unreadable`. */
export async function* readPlaces(
  files: TrailFiles,
  path: string,
  places: readonly LinePlace[],
): AsyncGenerator<{ readonly line: Uint8Array; readonly place: LinePlace }> {
  const parts = await findTrailParts(files, path);
  for (let at = 0; at < places.length;) {
    const [first, length] = places[at] ?? [0, 0];
    const end = first + length;
    let next = at + 1;
    while (next < places.length && end - (places[next]?.[0] ?? 0) <= stretchBytes) next += 1;
    const start = places[next - 1]?.[0] ?? first;
    const bytes = await readWindow(files, parts, { start, end });
    for (const place of places.slice(at, next)) {
      const from = place[0] - start;
      yield { line: bytes.subarray(from, from + place[1]), place };
    }
    at = next;
  }
}
