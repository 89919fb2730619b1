// Shows the result of a check of the trail, as text or as one JSON object.
import { sayOtherKey, type KeyNames } from "../audit/key-errors.ts";
import type { Verification } from "../audit/verify.ts";
import type { Acceptance } from "../audit/walk-chain.ts";
import type { Continued } from "../model/audit-record.ts";
import { hasErrors, type Diagnostic } from "../model/diagnostic.ts";
import { diagnosticOf, type ReconcileError } from "../model/errors.ts";
import { plain, plainJson } from "../lib/plain.ts";

export interface Verified {
  readonly path: string;
  /** The shared store that the file is a copy of; absent where the trail is the file itself. */
  readonly copyOf?: string | undefined;
  readonly verification: Verification;
  readonly hasKey: boolean;
  readonly names: KeyNames;
  readonly expectHead: string | null;
  /** Whether a record that is not signed is a fault. */
  readonly requireSigned: boolean;
  /** The error of a trail that verifies, and does not hold the head that this machine saw last; else null. */
  readonly lost: ReconcileError | null;
  /** Whether it was compared with that head, and holds it. */
  readonly holdsLastSeen: boolean;
}

/** Returns what is wrong with the trail, each at its line. */
export function describeFaults(verified: Verified): readonly Diagnostic[] {
  const { path, copyOf, verification, hasKey, names, requireSigned, lost } = verified;
  const { firstBroken, fault, records, signed, tornTail } = verification;
  const faults: Diagnostic[] = [];
  if (firstBroken !== null) {
    const { file = path, line, reason, isMissing } = firstBroken;
    const where = `line ${line}${copyOf === undefined ? "" : ` of this machine's copy of ${copyOf}`}`;
    faults.push({
      severity: "error",
      ...(fault === "content"
        ? { code: "audit/malformed", message: `${where} is not a sound record: ${reason}` }
        : {
            code: isMissing ? "audit/cut" : "audit/broken",
            message: `${where} ${isMissing ? "is missing" : "breaks the chain"}: ${reason}`,
          }),
      hint: isMissing
        ? cutHint
        : fault === "seal"
          ? sealHint({ records, hasKey, names, copyOf })
          : brokenHint(records, copyOf),
      ...{ file, line, column: 1 },
    });
  } else if (lost) {
    faults.push({ ...diagnosticOf(lost), file: path });
  } else if (records === 0) {
    faults.push({
      severity: "error",
      code: "audit/empty",
      message: "the trail holds no record to verify",
      hint: "if this trail had records, restore it from a copy; otherwise the next run writes the first ones",
      ...{ file: path, line: 1, column: 1 },
    });
  }
  if (requireSigned && firstBroken === null && signed < records) faults.push(describeUnsigned(verified));
  if (tornTail) faults.push(describeTorn(path, verification));
  return faults;
}

function describeUnsigned({ path, copyOf, verification, hasKey }: Verified): Diagnostic {
  const { records, signed, files = 1 } = verification;
  const unsigned = records - signed;
  return {
    severity: "error",
    code: "audit/unsigned",
    message: hasKey
      ? `${grouped(unsigned)} of ${count(records)} ${unsigned === 1 ? "is" : "are"} not signed`
      : "without RECONCILE_AUDIT_KEY no signature can be checked",
    hint: hasKey
      ? `anyone who could write ${copyOf === undefined ? "the file" : `to ${copyOf}`} may have written these records; keep their head elsewhere (\`reconcile audit head\`)`
      : "set RECONCILE_AUDIT_KEY in the environment",
    ...(files > 1
      ? { file: path, line: null, column: null }
      : { file: path, line: firstLineOf(verification), column: 1 }),
  };
}

function describeTorn(path: string, { firstBroken, records, files = 1 }: Verification): Diagnostic {
  return {
    severity: "warning",
    code: "audit/tornTail",
    message: "the last line is incomplete, as after a crash while it was written",
    hint: `the chain is not broken by this: the next run moves the line to ${path}.torn`,
    // The check stops at a broken line, so the number of the last line is then unknown.
    ...{ file: path, line: firstBroken === null && files === 1 ? records + 1 : null, column: null },
  };
}

/** The line from which the trail is proven. */
function firstLineOf({ acceptance }: Verified["verification"]): number {
  return acceptance?.line ?? 1;
}

const cutHint =
  "records were cut off the end, or this is another trail: restore it from a copy that holds that hash";

function sealHint({
  records,
  hasKey,
  names,
  copyOf,
}: Pick<Verified, "hasKey" | "names" | "copyOf"> & { readonly records: number }): string {
  const broken = brokenHint(records, copyOf);
  return hasKey
    ? `${broken}; ${sayOtherKey(names)}`
    : `if the trail is signed, set ${names.key} to the key of its runs; otherwise ${broken}`;
}

