// The network as a parameter.
import { parseUrl } from "../lib/parse-url.ts";
import { invariant } from "./errors.ts";

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE" | "PATCH" | "OPTIONS";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The caller must not change the URL: callers with the same text get the same one. */
export function urlOf({ url }: Pick<HttpRequest, "url">): URL {
  const parsed = parseUrl(url);
  invariant(parsed, "a request has a valid URL");
  return parsed;
}

export interface HttpResponse {
  readonly status: number;
  /** The names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Sends one request once and returns whatever status comes back. Follows no redirect, retries nothing.
 * Throws ReconcileError: `network/timeout`, `network/reset` (the request may have arrived), or
 * `network/unreachable` or `proxy/…` (it cannot have: name, proxy, connection or TLS failed before it was sent).
 */
export type Send = (request: HttpRequest) => Promise<HttpResponse>;
