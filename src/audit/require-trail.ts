// Decides from the check of a trail whether a run may act on it. A fault stops every write, unless a person accepts the
// head that stands in the trail; a dry run warns of it.
import type { Files } from "../lib/files.ts";
import { count } from "../lib/count.ts";
import type { AcceptedHead } from "../model/audit-record.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import { diagnosticOf, errorText, ReconcileError } from "../model/errors.ts";
import {
  checkTrail,
  keepHead,
  type Mark,
  type TrailCheck,
  type TrailFault,
  type TrailPlace,
} from "./check-trail.ts";
import { readLines, type TrailFiles } from "./read-trail.ts";
import { findSeal, findHead, genesis, type Head } from "./record.ts";

export interface TrailWish extends TrailPlace {
  /** As in the records; `sandbox` for the trail of runs with `--sandbox`. */
  readonly environment: string;
  readonly dryRun: boolean;
  /** The value of `--accept-head`; null without it. */
  readonly acceptHead: string | null;
}

/** A trail on which a run may go on. */
export interface CheckedTrail {
  /** Null if a person accepted the head: then nothing before it is proven. */
  readonly mark: Mark | null;
  /** The heads that the run's first record names; null if the trail verifies. */
  readonly accepted: AcceptedHead | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Checks the trail, and keeps its head if the run may write. Throws ReconcileError with the code of the fault
 * (`audit/broken`, `audit/malformed`, `audit/cut`, `audit/gone`, `audit/replaced`, `audit/keyMissing`), or
 * `audit/otherHead` if the accepted head is not the one that stands in the trail, and as `checkTrail` does.
 */
export async function requireTrail(wish: TrailWish, files: Files): Promise<CheckedTrail> {
  const check = await checkTrail(files, wish);
  const { mark, fault, found, lastSeen } = check;
  if (wish.acceptHead !== null && wish.acceptHead !== found.hash) throw otherHead(check, wish);
  if (fault === null) {
    if (wish.key === undefined && mark.proven.isSigned && !wish.dryRun) throw keyMissing(wish.path);
    const diagnostics = [...warnOfUnsigned(mark, wish), ...(await keep(check, wish, files))];
    return { mark, accepted: null, diagnostics };
  }
  if (wish.acceptHead !== null) return { mark: null, accepted: { lastSeen, found }, diagnostics: [] };
  const error = await describe(fault, check, { wish, files });
  if (!wish.dryRun) throw error;
  // A dry run needs no key: it writes nothing, and without the key a signed record can only be compared with its neighbours.
  if (error.code === "audit/keyMissing") return { mark, accepted: null, diagnostics: [] };
  return { mark, accepted: null, diagnostics: [{ ...diagnosticOf(error), severity: "warning" }] };
}

/** A run with a key is about to sign a trail that nobody has signed: what stands in it may be forged as a whole. */
function warnOfUnsigned({ proven }: Mark, { key, path, dryRun }: TrailWish): readonly Diagnostic[] {
  const { records, isSigned, head } = proven;
  if (dryRun || key === undefined || isSigned || records === 0) return [];
  const message = `the ${count(records, "record")} in ${path} so far, up to ${head.hash}, ${records === 1 ? "is" : "are"} not signed`;
  const hint =
    "the first signed record names them; `reconcile audit verify` goes on saying that they prove nothing";
  return [{ severity: "warning", code: "audit/unsigned", message, hint, ...nowhere }];
}

/** Returns a warning if the head could not be kept: the next pass then has to prove more. */
async function keep(
  { mark, lastSeen }: TrailCheck,
  wish: TrailWish,
  files: Files,
): Promise<readonly Diagnostic[]> {
  const { head } = mark.proven;
  const isKept = head.hash === (lastSeen ?? genesis).hash;
  return wish.dryRun || isKept ? [] : tryToKeep(mark, wish, files);
}

/** As `keepHead`, with a warning in place of an error. */
export async function tryToKeep(
  mark: Mark,
  place: TrailPlace,
  files: Pick<Files, "write">,
): Promise<readonly Diagnostic[]> {
  try {
    await keepHead(files, mark, place);
    return [];
  } catch (error) {
    const message = `the head of ${place.path} is not kept, so the next run has to prove more of it: ${errorText(error)}`;
    return [{ severity: "warning", code: "state/unwritable", message, hint: null, ...nowhere }];
  }
}

interface Wished {
  readonly wish: TrailWish;
  readonly files: TrailFiles;
}

async function describe(
  fault: TrailFault,
  check: TrailCheck,
  { wish, files }: Wished,
): Promise<ReconcileError> {
  const { path, key, environment } = wish;
  const heads = `this machine last saw ${nameHead(check.lastSeen)}, and ${nameHead(check.found)} stands there now`;
  const command = `reconcile sync${environment === "sandbox" ? " --sandbox" : ""} --accept-head ${check.found.hash}`;
  const restore = "restore the trail from a sound copy";
  const way = `${restore}, or go on from what stands there, on record: \`${command}\``;
  if (!("line" in fault)) {
    const message = {
      gone: `the audit trail ${path} is gone`,
      cut: `the end of the audit trail ${path} is missing`,
      replaced: `${path} verifies, but it is not the audit trail that this machine saw last`,
    }[fault.sort];
    return problem(`audit/${fault.sort}`, `${message}: ${heads}`, way);
  }
  const { line, reason } = fault;
  if (key === undefined && fault.isSeal && (check.wasSigned || (await isSignedFrom(line, path, files)))) {
    return keyMissing(path);
  }
  const broken = fault.sort === "broken" ? "breaks its chain" : "is not a sound record";
  const message = `line ${line} of the audit trail ${path} ${broken}: ${reason}; ${heads}`;
  return problem(`audit/${fault.sort}`, message, way);
}

function keyMissing(path: string): ReconcileError {
  const message = `the audit trail ${path} is signed, and RECONCILE_AUDIT_KEY is not set`;
  return problem("audit/keyMissing", message, "set RECONCILE_AUDIT_KEY to the key of the runs before");
}

function problem(code: string, message: string, hint: string): ReconcileError {
  return new ReconcileError(code, message, { hint });
}

function nameHead(head: Head | null): string {
  if (head === null) return "no head";
  return head.seq === 0 ? "no record" : `record ${head.seq} (${head.hash})`;
}

function otherHead({ found, lastSeen }: TrailCheck, { path, acceptHead }: TrailWish): ReconcileError {
  const message =
    `--accept-head names ${acceptHead ?? ""}, but the head that stands in ${path} is ${found.hash} ` +
    `(this machine last saw ${nameHead(lastSeen)})`;
  const hint =
    "look at the trail once more (`reconcile audit log`), and give the head that `reconcile audit head` prints";
  return problem("audit/otherHead", message, hint);
}

/** Enough records to tell a signed trail from one in which a record was changed. */
const mostCompared = 20;

/** Whether the records from a line on are signed: without the key, none of them has the hash of its content. */
async function isSignedFrom(line: number, path: string, files: TrailFiles): Promise<boolean> {
  let [at, compared] = [0, 0];
  for await (const bytes of readLines(files, path)) {
    at += 1;
    const found = at > line && bytes ? findHead(bytes) : null;
    if (!found) continue;
    if (findSeal(found.record) !== "broken") return false;
    compared += 1;
    if (compared === mostCompared) break;
  }
  return compared > 0;
}
