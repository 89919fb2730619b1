// Verifies that a trail is as it was written: every line, in order, under the key, down to the expected head.
import type { Continued, UnsignedBefore } from "../model/audit-record.ts";
import { findPlace, isTorn, readLines } from "./read-trail.ts";
import { findTrailParts, type TrailFiles } from "./trail-parts.ts";
import { genesis, type Head } from "./record.ts";
import { provenNothing, walkChain, type Acceptance } from "./walk-chain.ts";

export interface Verification {
  readonly ok: boolean;
  /** How many records are sound: from the start, or from the acceptance on. */
  readonly records: number;
  /** How many of them are signed under the key; 0 without a key. */
  readonly signed: number;
  /** The unsigned records before the first signed one; null if there are none. */
  readonly unsignedBefore: UnsignedBefore | null;
  /** The last run that went on, on record, from a trail that did not verify; the check begins there. Null without one. */
  readonly acceptance: Acceptance | null;
  /** The closed file that should precede the first record and is not there; not set if nothing is missing. */
  readonly absent?: Continued;
  /** How many files hold the trail; not set if it is in one. */
  readonly files?: number;
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
  /** The closed file in which the line is; absent if that is the trail's own file. */
  readonly file?: string;
  /** From 1. */
  readonly line: number;
  readonly reason: string;
  /** True if the tail was cut; `line` is then the place of the first missing line. */
  readonly isMissing: boolean;
}

export interface VerifyOptions {
  /** `RECONCILE_AUDIT_KEY`. */
  readonly key?: string | undefined;
  /** `RECONCILE_AUDIT_KEY_PREVIOUS`. */
  readonly formerKeys?: readonly string[] | undefined;
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
  { key, formerKeys, expectHead }: VerifyOptions = {},
): Promise<Verification> {
  let holdsExpected = expectHead === undefined || expectHead === genesis.hash;
  const { proven, broken } = await walkChain(readLines(files, path), provenNothing, {
    ...{ key, formerKeys },
    onProven: (_line, { hash, accepted, continues }) => {
      // The records before an acceptance are not proven, but the acceptance itself names two of their heads; and the first
      // record of a file names the head of the closed one, which may have been put away.
      const named = [accepted?.lastSeen?.hash, accepted?.found.hash, continues?.hash];
      holdsExpected ||= [hash, ...named].includes(expectHead);
    },
  });
  const { records, signed, unsignedBefore, acceptance, absent, head } = proven;
  const place = async (line: number): Promise<Pick<BrokenLine, "file" | "line">> => {
    const found = await findPlace(files, path, line);
    return found.file === path ? { line: found.line } : found;
  };
  const parts = (await findTrailParts(files, path)).length;
  const missing = "no record has the expected head's hash, so the tail was cut";
  return {
    ok: broken === null && holdsExpected,
    ...{ records, signed, unsignedBefore, acceptance, head },
    ...(absent ? { absent } : {}),
    ...(parts > 1 ? { files: parts } : {}),
    firstBroken: broken
      ? { ...(await place(broken.line)), reason: broken.reason, isMissing: false }
      : holdsExpected
        ? null
        : { ...(await place(proven.line + 1)), reason: missing, isMissing: true },
    ...(broken?.fault ? { fault: broken.fault } : {}),
    tornTail: await isTorn(files, path),
  };
}

/** Whether a record, of whatever age, is proven to be signed. */
export function isProvenSigned(
  {
    records,
    signed,
    acceptance,
    absent,
  }: Pick<Verification, "records" | "signed" | "acceptance" | "absent">,
  seq: number,
): boolean {
  const firstSeq = acceptance?.seq ?? (absent?.seq ?? 0) + 1;
  return signed > 0 && seq >= firstSeq + records - signed;
}
