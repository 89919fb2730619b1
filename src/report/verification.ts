// What a check of the trail found: for people, and as one JSON object.
import type { Verification } from "../audit/verify.ts";
import { hasErrors, type Diagnostic } from "../model/diagnostic.ts";
import { plain, plainJson } from "../lib/plain.ts";

export interface Verified {
  readonly path: string;
  readonly verification: Verification;
  readonly hasKey: boolean;
  readonly expectHead: string | null;
}

/** What is wrong with the trail, at its line. */
export function describeFaults({ path, verification }: Verified): readonly Diagnostic[] {
  const { firstBroken, fault, records, tornTail } = verification;
  const faults: Diagnostic[] = [];
  if (firstBroken !== null) {
    const { line, reason, isMissing } = firstBroken;
    faults.push({
      severity: "error",
      ...(fault === "content"
        ? { code: "audit/malformed", message: `line ${line} is no sound record: ${reason}` }
        : {
            code: isMissing ? "audit/cut" : "audit/broken",
            message: `line ${line} breaks the chain: ${reason}`,
          }),
      hint: isMissing ? cutHint : brokenHint(records),
      ...{ file: path, line, column: 1 },
    });
  } else if (records === 0) {
    faults.push({
      severity: "error",
      code: "audit/empty",
      message: "there is no record to verify",
      hint: "if this trail had records, restore it from a copy; else let a run write one first",
      ...{ file: path, line: 1, column: 1 },
    });
  }
  if (tornTail) {
    faults.push({
      severity: "warning",
      code: "audit/tornTail",
      message: "the last line is cut short, as by a crash while it was written",
      hint: `that breaks nothing: the next run moves it to ${path}.torn`,
      // Behind a broken line nobody has counted.
      ...{ file: path, line: firstBroken === null ? records + 1 : null, column: null },
    });
  }
  return faults;
}

const cutHint =
  "records were taken off the end, or this is another trail: restore it from a copy that holds that head";

function brokenHint(records: number): string {
  const sound = {
    0: "",
    1: "the record before it is as it was written; ",
    more: `the ${grouped(records)} records before it are as they were written; `,
  }[records === 0 || records === 1 ? records : "more"];
  return `${sound}from this line on nothing is proven: keep the file as it is and compare it with a copy`;
}

/** One line on the chain, one with its head, and what it does not prove. */
export function showVerification({ path, verification, hasKey, expectHead }: Verified): string {
  const { ok, records, signed, head, firstBroken } = verification;
  const name = plain(path);
  if (!ok || records === 0) {
    const broken = firstBroken === null ? "" : `, broken at line ${grouped(firstBroken.line)}`;
    return `${name}: ${count(records)} sound${broken}\n`;
  }
  const seals = signed === 0 ? "none signed" : `${grouped(signed)} signed`;
  const held = expectHead === null ? "" : ", with the expected head";
  const notes = [
    ...(signed > 0 ? [] : [hasKey ? unsignedDespiteKey : unsigned]),
    ...(expectHead === null ? [noHead] : []),
  ];
  const lines = [`${name}: ${count(records)}, unbroken, ${seals}${held}`, `head: ${head.seq} ${head.hash}`];
  return [...lines, ...notes.map((note) => `note: ${note}`)].map((line) => `${line}\n`).join("");
}

const unsigned =
  "who can write this file can write it anew, chain and all; with RECONCILE_AUDIT_KEY set, runs sign their records";
const unsignedDespiteKey =
  "RECONCILE_AUDIT_KEY is set but signed none of these: without knowing it, this file could be written anew";
const noHead =
  "records cut off the end are missed only with --expect-head, given what `reconcile audit head` printed";

/** `diagnostics`: all there are; `verified` null where it did not come to a check. */
export function showVerificationJson(
  path: string | null,
  verified: Verified | null,
  diagnostics: readonly Diagnostic[],
): string {
  const object = {
    formatVersion: 1,
    ok: verified?.verification.ok === true && !hasErrors(diagnostics),
    file: path,
    ...findingsOf(verified),
    diagnostics,
  };
  return `${plainJson(JSON.stringify(object, null, 2))}\n`;
}

function findingsOf(verified: Verified | null): object {
  if (!verified) {
    const none = { head: null, expectedHead: null, firstBroken: null };
    return { records: 0, signed: 0, ...none, tornTail: false };
  }
  const { records, signed, head, firstBroken, tornTail } = verified.verification;
  const { expectHead: expectedHead } = verified;
  return { records, signed, head: records > 0 ? head : null, expectedHead, firstBroken, tornTail };
}

function count(records: number): string {
  return `${grouped(records)} ${records === 1 ? "record" : "records"}`;
}

/** `1,204`. */
function grouped(number: number): string {
  return number.toLocaleString("en-US");
}
