// What is said of a trail whose signatures do not fit the keys, and of the variables that give the keys.
import { ReconcileError } from "../model/errors.ts";

/** The variables that give the keys: each may have the ending `_FILE`. */
export interface KeyNames {
  readonly key: string;
  readonly former: string;
}

export const plainKeyNames: KeyNames = {
  key: "RECONCILE_AUDIT_KEY",
  former: "RECONCILE_AUDIT_KEY_PREVIOUS",
};

/** The hint for a trail whose signature does not fit: the key may have been changed without a rotation. */
export function sayOtherKey({ former }: KeyNames = plainKeyNames): string {
  return (
    `if the key was changed here, put the former one into ${former}: ` +
    "`reconcile audit rotate` is where a trail goes over to another key"
  );
}

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
export function keyChanged(path: string, { key, former }: KeyNames = plainKeyNames): ReconcileError {
  const message = `the audit trail ${path} is signed with ${former}, and not with ${key}`;
  return new ReconcileError("audit/keyChanged", message, {
    hint: "run `reconcile audit rotate`: it closes the file under the previous key, and goes on in a new file under the other one",
  });
}
