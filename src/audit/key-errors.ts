// What is said of a trail whose signatures do not fit the keys, and of the variables that give the keys.
import { ReconcileError } from "../model/errors.ts";

/** The hint for a trail whose signature does not fit: the key may have been changed without a rotation. */
export const otherKeyHint =
  "if the key was changed here, set RECONCILE_AUDIT_KEY_PREVIOUS to the former one: " +
  "`reconcile audit rotate` is where a trail goes over to another key";

/** A dry run is often done where the key is kept away on purpose, such as on a pull request. */
export function keyMissing({
  path,
  dryRun,
}: {
  readonly path: string;
  readonly dryRun: boolean;
}): ReconcileError {
  const message = `the audit trail ${path} is signed, and RECONCILE_AUDIT_KEY is not set, so no signature can be checked`;
  const set = "set RECONCILE_AUDIT_KEY to the key of the runs before";
  return new ReconcileError("audit/keyMissing", message, {
    hint: dryRun ? `a sync without it writes nothing: ${set}, unless only what syncs is to have it` : set,
  });
}

/** A file is signed under one key, from its first signed record to the one that closes it. */
export function keyChanged(path: string): ReconcileError {
  const message = `the audit trail ${path} is signed with RECONCILE_AUDIT_KEY_PREVIOUS, and not with RECONCILE_AUDIT_KEY`;
  return new ReconcileError("audit/keyChanged", message, {
    hint: "run `reconcile audit rotate`: it closes the file under the previous key, and goes on in a new file under the other one",
  });
}
