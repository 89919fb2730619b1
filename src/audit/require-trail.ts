// Decides from the check of a trail whether a run may act on it. A fault stops every write, unless a person accepts the
// head that stands in the trail; a dry run warns of it.
import type { Files } from "../lib/files.ts";
import { count } from "../lib/count.ts";
import type { AcceptedHead } from "../model/audit-record.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import { leastSecretLength } from "../lib/least-secret-length.ts";
import { diagnosticOf, errorText, ReconcileError } from "../model/errors.ts";
import { trailMode } from "./tail.ts";
import { findSigner } from "./find-signer.ts";
import { checkTrail, keepHead, type TrailCheck, type TrailPlace } from "./check-trail.ts";
import { readCheckpoint, type CheckpointPlace } from "./checkpoint.ts";
import type { Growth } from "../state/state.ts";
import type { Mark, Remembered } from "./find-start.ts";
import { renewCheckpoint } from "./renew-checkpoint.ts";
import { identifyTrail } from "./trail-identity.ts";
import type { TrailIndex } from "./trail-index.ts";
import { describeFault, nameHead, otherHead } from "./describe-fault.ts";
import { keyChanged, keyMissing, plainKeyNames } from "./key-errors.ts";

export interface TrailWish extends TrailPlace, Pick<CheckpointPlace, "checkpointPath" | "leastTrailBytes"> {
  /** As in the records; `sandbox` for the trail of runs with `--sandbox`. */
  readonly environment: string;
  readonly dryRun: boolean;
  /** The value of `--accept-head`; null without it. */
  readonly acceptHead: string | null;
  /** On a CI runner, only the jobs that write are to have the key, so a dry run does not miss it. */
  readonly isOnCi?: boolean;
  /** Whether the run ends the file, and with it the use of a former key. */
  readonly endsFile?: true;
  /** Reads the copy of a shared trail anew; absent where the trail is the file itself. */
  readonly readAnew?: (() => Promise<void>) | undefined;
  /** As in `Remembered`; absent where the trail is the file itself. */
  readonly growth?: (() => Growth | null) | undefined;
  /** False for a command that does not read the history. */
  readonly needsIndex?: boolean;
}

