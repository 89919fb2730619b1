// Finds signs that a secret arrived damaged. Each is a sentence that shows no part of the secret.
import { leastSecretLength } from "../lib/least-secret-length.ts";
import type { Files } from "../lib/files.ts";
import { ReconcileError } from "../model/errors.ts";
import { givenBy, readSecret } from "./read-secret.ts";
import { variablesOfLogin, variablesOfState, type SecretName } from "./secret-variables.ts";
import type { Environment } from "./environment.ts";

/** No such secret of Genesys Cloud exists; a key or a token that somebody chose may look like this. */
const signs: readonly { readonly pattern: RegExp; readonly says: string }[] = [
  { pattern: /^["'`]|["'`]$/, says: "begins or ends with a quotation mark, which a tool may have kept" },
  { pattern: /^[ \t]|[ \t]$/, says: "begins or ends with a blank" },
  { pattern: /[\r\n]/, says: "has more than one line" },
  { pattern: /[\0\uFEFF\uFFFD]/, says: "begins with a byte order mark, or is not in UTF-8" },
  { pattern: /[^\0-\x7f\uFEFF\uFFFD]/, says: "holds a character that is not ASCII" },
];

export function doubtsOf(
  name: SecretName,
  secret: string,
  { cut, variables }: Pick<Environment, "cut" | "variables">,
): readonly string[] {
  const given = givenBy(name, variables);
  const own = ["RECONCILE_AUDIT_KEY", "RECONCILE_HTTP_TOKEN"].includes(name);
  return [
    ...(cut.includes(name) ? [sayCut(name)] : []),
    ...signs.filter(({ pattern }) => pattern.test(secret)).map(({ says }) => `${given} ${says}`),
    ...(own && secret.length < leastSecretLength ? [sayShort(given)] : []),
  ];
}

export function sayCut(name: string): string {
  return `.env cuts ${name} at a # or a quotation mark, unless the whole value is in quotes`;
}

function sayShort(name: string): string {
  return `${name} is shorter than ${leastSecretLength} characters`;
}

/** Looks at all secrets that are used; a secret that cannot be read is left to what needs it. */
export async function findDoubts(
  environment: Pick<Environment, "variables" | "cut">,
  { files, isSandbox }: { readonly files: Pick<Files, "read">; readonly isSandbox: boolean },
): Promise<readonly string[]> {
  const names: readonly SecretName[] = [
    ...(isSandbox ? [] : [...variablesOfLogin, ...variablesOfState]),
    ...(["RECONCILE_AUDIT_KEY", "RECONCILE_HTTP_TOKEN"] as const),
  ];
  const doubts = names.map(async (name) => {
    try {
      const secret = await readSecret(name, environment.variables, files);
      return secret === undefined ? [] : doubtsOf(name, secret, environment);
    } catch (error) {
      if (error instanceof ReconcileError) return [];
      throw error;
    }
  });
  return (await Promise.all(doubts)).flat();
}
