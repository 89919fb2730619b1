// Whether a rollback may act on a trail, by what its verification found. No flag overrides a refusal made here.
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import { ReconcileError } from "../model/errors.ts";
import { malformed, type Run } from "./read-run.ts";
import type { Verification } from "./verify.ts";

export interface Trust {
  readonly path: string;
  /** `RECONCILE_AUDIT_KEY`. */
  readonly key: string | undefined;
  readonly dryRun: boolean;
  /** Whether this machine wrote the trail. */
  readonly isOwn: boolean;
}

/**
 * Throws ReconcileError `rollback/brokenTrail` where the chain is broken, and `audit/malformed` where a record makes no
 * sense. One case is a warning instead: a dry run, which
 * writes nothing, cannot tell a record that was changed from a signed one where no key is set.
 */
export function requireChain(
  { firstBroken, fault }: Verification,
  { path, key, dryRun }: Trust,
): Diagnostic | null {
  if (!firstBroken) return null;
  const { line, reason } = firstBroken;
  if (fault === "content") throw malformed(path, line, reason);
  const code = "rollback/brokenTrail";
  const message = `line ${line} of ${path} breaks its chain: ${reason}`;
  if (dryRun && key === undefined && fault === "seal") {
    const hint =
      "set RECONCILE_AUDIT_KEY if this trail is signed; without --dry-run the rollback is refused";
    return { severity: "warning", code, message, hint, ...nowhere };
  }
  const hint = "restore the trail from a sound copy, or take the change back in Git and sync";
  throw new ReconcileError(code, message, { hint });
}

/**
 * Of a trail whose chain is sound. With a key, throws ReconcileError `rollback/unsignedTrail` where the run is not
 * signed; without one, warns that another machine's trail may have been made up as a whole.
 */
export function requireSignature(
  { records, signed }: Verification,
  run: Run,
  { path, key, isOwn }: Trust,
): readonly Diagnostic[] {
  const code = "rollback/unsignedTrail";
  if (run.firstSeq > records - signed) return [];
  if (key !== undefined) {
    const hint =
      "with RECONCILE_AUDIT_KEY set, only a signed run is rolled back: take this one back in Git and sync";
    throw new ReconcileError(code, `the records of run ${run.runId} in ${path} are not signed`, { hint });
  }
  if (isOwn) return [];
  const message = `${path} is not signed: whoever can write it can make any former state up`;
  const hint = "with RECONCILE_AUDIT_KEY set, runs sign their records, and rollback asks for it";
  return [{ severity: "warning", code, message, hint, ...nowhere }];
}
