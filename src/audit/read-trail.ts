// Reads a trail from either end, a window at a time, so that no reader holds a long trail in memory.
import type { Digest } from "../lib/hash.ts";
import {
  endsALine,
  findFirstLine,
  findLineStart,
  hasTornTail,
  maxLineBytes,
  newline,
  splitLines,
  splitLinesBackwards,
} from "./lines.ts";
import { findTrailParts, readPart, type TrailFiles, type TrailPart } from "./trail-parts.ts";

/** Large enough that the number of reads does not matter, and small compared with the process itself. */
const windowBytes = 512 * 1024;

/** The size of all files of the trail, or null if there is none. Throws ReconcileError `audit/unreadable`. */
export async function findTrailBytes(files: TrailFiles, path: string): Promise<number | null> {
  const parts = await findTrailParts(files, path);
  return parts.length === 0 ? null : totalOf(parts);
}

export function totalOf(parts: readonly TrailPart[]): number {
  return parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/**
 * Yields each full line without its newline, first to last; null for a line longer than `maxLineBytes`. It yields none if
 * there is no file yet. A line's bytes are valid only until the next line is read. Starts at the byte `from`, with which
 * a line must begin. Throws ReconcileError `audit/unreadable`.
 */
export async function* readLines(
  files: TrailFiles,
  path: string,
  from = 0,
): AsyncGenerator<Uint8Array | null> {
  const parts = await findTrailParts(files, path);
  const end = totalOf(parts);
  let held = noBytes;
  let isTooLong = false;
  for (let start = from; start < end;) {
    const bytes = await readWindow(files, parts, { start, end: Math.min(end, start + windowBytes) });
    // Another process cut the file while it was read.
    if (bytes.length === 0) return;
    start += bytes.length;
    held = [...held, bytes];
    if (!endsALine(bytes)) {
      if (sizeOf(held) <= maxLineBytes) continue;
      isTooLong = true;
      held = noBytes;
      continue;
    }
    const window = join(held);
    for (const line of splitLines(window)) {
      yield isTooLong || line.length > maxLineBytes ? null : line;
      isTooLong = false;
    }
    // A line that the window cuts off continues in the next window.
    held = [window.subarray(findLineStart(window, window.length))];
  }
}

/** Yields all bytes of the trail, window by window, from the byte `from` on. Throws ReconcileError `audit/unreadable`. */
export async function* readTrailWindows(
  files: TrailFiles,
  path: string,
  { from = 0, endBytes = Infinity }: { readonly from?: number; readonly endBytes?: number } = {},
): AsyncGenerator<Uint8Array> {
  const parts = await findTrailParts(files, path);
  const last = Math.min(endBytes, totalOf(parts));
  for (let start = from; start < last;) {
    const bytes = await readWindow(files, parts, { start, end: Math.min(last, start + windowBytes) });
    // Another process cut the file while it was read.
    if (bytes.length === 0) return;
    yield bytes;
    start += bytes.length;
  }
}

/** Adds the trail's bytes, from `fromBytes` on, to a digest. Throws ReconcileError `audit/unreadable`. */
export async function digestStart(
  files: TrailFiles,
  {
    path,
    fromBytes = 0,
    endBytes,
  }: { readonly path: string; readonly fromBytes?: number; readonly endBytes: number },
  digest: Digest,
): Promise<void> {
  for await (const bytes of readTrailWindows(files, path, { from: fromBytes, endBytes }))
    digest.update(bytes);
}

/**
 * Yields each full line without its newline, last to first; it skips lines longer than `maxLineBytes`, and yields none if
 * there is no file yet. It ends at the byte `from`, with which a line must begin. Throws ReconcileError `audit/unreadable`.
 */
export async function* readLinesBackwards(
  files: TrailFiles,
  path: string,
  from = 0,
): AsyncGenerator<Uint8Array> {
  for await (const { lines } of readStretchesBackwards(files, path, { from, end: Infinity }))
    yield* splitLinesBackwards(lines);
}

/** As `readLinesBackwards`, in stretches of whole lines with the byte at which each starts. They end before the byte `end`. */
export async function* readStretchesBackwards(
  files: TrailFiles,
  path: string,
  { from, end: last }: { readonly from: number; readonly end: number },
): AsyncGenerator<{ readonly lines: Uint8Array; readonly start: number }> {
  const parts = await findTrailParts(files, path);
  let end = Math.min(last, totalOf(parts));
  let held = noBytes;
  while (end > from) {
    const start = Math.max(from, end - windowBytes);
    const bytes = await readWindow(files, parts, { start, end });
    end = start;
    held = [bytes, ...held];
    if (start > from && !endsALine(bytes)) {
      // The end of a line that is too long is dropped here, so its rest counts as torn and is skipped.
      if (sizeOf(held) > maxLineBytes) held = noBytes;
      continue;
    }
    const window = join(held);
    // The first line of a window may begin before it, so it is kept for the next window.
    const whole = start === from ? 0 : findFirstLine(window);
    yield { lines: window.subarray(whole), start: start + whole };
    held = [window.subarray(0, whole)];
  }
}

/** Pieces of a line are joined once its other end is found: to copy them for each window would take most of the time. */
const noBytes: readonly Uint8Array[] = [];

function sizeOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const [only, another] = pieces;
  return only && !another ? only : Buffer.concat(pieces);
}

/** True if the trail ends in the middle of a line, as after a crash. Throws ReconcileError `audit/unreadable`. */
export async function isTorn(files: TrailFiles, path: string): Promise<boolean> {
  const parts = await findTrailParts(files, path);
  const end = totalOf(parts);
  return end > 0 && hasTornTail(await readWindow(files, parts, { start: end - 1, end }));
}

/** Reads a stretch of the trail, as if its files were one. Throws ReconcileError `audit/unreadable`. */
export async function readWindow(
  files: TrailFiles,
  parts: readonly TrailPart[],
  { start, end }: { readonly start: number; readonly end: number },
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let before = 0;
  for (const { path, sizeBytes } of parts) {
    const from = Math.max(start, before) - before;
    const to = Math.min(end, before + sizeBytes) - before;
    before += sizeBytes;
    if (from >= to) continue;
    const bytes = await readPart(files, path, { start: from, end: to });
    pieces.push(bytes);
    if (bytes.length < to - from) break;
  }
  return join(pieces);
}

/** A line of the trail, by the file that holds it. */
export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** Finds the file in which a line of the trail stands, and its number there. Throws ReconcileError `audit/unreadable`. */
export async function findPlace(files: TrailFiles, path: string, line: number): Promise<Place> {
  const parts = await findTrailParts(files, path);
  let left = line;
  for (const part of parts.slice(0, -1)) {
    const lines = await countLines(files, part);
    if (left <= lines) return { file: part.path, line: left };
    left -= lines;
  }
  return { file: parts.at(-1)?.path ?? path, line: left };
}

async function countLines(files: TrailFiles, part: TrailPart): Promise<number> {
  let lines = 0;
  for (let start = 0; start < part.sizeBytes; start += windowBytes) {
    const end = Math.min(part.sizeBytes, start + windowBytes);
    for (const byte of await readPart(files, part.path, { start, end })) if (byte === newline) lines += 1;
  }
  return lines;
}
