// Walks along a chain from a proven record on, up to the first line that does not follow from the one before it.
import type { AcceptedHead, AuditRecord, Continued, UnsignedBefore } from "../model/audit-record.ts";
import { decodeLine, maxLineBytes } from "./lines.ts";
import { findRecord, findRecordFault } from "./parse-record.ts";
import { checkRecord, findHead, genesis, type Checked, type Head } from "./record.ts";

/** The proven part of a trail: everything up to one of its records. */
export interface Proven {
  /** The line of that record, from 1; 0 before the first. */
  readonly line: number;
  readonly head: Head;
  /** The byte after that line. */
  readonly sizeBytes: number;
  /** How many records are sound: all of them, or those from the last acceptance on. */
  readonly records: number;
  /** How many of them are signed under the key; 0 without a key. The unsigned ones precede them. */
  readonly signed: number;
  /** Whether any record so far is signed, so that all that follow must be. */
  readonly isSigned: boolean;
  /** The run that went on from a trail which did not verify; null if none did. */
  readonly acceptance: Acceptance | null;
  /** The closed file that its first record names and that is not there, so that the proof begins after it; else null. */
  readonly absent: Continued | null;
  /** The unsigned records before the first signed one; null if there are none. */
  readonly unsignedBefore: UnsignedBefore | null;
  /** Under which of the keys the next record may be signed, by their age: 0 is the present key. */
  readonly keyAges: KeyAges;
}

/** One key signs a file, up to its closing record; the next file may be signed under a newer key, and never an older one. */
interface KeyAges {
  readonly least: number;
  readonly most: number;
}

/** A run went on, on record, from a trail that did not verify: what precedes its first record is not proven. */
export interface Acceptance extends AcceptedHead {
  /** The line of its first record. */
  readonly line: number;
  readonly seq: number;
  readonly runId: string;
  /** ISO 8601, UTC. */
  readonly timestamp: string;
}

export const provenNothing: Proven = {
  line: 0,
  head: genesis,
  sizeBytes: 0,
  records: 0,
  signed: 0,
  isSigned: false,
  acceptance: null,
  absent: null,
  unsignedBefore: null,
  keyAges: { least: 0, most: Infinity },
};

export interface BrokenChain {
  /** From 1. */
  readonly line: number;
  readonly reason: string;
  readonly fault?: "seal" | "content";
  /** False if the line is no record at all, like what a crash leaves at the end of a file. */
  readonly isRecord: boolean;
}

interface Walk {
  readonly proven: Proven;
  /** Null if every line follows from the one before it. */
  readonly broken: BrokenChain | null;
}

export interface WalkOptions {
  /** `RECONCILE_AUDIT_KEY`. */
  readonly key: string | undefined;
  /** Those before it, newest first. */
  readonly formerKeys?: readonly string[] | undefined;
  /** Called with each proven line, without its newline. */
  readonly onProven?: (line: Uint8Array, record: AuditRecord, seal: "signed" | "unsigned") => void;
}

/** `lines` are those after `start`. A chain that is broken begins again where a run has accepted it. */
export async function walkChain(
  lines: AsyncIterable<Uint8Array | null>,
  start: Proven,
  { onProven, ...options }: WalkOptions,
): Promise<Walk> {
  const keys = keysOf(options);
  let proven = start;
  let broken: BrokenChain | null = null;
  let [line, sizeBytes, before] = [start.line, start.sizeBytes, start.head];
  for await (const bytes of lines) {
    line += 1;
    // The size of a line that is too long is unknown, so a head that is proven after it has no place.
    sizeBytes += bytes === null ? NaN : bytes.length + 1;
    const checked: Signed | null =
      broken === null ? checkLine(bytes, proven, keys) : checkAcceptance(bytes, before, { proven, keys });
    if (checked?.ok) {
      proven = follow(proven, {
        record: checked.record,
        isSigned: checked.seal === "signed",
        keyAge: checked.keyAge,
        line,
        sizeBytes,
      });
      broken = null;
      if (bytes) onProven?.(bytes, checked.record, checked.seal);
    } else if (checked) {
      broken = { ...breakOf(checked), line, isRecord: bytes !== null && findHead(bytes) !== null };
    }
    // A run that accepts a head follows the last record before it, even if that one is not proven.
    before = broken === null ? proven.head : ((bytes && findHead(bytes)?.head) ?? before);
  }
  return { proven, broken };
}

function breakOf({
  reason,
  fault,
}: Extract<Checked, { ok: false }>): Pick<BrokenChain, "reason" | "fault"> {
  return { reason, ...(fault ? { fault } : {}) };
}

/** Newest first. */
function keysOf({ key, formerKeys = [] }: Omit<WalkOptions, "onProven">): readonly string[] {
  return key === undefined ? [] : [key, ...formerKeys];
}

/** A record that follows the proven ones. */
export interface NextRecord {
  readonly record: AuditRecord;
  readonly isSigned: boolean;
  /** The place of its key among the keys; 0 if it is not signed. */
  readonly keyAge: number;
  readonly line: number;
  /** The byte after its line. */
  readonly sizeBytes: number;
}

