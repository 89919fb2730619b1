// Whether a trail is as it was written: every line, in order, under the key, down to the head that is expected.
import { decodeLine, hasTornTail, splitLines } from "./lines.ts";
import { checkRecord, genesis, type Checked, type Head } from "./record.ts";

export interface Verification {
  readonly ok: boolean;
  /** How many records are sound, from the start. */
  readonly records: number;
  /** How many of them are signed under the key; 0 without a key. */
  readonly signed: number;
  /** The last sound record; `genesis` where there is none. */
  readonly head: Head;
  /** `line` counts from 1. A tail that was cut is broken where its first missing line was due. */
  readonly firstBroken: { readonly line: number; readonly reason: string } | null;
  /** The file stops in the middle of a line, as after a crash: no fault, the next run sets it aside. */
  readonly tornTail: boolean;
}

export interface VerifyOptions {
  /** `RECONCILE_AUDIT_KEY`. */
  readonly key?: string | undefined;
  /** The hash of a record that was once the head; the trail may have grown since, but must still hold it. */
  readonly expectHead?: string | undefined;
}

/** Checks the whole trail, up to its first broken line. */
export function verifyTrail(trail: Uint8Array | string, options: VerifyOptions = {}): Verification {
  const content = typeof trail === "string" ? new TextEncoder().encode(trail) : trail;
  const { key, expectHead } = options;
  let sound: Sound = { head: genesis, signed: 0 };
  let holdsExpected = expectHead === undefined || expectHead === genesis.hash;
  let reason: string | null = null;
  for (const line of splitLines(content)) {
    const checked = checkLine(line, sound, key);
    if (!checked.ok) {
      reason = checked.reason;
      break;
    }
    const { seq, hash } = checked.record;
    sound = { head: { seq, hash }, signed: sound.signed + (checked.seal === "signed" ? 1 : 0) };
    holdsExpected ||= hash === expectHead;
  }
  if (!holdsExpected)
    reason ??= "it is missing: no record has the expected head's hash, so the tail was cut";
  return {
    ok: reason === null,
    records: sound.head.seq,
    ...sound,
    firstBroken: reason === null ? null : { line: sound.head.seq + 1, reason },
    tornTail: hasTornTail(content),
  };
}

/** What stands before a line. A sound chain counts its lines: `head.seq` is their number. */
interface Sound {
  readonly head: Head;
  readonly signed: number;
}

function checkLine(line: Uint8Array, before: Sound, key: string | undefined): Checked {
  const text = decodeLine(line);
  if (text === undefined) return { ok: false, reason: "it is not UTF-8 text" };
  const checked = checkRecord(text, before.head, key);
  if (checked.ok && checked.seal === "unsigned" && before.signed > 0) {
    return { ok: false, reason: "it is not signed, but a record before it is" };
  }
  return checked;
}
