// What is said of a trail whose signatures do not fit the keys, and of the variables that give the keys.
import { withoutLineEnds } from "../lib/without-line-ends.ts";
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

interface SignedPlace {
  readonly path: string;
  readonly key?: string | undefined;
  /** Newest first. */
  readonly formerKeys?: readonly string[] | undefined;
  readonly names?: KeyNames | undefined;
}

/** The hint for a trail whose signature does not fit: the key may have been changed without a rotation. */
export function sayOtherKey({ former }: KeyNames = plainKeyNames): string {
  return (
    `if the key was changed here, put the former one into ${former}: ` +
    "`reconcile audit rotate` is where a trail goes over to another key"
  );
}

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
    hint: dryRun ? `a sync without it writes nothing: ${set}` : set,
  });
}

/**
 * A file is signed under one key, from its first signed record to the one that closes it. `keyAge`: the place of that key
 * among all keys; the present one is 0. A former key may be the present one with a line end that its variable holds.
 */
export function keyChanged(
  { path, key, formerKeys = [], names = plainKeyNames }: SignedPlace,
  { keyAge }: { readonly keyAge: number },
): ReconcileError {
  const isSame = withoutLineEnds(formerKeys[keyAge - 1] ?? "") === withoutLineEnds(key ?? "");
  const message = isSame
    ? `the audit trail ${path} is signed with ${names.key} and a line end behind it, which is not part of the key any more`
    : `the audit trail ${path} is signed with ${names.former}, and not with ${names.key}`;
  const [closing, next] = isSame
    ? ["the key with the line end", "the key alone"]
    : ["the previous key", "the other one"];
  return new ReconcileError("audit/keyChanged", message, {
    hint: `run \`reconcile audit rotate\`: it closes the file under ${closing}, and goes on in a new file under ${next}`,
  });
}
