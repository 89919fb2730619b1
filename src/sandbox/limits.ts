// The platform's limits, and the fixed time windows in which it counts requests.

import { refuse, type Answer } from "./messages.ts";
import type { SandboxQuirks } from "./quirks.ts";

/** Documented: the requests a minute with one token. */
export const maxRequestsPerToken = 300;
/** Documented: the requests a minute of one client in one organisation, over all its tokens. */
export const maxRequestsPerClient = 3_000;
/**
 * The sandbox's own limit, as none is documented: enough for a client that keeps its token, too few for one that does
 * not.
 */
export const maxTokenRequests = 300;
/** Documented: the largest request body. */
export const maxBodyBytes = 512_000;

const windowMs = 60_000;

/** A window opens with its first request and ends a minute later, however many requests came. */
export interface RateWindow {
  readonly allowed: number;
  startMs: number;
  count: number;
}

export function makeRateWindow(allowed: number): RateWindow {
  return { allowed, startMs: Number.NEGATIVE_INFINITY, count: 0 };
}

export interface RateVerdict {
  readonly admitted: boolean;
  /** `inin-ratelimit-*` of the window that is nearest to its limit, and Retry-After on a refusal. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Counts a request in every window, or in none if one of them is full. */
export function countRequest(windows: readonly [RateWindow, ...RateWindow[]], nowMs: number): RateVerdict {
  for (const window of windows) {
    const ended = nowMs < window.startMs || nowMs >= window.startMs + windowMs;
    if (ended) Object.assign(window, { startMs: nowMs, count: 0 });
  }
  const admitted = windows.every((window) => window.count < window.allowed);
  if (admitted) for (const window of windows) window.count += 1;

  const nearest = windows.reduce((a, b) => (isNearer(b, a) ? b : a));
  // Rounded up, so that a client that waits this long always finds a new window.
  const resetSeconds = String(Math.ceil((nearest.startMs + windowMs - nowMs) / 1_000));
  const headers = {
    "inin-ratelimit-count": String(nearest.count),
    "inin-ratelimit-allowed": String(nearest.allowed),
    "inin-ratelimit-reset": resetSeconds,
  };
  return { admitted, headers: admitted ? headers : { ...headers, "retry-after": resetSeconds } };
}

/** If two windows are equally full, the one that ends later is nearer: a client that waits for it is admitted. */
function isNearer(a: RateWindow, b: RateWindow): boolean {
  const leftByA = a.allowed - a.count;
  const leftByB = b.allowed - b.count;
  return leftByA < leftByB || (leftByA === leftByB && a.startMs > b.startMs);
}

/** Answers a request that no window lets in. */
export function refuseRate(
  { headers }: RateVerdict,
  { rateLimitTells }: SandboxQuirks,
  correlationId: string,
): Answer {
  const { "retry-after": seconds = "", ...others } = headers;
  if (rateLimitTells === "inWords") {
    const message = `Rate limit exceeded the maximum. Retry the request in [${seconds}] seconds`;
    return refuse({ status: 429, code: "too.many.requests.retry.after", message }, correlationId);
  }
  const refusal = { status: 429, code: "too.many.requests", message: "Rate limit exceeded." };
  return refuse({ ...refusal, headers: rateLimitTells === "inHeaders" ? others : headers }, correlationId);
}