function brokenHint(records: number, copyOf: Verified["copyOf"]): string {
  const sound = {
    0: "",
    1: "the record before it is unchanged; ",
    more: `the ${grouped(records)} records before it are unchanged; `,
  }[records === 0 || records === 1 ? records : "more"];
  return `${sound}from this line on nothing is proven: keep ${copyOf === undefined ? "the file" : "the store"} as it is, and compare it with a copy`;
}

/** Returns a line about the chain, a line with its head, and notes on what the check does not prove. */
export function showVerification(verified: Verified): string {
  const { ok, records, signed, head, firstBroken, acceptance, files = 1 } = verified.verification;
  const name = plain(verified.copyOf ?? verified.path);
  if (!ok || records === 0 || verified.lost) {
    const where = firstBroken?.file === undefined ? "" : ` of ${plain(firstBroken.file)}`;
    const broken = firstBroken === null ? "" : `, broken at line ${grouped(firstBroken.line)}${where}`;
    return `${name}: ${count(records)} sound${broken}\n`;
  }
  const seals = signed === 0 ? "none signed" : `${grouped(signed)} signed`;
  const held = verified.expectHead === null ? "" : ", with the expected head";
  const from = acceptance ? ` from ${startOf(verified.verification)} on` : "";
  const inFiles = files > 1 ? ` in ${files} files` : "";
  const lines = [
    `${name}: ${count(records)}${inFiles}, unbroken${from}, ${seals}${held}`,
    `head: ${head.seq} ${head.hash}`,
  ];
  return [...lines, ...notesOn(verified)].map((line) => `${line}\n`).join("");
}

function notesOn(verified: Verified): readonly string[] {
  const { verification, expectHead, holdsLastSeen } = verified;
  const { signed, unsignedBefore, acceptance, absent } = verification;
  const notes = [
    ...(absent ? [describeAbsent(absent)] : []),
    ...(acceptance ? [describeAcceptance(acceptance, startOf(verification))] : []),
    ...(unsignedBefore
      ? [
          `${count(unsignedBefore.count)} before the first signed one, up to ${unsignedBefore.head}, prove nothing`,
        ]
      : []),
    ...(signed > 0 ? [] : [describeSeals(verified)]),
    ...(expectHead === null ? [holdsLastSeen ? onlyLastSeen : noHead] : []),
  ];
  return notes.map((note) => `note: ${note}`);
}

/** The place from which a trail is proven: numbers of lines begin anew in each of its files. */
function startOf({ acceptance, files = 1 }: Verification): string {
  const { line, seq } = acceptance ?? { line: 1, seq: 1 };
  return files > 1 ? `record ${grouped(seq)}` : `line ${grouped(line)}`;
}

function describeAbsent({ file, seq, hash }: Continued): string {
  return `the records up to head ${seq} ${hash} are in ${plain(file)}, which is not beside this file, so they are not checked`;
}

function describeAcceptance({ runId, timestamp, lastSeen, found }: Acceptance, start: string): string {
  const seen = lastSeen === null ? "no head" : `head ${lastSeen.seq} ${lastSeen.hash}`;
  return (
    `nothing before ${start} is proven: run ${runId} accepted head ${found.seq} ${found.hash} on ${timestamp}, ` +
    `when its machine had last seen ${seen}`
  );
}

/** Says what a chain without a signature does not prove. */
function describeSeals({ hasKey, names, copyOf }: Verified): string {
  const [writer, it] =
    copyOf === undefined
      ? ["anyone who can write this file", "it"]
      : [`anyone who may change the records in ${plain(copyOf)}`, "them"];
  return hasKey
    ? `${names.key} is set, but no record is signed: ${writer} could have replaced ${it}`
    : `${writer} can replace ${it} with another unbroken chain; set ${names.key}, and runs sign their records`;
}

const onlyLastSeen =
  "it holds the head that this machine last saw, which can be changed here as well: " +
  "to compare it with a head that is kept elsewhere, pass --expect-head";
const noHead =
  "to notice records that were cut off the end, pass --expect-head with the hash that `reconcile audit head` printed";

/** `diagnostics`: all of this command; `verified`: null when the trail could not be checked. */
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
  const { records, signed, unsignedBefore, acceptance: accepted } = verified.verification;
  const { head, firstBroken, tornTail, absent } = verified.verification;
  const { expectHead: expectedHead } = verified;
  return {
    records,
    signed,
    ...(unsignedBefore ? { unsignedBefore } : {}),
    ...(accepted ? { accepted } : {}),
    ...(absent ? { absent } : {}),
    head: records > 0 ? head : null,
    expectedHead,
    firstBroken,
    tornTail,
  };
}

function count(records: number): string {
  return `${grouped(records)} ${records === 1 ? "record" : "records"}`;
}

/** `1,204`. */
function grouped(number: number): string {
  return number.toLocaleString("en-US");
}
