// Checks that no secret of the environment, of `.env` or of an answer appears in anything that a command puts out.
import { parseEnv } from "node:util";

/** One check for each world that the running test made; it throws if the world has put out a secret. */
export const checks: (() => void)[] = [];

/** A shorter value is a placeholder or a word, not a secret. */
const leastLength = 7;

const secretVariables = [
  ...["GENESYS_CLIENT_SECRET", "RECONCILE_AUDIT_KEY", "RECONCILE_DATABASE_URL", "RECONCILE_GIT_TOKEN"],
  ...["RECONCILE_NOTIFY_SECRET", "RECONCILE_NOTIFY_SLACK_URL", "RECONCILE_NOTIFY_WEBHOOK_URL"],
];
const proxyVariables = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/** Returns the secrets in every form in which they are sent. */
export function secretsIn(variables: Readonly<Record<string, string | undefined>>, dotenv = ""): string[] {
  const all = [variables, parseEnv(dotenv)];
  const found = all.flatMap((some) => [
    ...secretVariables.map((name) => some[name] ?? ""),
    ...proxyVariables.flatMap((name) => proxySecrets(some[name] ?? "")),
    ...passwordsIn(some["RECONCILE_DATABASE_URL"] ?? ""),
  ]);
  const [ids, secrets] = ["GENESYS_CLIENT_ID", "GENESYS_CLIENT_SECRET"].map((name) =>
    all.map((some) => some[name] ?? ""),
  );
  const basic = (ids ?? []).flatMap((id) =>
    (secrets ?? []).map((secret) =>
      secret === "" ? "" : Buffer.from(`${id}:${secret}`).toString("base64"),
    ),
  );
  return [...new Set([...found, ...basic])].filter(({ length }) => length >= leastLength);
}

/** Returns the first line of each file that a variable `…_FILE` names; `files` holds texts by absolute path. */
export function secretsInFiles(
  variables: Readonly<Record<string, string | undefined>>,
  files: Readonly<Record<string, string>>,
): string[] {
  const paths = Object.entries(variables).flatMap(([name, path]) =>
    name.endsWith("_FILE") ? [path ?? ""] : [],
  );
  return paths
    .map((path) => files[path]?.split("\n")[0] ?? "")
    .filter(({ length }) => length >= leastLength);
}

function proxySecrets(url: string): string[] {
  if (!URL.canParse(url)) return [];
  const { username, password } = new URL(url);
  const basic = Buffer.from(`${username}:${password}`).toString("base64");
  return password === "" ? [] : [password, basic];
}

/** Returns the password of an address, as it is written and as it is sent. */
function passwordsIn(address: string): string[] {
  if (!URL.canParse(address)) return [];
  const { password } = new URL(address);
  return [password, decodeURIComponent(password)];
}

/** Returns the token in a login's answer; an empty list for any other answer. */
export function tokensIn(body: string): string[] {
  return [...body.matchAll(/"access_token":\s*"([^"]{7,})"/g)].map(([, token = ""]) => token);
}

/** `places` holds the texts that were put out, by their place. Throws if one of them holds a secret. */
export function expectNoSecret(places: Readonly<Record<string, string>>, secrets: readonly string[]): void {
  for (const [where, text] of Object.entries(places))
    for (const secret of secrets)
      if (text.includes(secret)) throw new Error(`a secret, ${secret}, appears in ${where}:\n${text}`);
}
