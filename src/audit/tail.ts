// Reads the end of an existing trail, to continue its chain, and moves lines that are not records out of the way.
import type { AppendFile, Files } from "../lib/files.ts";
import type { Metrics } from "../model/audit-record.ts";
import { ReconcileError } from "../model/errors.ts";
import { findLineStart, hasTornTail, maxLineBytes } from "./lines.ts";
import { isMetrics } from "./metrics.ts";
import { findHead, genesis, type Head } from "./record.ts";

/** Only this user may read or change a trail, because it holds whole endpoints and the names of people. */
export const trailMode = 0o600;

/** A record has 1 to 4 KiB, so one read nearly always finds the last one. */
const firstWindowBytes = 64 * 1024;

export interface Tail {
  readonly head: Head;
  readonly metrics: Metrics;
  readonly sizeBytes: number;
  /** Faults of the end of the file, for the user to read. */
  readonly notices: readonly string[];
}

export interface TailPlace {
  readonly files: Files;
  readonly path: string;
  /** The figures from which the trail continues if its last record has none. */
  readonly metrics: Metrics;
}

/**
 * Reads the last record and what follows it, and no more of the file. Moves lines that are not records to `<path>.torn`.
 * Throws Node's errors, and ReconcileError `audit/notATrail` if no line ends anywhere near the end.
 */
export async function readTail(file: AppendFile, place: TailPlace): Promise<Tail> {
  const sizeBytes = await file.sizeBytes();
  const last = await findLastRecord(file, sizeBytes, place.path);
  if (last.endBytes === sizeBytes) return continueFrom(last, place, []);
  await setAside(file, { startBytes: last.endBytes, endBytes: sizeBytes }, place);
  return continueFrom(last, place, [asideNotice(last, place)]);
}

interface TailRecord {
  /** Null if the file has none. */
  readonly found: ReturnType<typeof findHead>;
  /** The byte after its line and newline. */
  readonly endBytes: number;
  /** How many lines after it are not records, including one that is cut short. */
  readonly others: number;
}

/** Searches backwards, a window at a time; the window grows if a line is longer. */
async function findLastRecord(file: AppendFile, sizeBytes: number, path: string): Promise<TailRecord> {
  let endBytes = sizeBytes;
  let others = 0;
  for (let windowBytes = firstWindowBytes; endBytes > 0;) {
    const from = Math.max(0, endBytes - windowBytes);
    const bytes = await file.readRange(from, endBytes);
    let end = bytes.length;
    while (end > 0) {
      const start = findLineStart(bytes, end - 1);
      // A line that begins before this window is read with the next one.
      if (start === 0 && from > 0) break;
      const found = readRecord(bytes.subarray(start, end));
      if (found) return { found, endBytes: from + end, others };
      end = start;
      others += 1;
    }
    if (end < bytes.length || from === 0) windowBytes = firstWindowBytes;
    else if (windowBytes < maxLineBytes) windowBytes *= 2;
    else throw notATrail(path);
    endBytes = from + end;
  }
  return { found: null, endBytes: 0, others };
}

/** Finds the record of a line with its newline; null if the line is cut short or is not a record. */
function readRecord(line: Uint8Array): TailRecord["found"] {
  return hasTornTail(line) ? null : findHead(line.subarray(0, -1));
}

/** Bytes are moved in pieces of this size, because someone may have appended any amount. */
const pieceBytes = 1024 * 1024;

/** Writes the lines beside the trail first and cuts them from it second, so that a crash in between loses nothing. */
async function setAside(
  file: AppendFile,
  { startBytes, endBytes }: { readonly startBytes: number; readonly endBytes: number },
  { files, path }: TailPlace,
): Promise<void> {
  const aside = await files.openAppend(`${path}.torn`, trailMode);
  try {
    for (let at = startBytes; at < endBytes; at += pieceBytes) {
      const piece = await file.readRange(at, Math.min(endBytes, at + pieceBytes));
      await aside.append(piece);
      if (at + pieceBytes >= endBytes && hasTornTail(piece)) await aside.append("\n");
    }
    await aside.sync();
  } finally {
    await aside.close();
  }
  await file.truncate(startBytes);
  await file.sync();
}

function asideNotice({ others }: TailRecord, { path }: TailPlace): string {
  return others === 1
    ? `the last line of ${path} was cut short, as by a crash while it was written; it was moved to ${path}.torn`
    : `the last ${others} lines of ${path} are not audit records; they were moved to ${path}.torn`;
}

/** Whether the last record is sound is not checked here: a run checks the trail before it opens it. */
function continueFrom(
  { found, endBytes: sizeBytes }: TailRecord,
  place: TailPlace,
  notices: readonly string[],
): Tail {
  const metrics = found?.record.metrics;
  return {
    head: found?.head ?? genesis,
    metrics: isMetrics(metrics) ? metrics : place.metrics,
    sizeBytes,
    notices,
  };
}

function notATrail(path: string): ReconcileError {
  return new ReconcileError(
    "audit/notATrail",
    `${path} is not an audit trail: no line ends within its last ${maxLineBytes / 1024 / 1024} MiB`,
    { hint: "move that file away, or set audit.file to another path" },
  );
}
