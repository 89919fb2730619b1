// Reads the id and the secret of the OAuth client.
import type { Credentials } from "../genesys/client/token.ts";
import type { Variables } from "../genesys/client/proxy.ts";
import type { Files } from "../lib/files.ts";
import { nowhere, type Diagnostic, type Loaded } from "../model/diagnostic.ts";
import { diagnosticOf, ReconcileError } from "../model/errors.ts";
import { readSecret } from "./read-secret.ts";

const variablesOfLogin = ["GENESYS_CLIENT_ID", "GENESYS_CLIENT_SECRET"] as const;

export async function readLogin(
  variables: Variables,
  files: Pick<Files, "read">,
): Promise<Loaded<Credentials>> {
  const missing: string[] = [];
  const diagnostics: Diagnostic[] = [];
  const read = async (name: (typeof variablesOfLogin)[number]): Promise<string> => {
    try {
      const value = await readSecret(name, variables, files);
      if (value === undefined) missing.push(name);
      return value ?? "";
    } catch (error) {
      if (!(error instanceof ReconcileError)) throw error;
      diagnostics.push(diagnosticOf(error));
      return "";
    }
  };
  const [clientId, clientSecret] = [await read("GENESYS_CLIENT_ID"), await read("GENESYS_CLIENT_SECRET")];
  if (missing.length > 0) diagnostics.unshift(describeMissing(missing));
  if (diagnostics.length > 0) return { ok: false, diagnostics };
  return { ok: true, value: { clientId, clientSecret }, diagnostics };
}

/**
 * Returns a function that reads the login again; undefined if it comes from no file. The function throws ReconcileError
 * `secret/…` or `credentials/missing`.
 */
export function readerOfLogin(
  variables: Variables,
  files: Pick<Files, "read">,
): (() => Promise<Credentials>) | undefined {
  if (!variablesOfLogin.some((name) => variables[`${name}_FILE`])) return undefined;
  return async () => {
    const login = await readLogin(variables, files);
    if (login.ok) return login.value;
    const { code = "credentials/missing", message = "", hint = null } = login.diagnostics[0] ?? {};
    throw new ReconcileError(code, message, hint === null ? {} : { hint });
  };
}

function describeMissing(missing: readonly string[]): Diagnostic {
  const hint = makeCredentialsHint(
    "the scopes webhook:read webhook:write, or the permissions for EventBridge integrations or triggers",
  );
  const message = `${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} not set`;
  return { severity: "error", code: "credentials/missing", message, hint, ...nowhere };
}

/** `rights` names what the OAuth client needs. */
export function makeCredentialsHint(rights: string): string {
  return (
    "put into the environment or into .env the id and the secret of an OAuth client (client credentials) with " +
    `${rights}; or try --sandbox, which needs none`
  );
}
