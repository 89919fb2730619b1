// Removes secrets from an answer, so that a server that repeats them cannot bring them into logs, records or output.
import type { HttpRequest, HttpResponse } from "../../model/http.ts";
import { parseJson } from "./json.ts";
import { basicCredentials, type Credentials } from "./token.ts";

/** Secrets of Genesys Cloud have 43 characters or more. A text shorter than this would match harmless words. */
const leastLength = 7;

/** The answer with `***` for each of `secrets`, in every header and in every text of a JSON body. */
export function hideSecrets(response: HttpResponse, secrets: readonly string[]): HttpResponse {
  const hidden = secrets.filter((secret) => secret.length >= leastLength);
  const hide = (text: string): string =>
    hidden.reduce((shown, secret) => shown.replaceAll(secret, "***"), text);
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [name, hide(value)] as const),
  );
  const { body } = response;
  // JSON may write any character as an escape, so a body with escapes is parsed before secrets are looked for.
  if (!/\\[u/]/.test(body) && hide(body) === body) return { ...response, headers };
  const parsed = parseJson(body);
  const shown = parsed.ok
    ? JSON.stringify(parsed.value, (_key, value: unknown) =>
        typeof value === "string" ? hide(value) : value,
      )
    : hide(body);
  return { ...response, headers, body: shown };
}

/** The secrets that an answer to this request may repeat. */
export function secretsIn({ headers }: HttpRequest, credentials: Credentials): string[] {
  const [, sent = ""] = (headers["authorization"] ?? "").split(" ");
  return [sent, credentials.clientSecret, basicCredentials(credentials)];
}
