// Reads the keys that sign the trail.
import { isCiRun } from "../git/ci-run.ts";
import type { KeyNames } from "../audit/key-errors.ts";
import type { Variables } from "../genesys/client/proxy.ts";
import type { Files } from "../lib/files.ts";
import { givenBy, readSecret } from "./read-secret.ts";
import { auditKeyVariable, formerKeysVariable } from "./secret-variables.ts";

export interface AuditKeys {
  readonly key: string | undefined;
  /** Newest first. */
  readonly formerKeys: readonly string[];
  readonly names: KeyNames;
  readonly isOnCi: boolean;
}

/**
 * The variable of the former keys may hold several, newest first, with blanks between them. A trail may still be signed under
 * a key with the line ends around it that its variable holds: such a key counts as a former one. Throws as `readSecret` does.
 */
export async function readAuditKeys(variables: Variables, files: Pick<Files, "read">): Promise<AuditKeys> {
  const key = await readSecret(auditKeyVariable, variables, files);
  const former = (await readSecret(formerKeysVariable, variables, files)) ?? "";
  const parts = former.split(/\s+/).filter(Boolean);
  // A key may hold blanks itself.
  const given = [variables[auditKeyVariable], ...parts, former, variables[formerKeysVariable]];
  const formerKeys = given.flatMap((one = "") => (one.trim() === "" || one === key ? [] : [one]));
  const names = {
    key: givenBy(auditKeyVariable, variables),
    former: givenBy(formerKeysVariable, variables),
  };
  return { key, formerKeys: [...new Set(formerKeys)], names, isOnCi: isCiRun(variables) };
}
