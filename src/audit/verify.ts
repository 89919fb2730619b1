// Verifies that a trail is as it was written: every line, in order, under the key, down to the expected head.
import type { UnsignedBefore } from "../model/audit-record.ts";
import { isTorn, readLines, type TrailFiles } from "./read-trail.ts";
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
  let holdsExpected = expectHead === undefined || expectHead === genesis.hash;
  const { proven, broken } = await walkChain(readLines(files, path), provenNothing, {
    key,
    onProven: (_line, { hash, accepted }) => {
      // The records before an acceptance are not proven, but the acceptance itself names two of their heads.
      holdsExpected ||= [hash, accepted?.lastSeen?.hash, accepted?.found.hash].includes(expectHead);
    },
  });
  const { records, signed, unsignedBefore, acceptance, head } = proven;
  const missing = {
    line: proven.line + 1,
    reason: "no record has the expected head's hash, so the tail was cut",
  };
  return {
    ok: broken === null && holdsExpected,
    ...{ records, signed, unsignedBefore, acceptance, head },
    firstBroken: broken
      ? { line: broken.line, reason: broken.reason, isMissing: false }
      : holdsExpected
        ? null
        : { ...missing, isMissing: true },
    ...(broken?.fault ? { fault: broken.fault } : {}),
    tornTail: await isTorn(files, path),
  };
}

/** Whether a record, of whatever age, is proven to be signed. */
export function isProvenSigned(
  { records, signed, acceptance }: Pick<Verification, "records" | "signed" | "acceptance">,
  seq: number,
): boolean {
  return signed > 0 && seq >= (acceptance?.seq ?? 1) + records - signed;
}
