// Reads the end of an existing trail, to continue its chain, and moves what a crash left behind it out of the way.
import type { AppendFile, Files } from "../lib/files.ts";
import { setAside } from "../lib/set-aside.ts";
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
  /** The time of the last record if it closes the file, which then takes no more records; else null. */
  readonly closedAt: string | null;
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
 * Reads the last record and what follows it, and no more of the file. Moves what a crash left there to `<path>.torn`, or to
 * the next free name. Throws Node's errors, and ReconcileError `audit/notATrail`, which leaves the file as it was, if
 * anything else follows, or if there is no record and the file is not empty.
 */
export async function readTail(file: AppendFile, place: TailPlace): Promise<Tail> {
  const sizeBytes = await file.sizeBytes();
  const last = await findLastRecord(file, sizeBytes, place.path);
  if (last.endBytes === sizeBytes) return continueFrom(last, place, []);
  const aside = await moveAside(file, { startBytes: last.endBytes, endBytes: sizeBytes }, place);
  return continueFrom(last, place, [asideNotice(last, place, aside)]);
}

interface TailRecord {
  /** Null if the file has none. */
  readonly found: ReturnType<typeof findHead>;
  /** The byte after its line and newline. */
  readonly endBytes: number;
  /** How many lines after it a crash left, including one that is cut short. */
  readonly others: number;
}

/**
 * Searches backwards, a window at a time; the window grows if a line is longer. It ends at the first line that is neither a
 * record nor left by a crash, so a long file that is no trail is not read whole.
 */
async function findLastRecord(file: AppendFile, sizeBytes: number, path: string): Promise<TailRecord> {
  let endBytes = sizeBytes;
  let others = 0;
  let needsRecord = false;
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
      const left = judgeLine(bytes.subarray(start, end));
      others += 1;
      if (left === "no") throw notATrail(path, sayOddLine(others));
      needsRecord ||= left === "behindARecord";
      end = start;
      if (sizeBytes - from - end > maxAsideBytes)
        throw notATrail(path, `the last ${inMiB(maxAsideBytes)} hold no record`);
    }
    if (end < bytes.length || from === 0) windowBytes = firstWindowBytes;
    else if (windowBytes < maxLineBytes) windowBytes *= 2;
    else throw notATrail(path, `no line ends within its last ${inMiB(maxLineBytes)}`);
    endBytes = from + end;
  }
  if (needsRecord) throw notATrail(path, "it holds no record");
  return { found: null, endBytes: 0, others };
}

/** Finds the record of a line with its newline; null if the line is cut short or is not a record. */
function readRecord(line: Uint8Array): TailRecord["found"] {
  return hasTornTail(line) ? null : findHead(line.subarray(0, -1));
}

/** Each record begins with this, because its keys stand in a fixed order. */
const recordStart = new TextEncoder().encode('{"seq":');

/**
 * Whether a crash can have left a line that is not a record: the beginning of one, or zeros where nothing had reached the
 * disk yet. Zeros followed by more, and any other object that is cut short, are the rest of a record only `behindARecord`:
 * other files have such lines, too.
 */
function judgeLine(line: Uint8Array): "yes" | "behindARecord" | "no" {
  const isCutShort = hasTornTail(line);
  const text = isCutShort ? line : line.subarray(0, -1);
  if (text.every((byte) => byte === 0)) return "yes";
  if (recordStart.every((byte, index) => index >= text.length || text[index] === byte)) return "yes";
  return text[0] === 0 || (isCutShort && text[0] === recordStart[0]) ? "behindARecord" : "no";
}

/** Far more than a crash leaves: at most what was appended at once. It is held in memory as a whole. */
const maxAsideBytes = 4 * maxLineBytes;

/**
 * Writes the lines beside the trail first and cuts them from it second, so that a crash in between loses nothing. Returns
 * the name of the file beside it.
 */
async function moveAside(
  file: AppendFile,
  { startBytes, endBytes }: { readonly startBytes: number; readonly endBytes: number },
  { files, path }: TailPlace,
): Promise<string> {
  const bytes = await file.readRange(startBytes, endBytes);
  const lines = hasTornTail(bytes) ? Buffer.concat([bytes, Buffer.from("\n")]) : bytes;
  const aside = await setAside(files, `${path}.torn`, lines);
  await file.truncate(startBytes);
  await file.sync();
  return aside;
}

function asideNotice({ others }: TailRecord, { path }: TailPlace, aside: string): string {
  return others === 1
    ? `the last line of ${path} was cut short, as by a crash while it was written; it was moved to ${aside}`
    : `the last ${others} lines of ${path} were cut short, as by a crash while they were written; they were moved to ${aside}`;
}

/** Whether the last record is sound is not checked here: a run checks the trail before it opens it. */
function continueFrom(
  { found, endBytes: sizeBytes }: TailRecord,
  place: TailPlace,
  notices: readonly string[],
): Tail {
  const { metrics, event, timestamp } = found?.record ?? {};
  return {
    head: found?.head ?? genesis,
    closedAt: event === "trail.closed" && typeof timestamp === "string" ? timestamp : null,
    metrics: isMetrics(metrics) ? metrics : place.metrics,
    sizeBytes,
    notices,
  };
}

function notATrail(path: string, why: string): ReconcileError {
  return new ReconcileError("audit/notATrail", `${path} is not an audit trail: ${why}`, {
    hint: "it was left as it is; move that file away, or set audit.file to another path; if a trail was added to, move what follows its last record to another file",
  });
}

/** `fromEnd` is 1 for the last line. */
function sayOddLine(fromEnd: number): string {
  const line = fromEnd === 1 ? "its last line" : `line ${fromEnd} from its end`;
  return `${line} is neither a record nor the beginning of one`;
}

function inMiB(bytes: number): string {
  return `${bytes / 1024 / 1024} MiB`;
}
