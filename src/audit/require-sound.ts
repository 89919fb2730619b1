// Decides from a trail's verification whether a rollback may act on it. No flag overrides a refusal made here.
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import { ReconcileError } from "../model/errors.ts";
import { sayOtherKey, plainKeyNames, type KeyNames } from "./key-errors.ts";
import { malformed, type Run } from "./read-run.ts";
import { isProvenSigned, type Verification } from "./verify.ts";

export interface Trust {
  readonly path: string;
  /** The value of `RECONCILE_AUDIT_KEY`. */
  readonly key: string | undefined;
  readonly names?: KeyNames | undefined;
  readonly dryRun: boolean;
  /** Whether this machine wrote the trail. */
  readonly isOwn: boolean;
}

/**
 * Throws ReconcileError `rollback/brokenTrail` if the chain is broken, and `audit/malformed` if a field of a record is not
 * valid. One case is a warning instead: without a key, a dry run, which writes nothing, cannot tell a changed record from
 * a signed one.
 */
export function requireChain(
  { firstBroken, fault }: Verification,
  { path, key, names, dryRun }: Trust,
): Diagnostic | null {
  if (!firstBroken) return null;
  const { file = path, line, reason } = firstBroken;
  if (fault === "content") throw malformed({ file, line }, reason);
  const code = "rollback/brokenTrail";
  const message = `line ${line} of ${file} breaks its chain: ${reason}`;
  if (dryRun && key === undefined && fault === "seal") {
    const hint =
      "set RECONCILE_AUDIT_KEY if this trail is signed; without --dry-run the rollback is refused";
    return { severity: "warning", code, message, hint, ...nowhere };
  }
  const restore = "restore the trail from a sound copy, or take the change back in Git and sync";
  const hint =
    key !== undefined && fault === "seal" ? `${sayOtherKey(names)}; otherwise ${restore}` : restore;
  throw new ReconcileError(code, message, { hint });
}

/**
 * Checks the signature in a trail whose chain is sound. With a key, throws ReconcileError `rollback/unsignedTrail` if the
 * run is not signed; without one, warns that another machine's trail may be forged as a whole.
 */
export function requireSignature(
  verification: Verification,
  run: Run,
  { path, key, names = plainKeyNames, isOwn }: Trust,
): readonly Diagnostic[] {
  const code = "rollback/unsignedTrail";
  if (isProvenSigned(verification, run.firstSeq)) return [];
  if (key !== undefined) {
    const hint = `with ${names.key} set, only a signed run is rolled back: take this one back in Git and sync`;
    throw new ReconcileError(code, `the records of run ${run.runId} in ${path} are not signed`, { hint });
  }
  if (isOwn) return [];
  const message = `${path} is not signed: anyone who can write to it can forge any former state`;
  const hint = "with RECONCILE_AUDIT_KEY set, runs sign their records, and rollback requires the signature";
  return [{ severity: "warning", code, message, hint, ...nowhere }];
}