/** Returns what is proven once this record is. */
export function follow(before: Proven, { record, isSigned, keyAge, line, sizeBytes }: NextRecord): Proven {
  const { seq, hash, accepted, runId, timestamp } = record;
  const absent = isFirst(before) ? (record.continues ?? null) : before.absent;
  const signer = isSigned ? { least: keyAge, most: keyAge } : before.keyAges;
  const keyAges = record.event === "trail.closed" ? { least: 0, most: signer.most } : signer;
  const isSignedBefore = before.isSigned || isSigned;
  const here = { line, head: { seq, hash }, sizeBytes, isSigned: isSignedBefore, absent, keyAges };
  if (accepted) {
    const acceptance = { ...accepted, line, seq, runId, timestamp };
    return { ...here, records: 1, signed: isSigned ? 1 : 0, acceptance, unsignedBefore: null };
  }
  const isFirstSigned = isSigned && before.signed === 0 && before.records > 0;
  return {
    ...here,
    records: before.records + 1,
    signed: before.signed + (isSigned ? 1 : 0),
    acceptance: before.acceptance,
    unsignedBefore: isFirstSigned ? unsignedOf(before) : (record.unsignedBefore ?? before.unsignedBefore),
  };
}

/** Like `follow`, for the next line of this process, which signs with the newest key. */
export function followOwn(proven: Proven, next: Omit<NextRecord, "keyAge" | "line">): Proven {
  return follow(proven, { ...next, keyAge: 0, line: proven.line + 1 });
}

/** Whether nothing of the trail precedes what is next. */
function isFirst({ line, head }: Proven): boolean {
  return line === 0 && head.seq === 0;
}

/** Names the records so far, none of which is signed. */
export function unsignedOf({ head, records, absent, acceptance }: Proven): UnsignedBefore {
  return { head: head.hash, count: records + (acceptance === null ? (absent?.seq ?? 0) : 0) };
}

type Signed =
  | (Extract<Checked, { ok: true }> & {
      /** The place of its key among the keys; 0 if it is not signed. */
      readonly keyAge: number;
    })
  | Extract<Checked, { ok: false }>;

/** Tries a key of each age, newest first. */
function checkUnder(
  text: string,
  previous: Head,
  { keys, ages }: { readonly keys: readonly string[]; readonly ages: KeyAges },
): Signed {
  let keyAge = ages.least;
  let checked = checkRecord(text, previous, keys[keyAge]);
  while (!checked.ok && checked.fault === "seal" && keyAge < Math.min(ages.most, keys.length - 1)) {
    keyAge += 1;
    checked = checkRecord(text, previous, keys[keyAge]);
  }
  return checked.ok ? { ...checked, keyAge } : checked;
}

/** `line` is null if it was too long to be read. */
function checkLine(line: Uint8Array | null, before: Proven, keys: readonly string[]): Signed {
  if (line === null) return { ok: false, reason: `it is longer than ${maxLineBytes / 1024 / 1024} MiB` };
  const text = decodeLine(line);
  if (text === undefined) return { ok: false, reason: "it is not UTF-8 text" };
  const previous = isFirst(before) ? findStart(text) : before.head;
  const checked = checkUnder(text, previous, { keys, ages: before.keyAges });
  if (!checked.ok) return checked;
  if (checked.seal === "unsigned" && before.isSigned)
    return { ok: false, reason: "it is not signed, but a record before it is" };
  const { unsignedBefore: stated, continues, seq, prevHash } = checked.record;
  if (continues && (continues.hash !== prevHash || continues.seq !== seq - 1))
    return { ok: false, reason: "its continues does not name the record before it" };
  // The records of a closed file that is not there cannot be counted, nor its head be compared with this statement.
  const isBlind = isFirst(before) && continues !== undefined;
  if (checked.seal === "unsigned" || stated === undefined || isBlind || isSame(stated, before))
    return checked;
  return { ok: false, reason: "its unsignedBefore does not name the records before it" };
}

/** The head from which a trail's first record goes on: none, or that of a closed file which is not there any more. */
function findStart(text: string): Head {
  const record = findRecord(text);
  const isSound = record && findRecordFault(record) === null;
  return (isSound ? (record.continues as Continued | undefined) : undefined) ?? genesis;
}

function isSame(stated: UnsignedBefore, before: Proven): boolean {
  const { head, count } = unsignedOf(before);
  return before.signed === 0 && stated.head === head && (before.absent !== null || stated.count === count);
}

const acceptedKey = '"accepted":';

/** Returns the record if it accepts the record before it as the head; null if it does not. */
function checkAcceptance(
  line: Uint8Array | null,
  before: Head,
  { proven, keys }: { readonly proven: Proven; readonly keys: readonly string[] },
): Extract<Signed, { ok: true }> | null {
  const text = line && decodeLine(line);
  if (!text?.includes(acceptedKey)) return null;
  const checked = checkUnder(text, before, { keys, ages: provenNothing.keyAges });
  if (!checked.ok || (checked.seal === "unsigned" && proven.isSigned)) return null;
  const found = checked.record.accepted?.found;
  return found?.seq === before.seq && found.hash === before.hash ? checked : null;
}
