// The end of an existing trail: where its chain goes on, once a torn line is out of the way.
import type { AppendFile, Files } from "../lib/files.ts";
import type { AuditRecord, Metrics } from "../model/audit-record.ts";
import { ReconcileError } from "../model/errors.ts";
import { findLineStart, hasTornTail, maxLineBytes } from "./lines.ts";
import { emptyMetrics, isMetrics } from "./metrics.ts";
import { findSeal, genesis, genesisHash, parseRecord, type Head } from "./record.ts";

/** Only this user may read or change a trail: it holds endpoints whole, and who did what. */
export const trailMode = 0o600;

/** A record is 1 to 4 KiB, so that one read nearly always finds the last one. */
const firstWindowBytes = 64 * 1024;

export interface Tail {
  readonly head: Head;
  readonly metrics: Metrics;
  readonly sizeBytes: number;
  /** What was wrong with the end of the file, in words for the user. */
  readonly notices: readonly string[];
}

export interface TailPlace {
  readonly files: Files;
  readonly path: string;
  readonly key: string | undefined;
  /** Where the figures of an empty trail start. */
  readonly metrics: Metrics;
}

/**
 * Reads no more of the file than its last lines. Sets a torn last line aside: moves it to `<path>.torn`.
 * Throws Node's errors, and ReconcileError `audit/notATrail` where no line ends anywhere near the end.
 */
export async function readTail(file: AppendFile, place: TailPlace): Promise<Tail> {
  const sizeBytes = await file.sizeBytes();
  const last = await readLastLine(file, sizeBytes, place.path);
  if (!last.isTorn) return continueFrom(last, place, []);
  await setAside(file, last, place);
  const notice =
    `the last line of ${place.path} was torn, as by a crash while it was written; ` +
    `it is set aside in ${place.path}.torn`;
  return continueFrom(await readLastLine(file, last.startBytes, place.path), place, [notice]);
}

interface LastLine {
  readonly text: string;
  readonly startBytes: number;
  readonly endBytes: number;
  readonly record: AuditRecord | undefined;
  /** Cut short or not a record: a crash left it so. False of no line at all. */
  readonly isTorn: boolean;
}

/** The line that ends at `endBytes`, found by looking back through a window that grows. */
async function readLastLine(file: AppendFile, endBytes: number, path: string): Promise<LastLine> {
  for (let windowBytes = firstWindowBytes; ; windowBytes *= 2) {
    const from = Math.max(0, endBytes - windowBytes);
    const bytes = await file.readRange(from, endBytes);
    const start = findLineStart(bytes, bytes.length - 1);
    if (start > 0 || from === 0) {
      const line = bytes.subarray(start);
      const text = new TextDecoder().decode(line);
      const record = parseRecord(text);
      const isTorn = line.length > 0 && (hasTornTail(line) || record === undefined);
      return { text, startBytes: from + start, endBytes, record, isTorn };
    }
    if (windowBytes >= maxLineBytes) throw notATrail(path);
  }
}

/** On disk beside the trail first, cut from it second: a crash in between loses nothing. */
async function setAside(file: AppendFile, line: LastLine, { files, path }: TailPlace): Promise<void> {
  const aside = await files.openAppend(`${path}.torn`, trailMode);
  try {
    await aside.append(line.text.endsWith("\n") ? line.text : `${line.text}\n`);
    await aside.sync();
  } finally {
    await aside.close();
  }
  await file.truncate(line.startBytes);
  await file.sync();
}

/** A line that somebody edited does not stop the run: the chain goes on from what it says, and verify names it. */
function continueFrom(last: LastLine, place: TailPlace, notices: readonly string[]): Tail {
  const { record, endBytes: sizeBytes } = last;
  if (sizeBytes === 0) return { head: genesis, metrics: place.metrics, sizeBytes, notices };
  const seq = record && Number.isSafeInteger(record.seq) ? record.seq : 0;
  const hash = isHash(record?.hash) ? record.hash : genesisHash;
  const isSound = record && seq > 0 && findSeal(record, place.key) !== "broken";
  return {
    head: { seq, hash },
    metrics: isMetrics(record?.metrics) ? record.metrics : emptyMetrics,
    sizeBytes,
    notices: isSound ? notices : [...notices, unsoundNotice(place)],
  };
}

function unsoundNotice({ path, key }: TailPlace): string {
  const otherKey =
    key === undefined ? "it is signed and RECONCILE_AUDIT_KEY is not set" : "it is signed with another key";
  return (
    `the last line of ${path} does not match its hash: it was changed, or ${otherKey}; ` +
    "`reconcile audit verify` names the first broken line"
  );
}

function isHash(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

function notATrail(path: string): ReconcileError {
  return new ReconcileError(
    "audit/notATrail",
    `${path} is not an audit trail: no line ends within its last ${maxLineBytes / 1024 / 1024} MiB`,
    { hint: "move that file away, or set audit.file to another path" },
  );
}
