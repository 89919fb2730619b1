// The network as a parameter.
import { parseUrl } from "../lib/parse-url.ts";
import { invariant, ReconcileError } from "./errors.ts";

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

/** The right to write, which may end at any moment, and which a request that changes something needs. */
export interface WriteGuard {
  /** Asked in the same turn in which the request's first byte leaves; if false, no byte leaves. */
  readonly mayStart: () => boolean;
  /** A write without a complete answer after this time ends, in ms; null if it has the time of any request. */
  readonly writeMs: number | null;
}

/**
 * Sends one request once and returns whatever status comes back. Follows no redirect, retries nothing. With a guard, it
 * asks `mayStart` last of all: once the connection is open.
 * Throws ReconcileError: `network/timeout`, `network/reset` (the request may have arrived), or
 * `network/unreachable`, `proxy/…` or `lease/unsure` (it cannot have: name, proxy, connection, TLS or guard failed before
 * it was sent).
 */
export type Send = (request: HttpRequest, guard?: WriteGuard) => Promise<HttpResponse>;

/** The error of a request that its guard did not let start. */
export function makeUnsure({ method, url }: HttpRequest): ReconcileError {
  const message = "not sent: the right to write was not confirmed lately, so another process may have it";
  const hint = "nothing was changed by it; the next pass does what is left";
  return new ReconcileError("lease/unsure", message, {
    ...{ request: `${method} ${urlOf({ url }).pathname}`, hint },
  });
}
