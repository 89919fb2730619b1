// What an index of a trail holds: where the lines stand that a later reading needs. The lines themselves stay in the trail.

/** Where a line starts, counted over all files of the trail, and its length without the newline. */
export type LinePlace = readonly [startBytes: number, lengthBytes: number];

/** A line about one resource; `whose` is a place in `whoses`. */
export type ResourceLine = readonly [whose: number, id: string, startBytes: number, lengthBytes: number];

/** A line of one owner; `whose` is a place in `whoses`. */
export type OwnerLine = readonly [whose: number, startBytes: number, lengthBytes: number];

export interface TrailIndex {
  /** It covers the lines before this byte. */
  readonly endBytes: number;
  /** The time of the newest of these lines, in ms since 1970. */
  readonly newestMs: number;
  /** The owners of records, each in an organisation and an environment, as the lines spell them. */
  readonly whoses: readonly string[];
  /** Newest first: each resource's last record, what may be an open intent, and the runs that bound the search for these. */
  readonly lines: readonly LinePlace[];
  /** The last records of resources that were deleted: only the ids that are live again need them. */
  readonly deleted: readonly ResourceLine[];
  /** For each resource, the last record of a sync or an apply that wrote it. */
  readonly origins: readonly ResourceLine[];
  /** For each resource, the last drift on record, if it was not written since. */
  readonly drifts: readonly ResourceLine[];
  /** For each owner, the last change that names the commit which its run applied. */
  readonly commits: readonly OwnerLine[];
}

export type ResourceLines = "deleted" | "origins" | "drifts";

/** A trail with its index; null if there is none, and then all of its lines are read. */
export interface IndexedTrail {
  readonly path: string;
  readonly index?: TrailIndex | null | undefined;
}

/** The index is a file that someone may have edited. */
export function isIndex(value: unknown): value is TrailIndex {
  const { endBytes, newestMs, whoses, lines, ...found } = Object(value) as Partial<
    Record<keyof TrailIndex, unknown>
  >;
  const isPlace = (place: unknown): boolean => Array.isArray(place) && place.every(isBytes);
  const isOfResource = (line: unknown): boolean =>
    Array.isArray(line) && isBytes(line[0]) && typeof line[1] === "string" && isPlace(line.slice(2));
  return (
    isBytes(endBytes) &&
    typeof newestMs === "number" &&
    [whoses, lines, found.deleted, found.origins, found.drifts, found.commits].every(Array.isArray) &&
    (whoses as unknown[]).every((whose) => typeof whose === "string") &&
    [lines, found.commits].every((list) => (list as unknown[]).every(isPlace)) &&
    [found.deleted, found.origins, found.drifts].every((list) => (list as unknown[]).every(isOfResource))
  );
}

function isBytes(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
