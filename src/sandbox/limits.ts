// The platform's limits, and the fixed windows in which it counts requests.

/** Documented: requests a minute with one token. */
export const maxRequestsPerToken = 300;
/** Documented: requests a minute of one organisation and client, all its tokens together. */
export const maxRequestsPerClient = 3_000;
/** Ours, for none is documented: plenty for a client that keeps its token, few for one that does not. */
export const maxTokenRequests = 300;
/** Documented: the largest request body. */
export const maxBodyBytes = 512_000;

const windowMs = 60_000;

/** Opens with its first request and ends a minute later, however many requests came. */
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

/** Counts a request in every window, or, where one of them is full, in none. */
export function countRequest(windows: readonly [RateWindow, ...RateWindow[]], nowMs: number): RateVerdict {
  for (const window of windows) {
    const ended = nowMs < window.startMs || nowMs >= window.startMs + windowMs;
    if (ended) Object.assign(window, { startMs: nowMs, count: 0 });
  }
  const admitted = windows.every((window) => window.count < window.allowed);
  if (admitted) for (const window of windows) window.count += 1;

  const nearest = windows.reduce((a, b) => (isNearer(b, a) ? b : a));
  // Rounded up: who waits this long always finds a new window.
  const resetSeconds = String(Math.ceil((nearest.startMs + windowMs - nowMs) / 1_000));
  const headers = {
    "inin-ratelimit-count": String(nearest.count),
    "inin-ratelimit-allowed": String(nearest.allowed),
    "inin-ratelimit-reset": resetSeconds,
  };
  return { admitted, headers: admitted ? headers : { ...headers, "retry-after": resetSeconds } };
}

/** Of two equally full windows the one that ends later counts: who waits until then is let in. */
function isNearer(a: RateWindow, b: RateWindow): boolean {
  const leftByA = a.allowed - a.count;
  const leftByB = b.allowed - b.count;
  return leftByA < leftByB || (leftByA === leftByB && a.startMs > b.startMs);
}
