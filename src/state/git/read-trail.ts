// Reads the trail of a state's commit: one record's hash, or all lines from a record on.
import { listSegments, readHashes, withObjects, type State } from "./content.ts";
import { makeObjectReader } from "./objects.ts";
import type { OwnRepository } from "./own-repository.ts";
import { linesFrom, namedHash } from "./segments.ts";

/** The hash of record `seq`; null if the trail has none of that number. */
export async function findHash(
  repository: OwnRepository,
  { commit, tip }: State,
  seq: number,
): Promise<string | null> {
  if (commit === null || seq < 1 || seq > tip.head.seq) return null;
  if (seq === tip.head.seq) return tip.head.hash;
  return withObjects(repository, async (objects) => {
    const kept = (await readHashes(objects, commit))[String(seq)];
    if (kept !== undefined) return kept;
    const [segment] = await listSegments(objects, commit, seq);
    if (!segment || segment.first > seq) return null;
    const { first } = segment;
    const lines = linesFrom({ first, lines: await objects.read(segment.blob, "blob") }, seq);
    const end = lines.indexOf(10);
    return end < 0 ? null : namedHash(lines.toString("utf8", 0, end));
  });
}

export interface Piece {
  readonly lines: Buffer;
  /** The number of its last record. */
  readonly last: number;
}

/** The lines after record `after`, a segment at a time. One Git reads all of them. */
export async function* readLines(
  repository: OwnRepository,
  { commit, tip }: State,
  after: number,
): AsyncGenerator<Piece> {
  if (commit === null || after >= tip.head.seq) return;
  const objects = makeObjectReader(repository.start(["cat-file", "--batch"]));
  try {
    const segments = await listSegments(objects, commit, after + 1);
    let next = 0;
    for await (const lines of objects.readAll(segments.map(({ blob }) => blob))) {
      const first = segments[next]?.first ?? 0;
      next += 1;
      const wanted = first > after ? lines : linesFrom({ first, lines }, after + 1);
      const last = (segments[next]?.first ?? tip.head.seq + 1) - 1;
      if (wanted.length > 0) yield { lines: wanted, last };
    }
  } finally {
    await objects.end();
  }
}