/** A trail on which a run may go on. */
export interface CheckedTrail {
  /** Null if a person accepted the head: then nothing before it is proven. */
  readonly mark: Mark | null;
  /** The heads that the run's first record names; null if the trail verifies. */
  readonly accepted: AcceptedHead | null;
  /** SHA-256 over the whole trail; null if a part of it is not proven, or was not read. */
  readonly digest: string | null;
  /** The index of a long trail; null without one. */
  readonly index: TrailIndex | null;
  /** What the disk says of the trail's files, if their bytes were proven. */
  readonly files: readonly string[] | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Checks the trail, and keeps its head if the run may write. Throws ReconcileError with the code of the fault
 * (`audit/broken`, `audit/malformed`, `audit/cut`, `audit/gone`, `audit/replaced`, `audit/keyMissing`), `audit/keyTooShort`, or
 * `audit/otherHead` if the accepted head is not the one that stands in the trail, and as `checkTrail` does.
 */
export async function requireTrail(wish: TrailWish, files: Files): Promise<CheckedTrail> {
  const remembered = await remember(wish, files);
  const check = await checkSurely(wish, files, remembered);
  const { mark, fault, found, lastSeen } = check;
  if (wish.acceptHead !== null && wish.acceptHead !== found.hash)
    throw otherHead(check, { ...wish, acceptHead: wish.acceptHead });
  if (fault === null) {
    const keyAge = await findSigner(wish, files);
    const misfit = findMisfit(wish, { isSigned: mark.proven.isSigned, keyAge });
    if (misfit && !wish.dryRun) throw misfit;
    const warnings = [
      ...(misfit ? [warningOf(misfit)] : []),
      ...judgeKey(wish, { hasSigned: mark.proven.isSigned && keyAge === 0 }),
      ...warnOfUnsigned(mark, wish),
      ...warnOfAcceptance(check, wish),
      ...warnOfAbsent(check, wish),
    ];
    const diagnostics = [...warnings, ...(await keep(check, wish, files))];
    return { mark, accepted: null, ...(await noteSound(check, { wish, remembered, files })), diagnostics };
  }
  if (wish.acceptHead !== null)
    return {
      mark: null,
      accepted: { lastSeen: lastSeen && { seq: lastSeen.seq, hash: lastSeen.hash }, found },
      ...unread,
      diagnostics: [],
    };
  const error = await describeFault(fault, check, { wish, files });
  if (!wish.dryRun) throw error;
  const isExpected = error.code === "audit/keyMissing" && wish.isOnCi === true;
  return { mark, accepted: null, ...unread, diagnostics: isExpected ? [] : [warningOf(error)] };
}

const unread = { digest: null, index: null, files: null } as const;

async function remember(wish: TrailWish, files: Files): Promise<Remembered | null> {
  if (wish.checkpointPath === undefined) return null;
  const identity = await identifyTrail(files, wish.path);
  const point = await readCheckpoint(files, wish);
  return { point, identity, growth: wish.growth?.() ?? null, onlyReads: wish.dryRun };
}

async function noteSound(
  check: TrailCheck,
  {
    wish,
    remembered,
    files,
  }: { readonly wish: TrailWish; readonly remembered: Remembered | null; readonly files: Files },
): Promise<Pick<CheckedTrail, "digest" | "index" | "files">> {
  const before = remembered?.identity ?? null;
  const renewal = { check, before, needsIndex: wish.needsIndex !== false };
  const index = await renewCheckpoint(renewal, wish, files);
  const digest = check.mark.digest?.hex() ?? digestOf(check);
  return { digest, index, files: before?.files ?? null };
}

/** The digest of a trail whose bytes were not read again. */
function digestOf({ mark, lastSeen, fitting: { point } }: TrailCheck): string | null {
  const { sizeBytes } = mark.proven;
  return [lastSeen, point?.read].find((head) => head?.sizeBytes === sizeBytes)?.sha256 ?? null;
}

/** A fault of a copy may be one of the copy alone. */
async function checkSurely(
  wish: TrailWish,
  files: Files,
  remembered: Remembered | null,
): Promise<TrailCheck> {
  const check = await checkTrail(files, wish, remembered);
  if (check.fault === null || !wish.readAnew) return check;
  await wish.readAnew();
  return checkTrail(files, wish);
}

/** Returns the error of a trail that is sound, and that the keys do not fit. */
function findMisfit(
  wish: TrailWish,
  { isSigned, keyAge }: { readonly isSigned: boolean; readonly keyAge: number },
): ReconcileError | null {
  if (wish.key === undefined && isSigned) return wish.dryRun && wish.isOnCi ? null : keyMissing(wish);
  return keyAge > 0 && !wish.endsFile ? keyChanged(wish, { keyAge }) : null;
}

/** A dry run writes nothing, so it goes on. */
function warningOf(error: ReconcileError): Diagnostic {
  return { ...diagnosticOf(error), severity: "warning" };
}

/** A short key is refused before it signs a first record. Where it has signed some, they can be checked with no other. */
function judgeKey(
  { key, dryRun, names = plainKeyNames }: TrailWish,
  { hasSigned }: { readonly hasSigned: boolean },
): readonly Diagnostic[] {
  if (dryRun || key === undefined || key.length >= leastSecretLength) return [];
  const short = `${names.key} is shorter than ${leastSecretLength} characters`;
  if (!hasSigned)
    throw new ReconcileError("audit/keyTooShort", `${short}, so it signs nothing`, {
      hint: "`openssl rand -hex 32` prints a good one",
    });
  const message = `${short}, and whoever guesses it can forge the records that it signed`;
  const hint = `put it into ${names.former}, set a longer one (\`openssl rand -hex 32\` prints one), and run \`reconcile audit rotate\``;
  return [{ severity: "warning", code: "audit/keyTooShort", message, hint, ...nowhere }];
}

/** This run is about to sign a trail without a signature so far: all records in it may be forged. */
function warnOfUnsigned({ proven }: Mark, { key, path, dryRun }: TrailWish): readonly Diagnostic[] {
  const { records, isSigned, head } = proven;
  if (dryRun || key === undefined || isSigned || records === 0) return [];
  const message = `the ${count(records, "record")} in ${path} so far, up to ${head.hash}, ${records === 1 ? "is" : "are"} not signed`;
  const hint =
    "the first signed record names them; `reconcile audit verify` goes on saying that they prove nothing";
  return [{ severity: "warning", code: "audit/unsigned", message, hint, ...nowhere }];
}

/** A machine that accepts a head keeps the new one, so another machine accepted this one, or a forger claims that. */
function warnOfAcceptance({ passedBy, lastSeen }: TrailCheck, { path }: TrailWish): readonly Diagnostic[] {
  if (!passedBy) return [];
  const { line, runId, timestamp } = passedBy;
  const message = `line ${line} of ${path} says that run ${runId} accepted the trail on ${timestamp} without ${nameHead(lastSeen)}, which this machine last saw`;
  const hint =
    "if no run was given --accept-head then, the trail was replaced: restore it from a sound copy";
  return [{ severity: "warning", code: "audit/accepted", message, hint, ...nowhere }];
}

/** A person may put a closed file away, but nobody else: so the first pass without it says so, once. */
function warnOfAbsent({ mark, lastSeen }: TrailCheck, { path }: TrailWish): readonly Diagnostic[] {
  const { absent } = mark.proven;
  if (!absent || !lastSeen || absent.seq <= (lastSeen.absent?.seq ?? 0)) return [];
  const message = `${absent.file}, which holds the records before number ${absent.seq + 1} of ${path}, is not beside it any more`;
  const hint =
    "if it was put away on purpose, nothing is to do: a change by hand is not noticed where the last record of a resource is in it, until the resource is written again; otherwise put it back";
  return [{ severity: "warning", code: "audit/putAway", message, hint, ...nowhere }];
}

/** Returns a warning if the head could not be kept: the next pass then has to prove more. */
async function keep(
  { mark, lastSeen, isKept }: TrailCheck,
  wish: TrailWish,
  files: Files,
): Promise<readonly Diagnostic[]> {
  const isNothing = lastSeen === null && mark.proven.records === 0;
  if (wish.dryRun || isKept || isNothing) return [];
  return tryToKeep(mark, wish, {
    write: async (...args) => {
      await syncTrail(wish.path, files);
      return files.write(...args);
    },
  });
}

/**
 * Another process may have died between its last append and the sync: a power cut would then take the record away, and a
 * head that is kept would call that a cut.
 */
async function syncTrail(path: string, files: Pick<Files, "openAppend">): Promise<void> {
  const file = await files.openAppend(path, trailMode);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
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
