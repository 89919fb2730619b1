// Finds the files of a trail, which reads as if they were one: a file that was closed by a rotation stands beside the trail,
// and the first record of the file that follows it names it.
import type { Files } from "../lib/files.ts";
import type { Continued } from "../model/audit-record.ts";
import { errorText, ReconcileError, systemErrorCode } from "../model/errors.ts";
import { decodeLine, findLineStart, newline } from "./lines.ts";
import { findRecord, findRecordFault, type FoundRecord } from "./parse-record.ts";
import { findHead } from "./record.ts";

export type TrailFiles = Pick<Files, "list" | "stat" | "readRange">;

export interface TrailPart {
  readonly path: string;
  readonly sizeBytes: number;
}

/**
 * Returns the closed files, oldest first, and the trail's own file, if it exists. A file that is not there is left out.
 * Throws ReconcileError `audit/unreadable`.
 */
export async function findTrailParts(files: TrailFiles, path: string): Promise<readonly TrailPart[]> {
  const own = await findPart(files, path);
  const parts = own ? [own] : [];
  // Most trails were never closed, and then nothing of them needs to be read here.
  const beside = await listBeside(files, path);
  if (beside?.some((name) => closedName.test(name)) === false) return parts;
  let first = own && (await readFirstRecord(files, own));
  if (!first) {
    // A run that died between the rename and the first record of the next file left nothing here that names the closed one.
    const closed = await findNewestClosed(files, path, beside ?? []);
    if (!closed) return parts;
    parts.unshift(closed);
    first = await readFirstRecord(files, closed);
  }
  for (;;) {
    const before = continuedBy(first);
    const part = before && (await findPart(files, directoryOf(path) + before.file));
    if (!part || parts.some((other) => other.path === part.path)) return parts;
    parts.unshift(part);
    first = await readFirstRecord(files, part);
  }
}

/** The end of the name of a closed file. */
export const closedName = /-\d{8}T\d{6}Z$/;

/** The name that a trail gets when it is closed. Such names sort by time, and logrotate's `dateext` makes them alike. */
export function closedPath(path: string, closedAt: string): string {
  return `${path}-${closedAt.replaceAll(/[-:]|\.\d+/g, "")}`;
}

export function fileNameOf(path: string): string {
  return path.slice(directoryOf(path).length);
}

/** Ends in a slash; empty for the working directory. */
export function directoryOf(path: string): string {
  return path.replace(/[^/\\]*$/, "");
}

/** Null if there is no file. */
async function findPart(files: TrailFiles, path: string): Promise<TrailPart | null> {
  try {
    const { kind, sizeBytes } = await files.stat(path);
    if (kind === "file") return { path, sizeBytes };
    throw new Error(kind === "directory" ? "it is a folder" : "it is not a regular file");
  } catch (cause) {
    if (systemErrorCode(cause) === "ENOENT") return null;
    throw unreadable(path, cause);
  }
}

/** The records of a rotation are much shorter. */
const windowBytes = 16 * 1024;

/** Null if the file does not begin with a record, as after a crash; empty if that record is too long for a rotation's. */
async function readFirstRecord(
  files: TrailFiles,
  { path, sizeBytes }: TrailPart,
): Promise<FoundRecord | null> {
  const end = Math.min(sizeBytes, windowBytes);
  const bytes = end === 0 ? noBytes : await readPart(files, path, { start: 0, end });
  const line = bytes.indexOf(newline);
  if (line >= 0) return findHead(bytes.subarray(0, line))?.record ?? null;
  return sizeBytes > windowBytes ? {} : null;
}

const noBytes = new Uint8Array();

function continuedBy(record: FoundRecord | null): Continued | null {
  if (record?.event !== "trail.continued" || findRecordFault(record) !== null) return null;
  return (record.continues as Continued | undefined) ?? null;
}

/** Returns the file beside the trail that has the name of a closed one, ends as one, and holds the highest number. */
async function findNewestClosed(
  files: TrailFiles,
  path: string,
  beside: readonly string[],
): Promise<TrailPart | null> {
  let newest: { readonly part: TrailPart; readonly seq: number } | null = null;
  for (const name of beside) {
    if (name.replace(closedName, "") !== fileNameOf(path)) continue;
    const part = await findPart(files, directoryOf(path) + name);
    const seq = part && (await findClosingSeq(files, part));
    if (part && seq !== null && seq > (newest?.seq ?? 0)) newest = { part, seq };
  }
  return newest?.part ?? null;
}

/** The names of the files in the trail's folder; null if they cannot be listed. */
export async function listBeside(files: TrailFiles, path: string): Promise<readonly string[] | null> {
  try {
    const entries = await files.list(directoryOf(path) || ".");
    return entries.filter(({ kind }) => kind === "file").map(({ name }) => name);
  } catch (cause) {
    if (systemErrorCode(cause) === undefined) throw cause;
    return systemErrorCode(cause) === "ENOENT" ? [] : null;
  }
}

/** Null if the file does not end with a record that closes it. */
async function findClosingSeq(files: TrailFiles, { path, sizeBytes }: TrailPart): Promise<number | null> {
  const start = Math.max(0, sizeBytes - windowBytes);
  const bytes = await readPart(files, path, { start, end: sizeBytes });
  const last = bytes.subarray(findLineStart(bytes, bytes.length - 1), -1);
  const record = findRecord(decodeLine(last) ?? "");
  return record?.event === "trail.closed" && typeof record.seq === "number" ? record.seq : null;
}

/** Reads a part of one file. Throws ReconcileError `audit/unreadable`. */
export async function readPart(
  files: Pick<Files, "readRange">,
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
