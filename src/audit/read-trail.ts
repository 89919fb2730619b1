// Reads a trail from either end, a window at a time, so that no reader holds a long trail in memory.
import type { Files } from "../lib/files.ts";
import type { Digest } from "../lib/hash.ts";
import { errorText, ReconcileError, systemErrorCode } from "../model/errors.ts";
import {
  endsALine,
  findFirstLine,
  findLineStart,
  hasTornTail,
  maxLineBytes,
  splitLines,
  splitLinesBackwards,
} from "./lines.ts";

/** Large enough that the number of reads does not matter, and small compared with the process itself. */
const windowBytes = 512 * 1024;

export type TrailFiles = Pick<Files, "stat" | "readRange">;

/** The trail's size, or null if there is no file. Throws ReconcileError `audit/unreadable`. */
export async function findTrailBytes(files: TrailFiles, path: string): Promise<number | null> {
  try {
    const { kind, sizeBytes } = await files.stat(path);
    if (kind === "file") return sizeBytes;
    throw new Error(kind === "directory" ? "it is a folder" : "it is not a regular file");
  } catch (cause) {
    if (systemErrorCode(cause) === "ENOENT") return null;
    throw unreadable(path, cause);
  }
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
  const end = (await findTrailBytes(files, path)) ?? 0;
  let held = noBytes;
  let isTooLong = false;
  for (let start = from; start < end;) {
    const bytes = await readWindow(files, path, { start, end: Math.min(end, start + windowBytes) });
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

/** Adds the trail's first bytes to a digest. Throws ReconcileError `audit/unreadable`. */
export async function digestStart(
  files: TrailFiles,
  { path, endBytes }: { readonly path: string; readonly endBytes: number },
  digest: Digest,
): Promise<void> {
  for (let start = 0; start < endBytes;) {
    const bytes = await readWindow(files, path, { start, end: Math.min(endBytes, start + windowBytes) });
    if (bytes.length === 0) return;
    digest.update(bytes);
    start += bytes.length;
  }
}

/**
 * Yields each full line without its newline, last to first; it skips lines longer than `maxLineBytes`, and yields none if
 * there is no file yet.
 * Throws ReconcileError `audit/unreadable`.
 */
export async function* readLinesBackwards(files: TrailFiles, path: string): AsyncGenerator<Uint8Array> {
  let end = (await findTrailBytes(files, path)) ?? 0;
  let held = noBytes;
  while (end > 0) {
    const start = Math.max(0, end - windowBytes);
    const bytes = await readWindow(files, path, { start, end });
    end = start;
    held = [bytes, ...held];
    if (start > 0 && !endsALine(bytes)) {
      // The end of a line that is too long is dropped here, so its rest counts as torn and is skipped.
      if (sizeOf(held) > maxLineBytes) held = noBytes;
      continue;
    }
    const window = join(held);
    // The first line of a window may begin before it, so it is kept for the next window.
    const whole = start === 0 ? 0 : findFirstLine(window);
    yield* splitLinesBackwards(window.subarray(whole));
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
  const end = (await findTrailBytes(files, path)) ?? 0;
  return end > 0 && hasTornTail(await readWindow(files, path, { start: end - 1, end }));
}

async function readWindow(
  files: TrailFiles,
  path: string,
  { start, end }: { readonly start: number; readonly end: number },
): Promise<Uint8Array> {
  try {
    return await files.readRange(path, start, end);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): ReconcileError {
  return new ReconcileError(
    "audit/unreadable",
    `the audit trail ${path} cannot be read: ${errorText(cause)}`,
    { hint: "give this user read permission on it, or set audit.file to another path", cause },
  );
}
