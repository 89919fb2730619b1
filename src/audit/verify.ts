// Verifies that a trail is as it was written: every line, in order, under the key, down to the expected head.
import { decodeLine, maxLineBytes } from "./lines.ts";
import { isTorn, readLines, type TrailFiles } from "./read-trail.ts";
import { checkRecord, genesis, type Checked, type Head } from "./record.ts";

export interface Verification {
  readonly ok: boolean;
  /** How many records are sound, from the start. */
  readonly records: number;
  /** How many of them are signed under the key; 0 without a key. */
  readonly signed: number;
  /** The last sound record; `genesis` if there is none. */
  readonly head: Head;
  /** Null if no line is broken. */
  readonly firstBroken: BrokenLine | null;
  /**
   * The sort of fault in the first broken line. `seal`: only its hash is wrong, for example because it is signed and the
   * key is not set. `content`: the chain is right, but a field of the record is not valid.
   */
  readonly fault?: "seal" | "content";
  /** True if the file ends in the middle of a line, as after a crash. It is not a fault: the next run moves it away. */
  readonly tornTail: boolean;
}

export interface BrokenLine {
  /** From 1. */
  readonly line: number;
  readonly reason: string;
  /** True if the tail was cut; `line` is then the place of the first missing line. */
  readonly isMissing: boolean;
}

export interface VerifyOptions {
  /** `RECONCILE_AUDIT_KEY`. */
  readonly key?: string | undefined;
  /** The hash of a record that was once the head; the trail may have grown since, but must still hold it. */
  readonly expectHead?: string | undefined;
}

/**
 * Checks the whole trail, up to its first broken line, a window at a time. A missing file verifies as an empty one.
 * Throws ReconcileError `audit/unreadable`.
 */
export async function verifyTrail(
  files: TrailFiles,
  path: string,
  { key, expectHead }: VerifyOptions = {},
): Promise<Verification> {
  let sound: Sound = { head: genesis, signed: 0 };
  let holdsExpected = expectHead === undefined || expectHead === genesis.hash;
  let [reason, fault]: [string | null, Verification["fault"]] = [null, undefined];
  for await (const line of readLines(files, path)) {
    const checked = checkLine(line, sound, key);
    if (!checked.ok) {
      ({ reason, fault } = checked);
      break;
    }
    const { seq, hash } = checked.record;
    sound = { head: { seq, hash }, signed: sound.signed + (checked.seal === "signed" ? 1 : 0) };
    holdsExpected ||= hash === expectHead;
  }
  const isMissing = reason === null && !holdsExpected;
  if (isMissing) reason = "no record has the expected head's hash, so the tail was cut";
  return {
    ok: reason === null,
    records: sound.head.seq,
    ...sound,
    firstBroken: reason === null ? null : { line: sound.head.seq + 1, reason, isMissing },
    ...(fault ? { fault } : {}),
    tornTail: await isTorn(files, path),
  };
}

/** The sound records before a line. A sound chain numbers its lines, so `head.seq` is their number. */
interface Sound {
  readonly head: Head;
  readonly signed: number;
}

/** `line` is null if it was too long to be read. */
function checkLine(line: Uint8Array | null, before: Sound, key: string | undefined): Checked {
  if (line === null) return { ok: false, reason: `it is longer than ${maxLineBytes / 1024 / 1024} MiB` };
  const text = decodeLine(line);
  if (text === undefined) return { ok: false, reason: "it is not UTF-8 text" };
  const checked = checkRecord(text, before.head, key);
  if (checked.ok && checked.seal === "unsigned" && before.signed > 0) {
    return { ok: false, reason: "it is not signed, but a record before it is" };
  }
  return checked;
}
