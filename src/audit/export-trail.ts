// Copies a trail, however many files hold it, into one file that appears only once it is whole.
import type { AppendFile, Files } from "../lib/files.ts";
import { errorText, ReconcileError, systemErrorCode } from "../model/errors.ts";
import { findLineStart, newline, splitLinesBackwards } from "./lines.ts";
import { readTrailWindows } from "./read-trail.ts";
import { findHead, type Head } from "./record.ts";
import { trailMode } from "./tail.ts";

export interface Exported {
  /** The last record; null if the trail has none, and then no file was written. */
  readonly head: Head | null;
  readonly lines: number;
  /** The size of an incomplete line at the end of the trail, which the copy leaves out. */
  readonly tornBytes: number;
}

/**
 * A file that exists is never replaced. Throws ReconcileError `audit/exportExists` and `audit/exportUnwritable`, which leave
 * nothing behind, and `audit/unreadable`.
 */
export async function exportTrail(path: string, to: string, files: Files): Promise<Exported> {
  await requireFree(to, files);
  const beside = await findFreeName(to, files);
  try {
    const exported = await copy(path, beside, files);
    if (exported.head) await files.rename(beside, to);
    else await files.remove(beside);
    return exported;
  } catch (error) {
    await files.remove(beside).catch(() => undefined);
    throw describeFailure(error, to);
  }
}

async function requireFree(to: string, files: Pick<Files, "entryKind">): Promise<void> {
  const kind = await files.entryKind(to).catch((error: unknown) => {
    throw describeFailure(error, to);
  });
  if (kind !== null) throw exists(to);
}

/** A name that exists is not written to, so that no prepared link chooses the file. */
async function findFreeName(to: string, files: Pick<Files, "entryKind">): Promise<string> {
  for (let number = 1; ; number += 1) {
    const name = `${to}.${number}.tmp`;
    if ((await files.entryKind(name)) === null) return name;
  }
}

async function copy(path: string, to: string, files: Files): Promise<Exported> {
  const file = await files.openAppend(to, trailMode);
  try {
    const exported = await copyLines(path, file, files);
    await file.sync();
    return exported;
  } finally {
    await file.close();
  }
}

/** A pass may append while this reads, so only whole lines are copied. */
async function copyLines(path: string, file: AppendFile, files: Files): Promise<Exported> {
  let head: Head | null = null;
  let lines = 0;
  let held: readonly Uint8Array[] = [];
  for await (const window of readTrailWindows(files, path)) {
    const end = findLineStart(window, window.length);
    if (end === 0) {
      held = [...held, window];
      continue;
    }
    const whole = Buffer.concat([...held, window.subarray(0, end)]);
    await file.append(whole);
    for (const byte of whole) if (byte === newline) lines += 1;
    head = findLastHead(whole) ?? head;
    held = [window.subarray(end)];
  }
  return { head, lines, tornBytes: held.reduce((sum, { length }) => sum + length, 0) };
}

function findLastHead(lines: Uint8Array): Head | null {
  for (const line of splitLinesBackwards(lines)) {
    const found = findHead(line);
    if (found) return found.head;
  }
  return null;
}

function exists(to: string): ReconcileError {
  return new ReconcileError("audit/exportExists", `${to} exists already, so nothing was exported`, {
    hint: "pass --file the name of a file that does not exist yet, or move that one away",
  });
}

function describeFailure(error: unknown, to: string): unknown {
  const code = systemErrorCode(error);
  if (code === undefined) return error;
  if (code === "EEXIST") return exists(to);
  return new ReconcileError("audit/exportUnwritable", `${to} cannot be written: ${errorText(error)}`, {
    hint: "it takes a folder in which this user may write, on a disk that is not full; no part of the file was left",
    cause: error,
  });
}
