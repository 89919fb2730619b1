// Reads the id and the secret of the OAuth client.
import type { Credentials } from "../genesys/client/token.ts";
import type { Files } from "../lib/files.ts";
import { nowhere, type Diagnostic, type Loaded } from "../model/diagnostic.ts";
import { diagnosticOf, ReconcileError } from "../model/errors.ts";
import { givenBy, readSecret } from "./read-secret.ts";
import { doubtsOf, sayCut } from "./secret-doubts.ts";
import { variablesOfLogin } from "./secret-variables.ts";
import type { Environment } from "./environment.ts";

type Given = Pick<Environment, "variables" | "cut">;

export async function readLogin(given: Given, files: Pick<Files, "read">): Promise<Loaded<Credentials>> {
  const missing: string[] = [];
  const diagnostics: Diagnostic[] = [];
  const doubts: string[] = [];
  const read = async (name: (typeof variablesOfLogin)[number]): Promise<string> => {
    try {
      const value = await readSecret(name, given.variables, files);
      if (value === undefined) missing.push(name);
      else doubts.push(...doubtsOf(name, value, given));
      return value ?? "";
    } catch (error) {
      if (!(error instanceof ReconcileError)) throw error;
      diagnostics.push(diagnosticOf(error));
      return "";
    }
  };
  const [clientId, clientSecret] = [await read("GENESYS_CLIENT_ID"), await read("GENESYS_CLIENT_SECRET")];
  if (missing.length > 0) diagnostics.unshift(describeMissing(missing, given));
  if (diagnostics.length > 0) return { ok: false, diagnostics };
  const names = [
    givenBy("GENESYS_CLIENT_ID", given.variables),
    givenBy("GENESYS_CLIENT_SECRET", given.variables),
  ] as const;
  return { ok: true, value: { clientId, clientSecret, doubts, names }, diagnostics };
}

/**
 * Returns a function that reads the login again; undefined if it comes from no file. The function throws ReconcileError
 * `secret/…` or `credentials/missing`.
 */
export function readerOfLogin(
  given: Given,
  files: Pick<Files, "read">,
): (() => Promise<Credentials>) | undefined {
  if (!variablesOfLogin.some((name) => given.variables[`${name}_FILE`])) return undefined;
  return async () => {
    const login = await readLogin(given, files);
    if (login.ok) return login.value;
    const { code = "credentials/missing", message = "", hint = null } = login.diagnostics[0] ?? {};
    throw new ReconcileError(code, message, hint === null ? {} : { hint });
  };
}

function describeMissing(missing: readonly string[], given: Given): Diagnostic {
  const hint = makeCredentialsHint(
    "the scopes webhook:read webhook:write, or the permissions for EventBridge integrations or triggers",
    given,
  );
  const message = `${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} not set`;
  return { severity: "error", code: "credentials/missing", message, hint, ...nowhere };
}

/** The names by which Genesys' own tools know the same values. */
const namesOfGenesys = {
  GENESYS_CLIENT_ID: "GENESYSCLOUD_OAUTHCLIENT_ID",
  GENESYS_CLIENT_SECRET: "GENESYSCLOUD_OAUTHCLIENT_SECRET",
  GENESYS_ENVIRONMENT: "GENESYSCLOUD_REGION",
} as const;

/** `rights` names what the OAuth client needs. */
export function makeCredentialsHint(rights: string, { variables, cut }: Given): string {
  const cutOff = variablesOfLogin.filter((name) => cut.includes(name));
  if (cutOff.length > 0) return cutOff.map(sayCut).join("; ");
  const others = Object.entries(namesOfGenesys).filter(
    ([name, other]) => !variables[name] && variables[other],
  );
  if (others.some(([name]) => name !== "GENESYS_ENVIRONMENT")) {
    const assignments = others.map(([name, other]) => `${name}="$${other}"`).join(" ");
    return (
      "reconcile does not read the names that Genesys' own tools do: in a shell, hand their values over with " +
      `export ${assignments}; in a file, rename them so`
    );
  }
  return (
    "put into the environment or into .env the id and the secret of an OAuth client (client credentials) with " +
    `${rights}; or try --sandbox, which needs none`
  );
}
