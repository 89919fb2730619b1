// Reads the lines of a trail, piece by piece.
import type { Ask } from "./database.ts";

/** A piece has about this many bytes, or one longer line. */
const pieceBytes = 1024 * 1024;
const mostLinesOfPiece = 2_000;

interface LineRow {
  readonly seq: string;
  readonly line: string;
}

/** `values` name the trail. While the caller works on a piece, the next one is on its way. */
export async function* readLines(
  ask: Ask,
  [statement, values]: readonly [string, readonly unknown[]],
  after: number,
): AsyncGenerator<Uint8Array> {
  const ahead = (lastSeq: string): Promise<LineRow[]> => {
    const piece = ask<LineRow>(statement, [...values, lastSeq, pieceBytes, mostLinesOfPiece]);
    // A caller that stops early does not wait for it, and needs no error of it.
    piece.catch(() => undefined);
    return piece;
  };
  let next = ahead(String(after));
  for (;;) {
    const rows = await next;
    const last = rows.at(-1);
    if (!last) return;
    next = ahead(last.seq);
    yield Buffer.from(rows.map(({ line }) => `${line}\n`).join(""));
  }
}
