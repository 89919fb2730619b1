// Recognises an answer that a rate limit refused, and when the platform wants the request again.
import type { HttpResponse } from "../../model/http.ts";
import { parseJsonObject } from "./json.ts";
import { parseCount } from "./parse-count.ts";

/**
 * A login over its limit is answered 400 `invalid_request`, as a malformed one is, and only its words differ. They may
 * repeat a secret, so they are compared and shown nowhere.
 */
export function isRateLimit(response: HttpResponse): boolean {
  if (response.status === 429) return true;
  if (response.status !== 400) return false;
  const body = parseJsonObject(response.body) ?? {};
  return (
    body["error"] === "invalid_request" && textsOf(body).some((text) => /rate limit exceeded/i.test(text))
  );
}

/** The platform's windows last a minute, so a longer wait than this is not for a rate limit. All waits of a request count. */
export const longestWaitMs = 300_000;

/** For a rate limit without `Retry-After`: until its window ends, else as long as its words ask for; 0 if neither tells. */
export function untilRetryMs(response: HttpResponse): number {
  if (!isRateLimit(response)) return 0;
  const resetSeconds = parseCount(response.headers["inin-ratelimit-reset"]) ?? 0;
  if (resetSeconds > 0 && resetSeconds * 1000 <= longestWaitMs) return resetSeconds * 1000;
  const body = parseJsonObject(response.body) ?? {};
  const [seconds = 0] = textsOf(body).flatMap((text) => {
    const asked = /retry the request in \[?(\d{1,9})\]? seconds/i.exec(text)?.[1];
    return asked === undefined ? [] : [Number(asked)];
  });
  return seconds * 1000;
}

/** `message` is that of the API, the other two are those of the login. */
function textsOf(body: Readonly<Record<string, unknown>>): readonly string[] {
  const texts = [body["message"], body["description"], body["error_description"]];
  return texts.filter((text) => typeof text === "string");
}
