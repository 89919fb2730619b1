// Finds the record that follows a given one in a long trail, by bisection over the bytes of the file.
import { decodeLine, findFirstLine } from "./lines.ts";
import { findRecord } from "./parse-record.ts";
import { readWindow, totalOf } from "./read-trail.ts";
import { findTrailParts, type TrailFiles, type TrailPart } from "./trail-parts.ts";

/** Most lines are shorter than this; a longer one is read with a window that doubles. */
const firstWindowBytes = 16 * 1024;

interface Probe {
  /** The byte at which the line starts, and the one at which the next line does. */
  readonly start: number;
  readonly next: number;
  readonly seq: number;
}

/**
 * Returns where the line with the record number `after + 1` starts. In a sound chain the numbers grow by one from line to
 * line, so the search trusts them, but not the result: it returns null unless it has found that very record. Throws
 * ReconcileError `audit/unreadable`.
 */
export async function findStartAfter(
  files: TrailFiles,
  path: string,
  after: number,
): Promise<number | null> {
  const parts = await findTrailParts(files, path);
  const end = totalOf(parts);
  let [low, high] = [0, end];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const probe = await probeAt(files, parts, { from: middle, end });
    if (!probe || probe.start >= high) {
      // No line starts between the middle and the upper bound, so the one that is looked for starts before the middle.
      high = middle;
    } else if (probe.seq <= after) low = probe.next;
    else high = probe.start;
  }
  const found = await probeAt(files, parts, { from: low, end });
  return found?.seq === after + 1 && found.start === low ? low : null;
}

/** Finds the first sound line that starts at `from` or behind it. */
async function probeAt(
  files: TrailFiles,
  parts: readonly TrailPart[],
  { from, end }: { readonly from: number; readonly end: number },
): Promise<Probe | null> {
  // The byte before tells whether a line starts at `from` itself.
  const base = Math.max(0, from - 1);
  for (let size = firstWindowBytes; ; size *= 2) {
    const bytes = await readWindow(files, parts, { start: base, end: Math.min(end, base + size) });
    const probe = firstRecord(bytes, from === 0 ? 0 : findFirstLine(bytes));
    if (probe) return { start: base + probe.start, next: base + probe.next, seq: probe.seq };
    if (base + size >= end) return null;
  }
}

function firstRecord(bytes: Uint8Array, from: number): Probe | null {
  for (let start = from, at = bytes.indexOf(0x0a, start); at >= 0; at = bytes.indexOf(0x0a, start)) {
    const seq = findRecord(decodeLine(bytes.subarray(start, at)) ?? "")?.seq;
    if (typeof seq === "number") return { start, next: at + 1, seq };
    start = at + 1;
  }
  return null;
}
