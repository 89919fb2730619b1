// Secrets in the environment, in `.env` and in answers: none may appear in anything that a command puts out.
import { parseEnv } from "node:util";

/** One a world that the running test made; each throws where a secret was put out. */
export const checks: (() => void)[] = [];

/** Shorter ones are placeholders, and words. */
const leastLength = 7;

const secretVariables = ["GENESYS_CLIENT_SECRET", "RECONCILE_AUDIT_KEY"];
const proxyVariables = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/** In every form in which they travel. */
export function secretsIn(variables: Readonly<Record<string, string | undefined>>, dotenv = ""): string[] {
  const all = [variables, parseEnv(dotenv)];
  const found = all.flatMap((some) => [
    ...secretVariables.map((name) => some[name] ?? ""),
    ...proxyVariables.flatMap((name) => proxySecrets(some[name] ?? "")),
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

function proxySecrets(url: string): string[] {
  if (!URL.canParse(url)) return [];
  const { username, password } = new URL(url);
  const basic = Buffer.from(`${username}:${password}`).toString("base64");
  return password === "" ? [] : [password, basic];
}

/** The token in a login's answer; none where it is no such answer. */
export function tokensIn(body: string): string[] {
  return [...body.matchAll(/"access_token":\s*"([^"]{7,})"/g)].map(([, token = ""]) => token);
}

/** `places`: what was put out, by where. Throws where a secret is in it. */
export function expectNoSecret(places: Readonly<Record<string, string>>, secrets: readonly string[]): void {
  for (const [where, text] of Object.entries(places))
    for (const secret of secrets)
      if (text.includes(secret)) throw new Error(`a secret, ${secret}, appears in ${where}:\n${text}`);
}
