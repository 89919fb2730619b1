// Keeps within the platform's rate limit: all requests share one view of the window that counts them.
import type { Clock } from "../../lib/clock.ts";
import type { HttpResponse } from "../../model/http.ts";
import { wait } from "./wait.ts";

/** The platform's windows last a minute; whatever asks for more than this is no rate limit to wait for. */
export const longestWaitMs = 300_000;

/** `reset` is whole seconds and travels for a while: ends this near to each other are one window's. */
const sameWindowMs = 5_000;

export interface Pace {
  /** Resolves when a request may be sent. Each call must be followed by `afterResponse`. */
  beforeRequest(): Promise<void>;
  /** Null where the request was not answered. */
  afterResponse(response: HttpResponse | null): void;
  /** The platform asked to be left alone: no request of any caller starts within `delayMs`. */
  hold(delayMs: number): void;
  /** What all callers together have waited. */
  throttledMs(): number;
}

/** `rateShare`: the share of the platform's limit that this client may use, in (0, 1]. */
export function makePace(options: {
  readonly clock: Clock;
  readonly rateShare: number;
  readonly interrupted?: AbortSignal | undefined;
}): Pace {
  const { clock, rateShare, interrupted } = options;
  let window: RateWindow = { allowed: Infinity, used: 0, endsAtMs: -Infinity };
  let heldUntilMs = -Infinity;
  let inFlight = 0;
  let throttledMs = 0;

  const delayMs = () => {
    const budget = Math.max(1, Math.floor(window.allowed * rateShare));
    const isUsedUp = window.used + inFlight >= budget;
    const startsAtMs = Math.max(heldUntilMs, isUsedUp ? window.endsAtMs : -Infinity);
    return Math.max(0, Math.ceil(startsAtMs - clock.monotonic()));
  };

  return {
    beforeRequest: async () => {
      for (let pauseMs = delayMs(); pauseMs > 0; pauseMs = delayMs()) {
        const startedMs = clock.monotonic();
        try {
          await wait(clock, pauseMs, interrupted);
        } finally {
          throttledMs += clock.monotonic() - startedMs;
        }
      }
      inFlight += 1;
    },
    afterResponse: (response) => {
      inFlight -= 1;
      const reported = response && parseWindow(response, clock.monotonic());
      if (reported) window = mergeWindows(window, reported, clock.monotonic());
      // Unanswered, or answered without the headers: it may have been counted all the same.
      else window = { ...window, used: window.used + 1 };
    },
    hold: (pauseMs) => {
      heldUntilMs = Math.max(heldUntilMs, clock.monotonic() + pauseMs);
    },
    throttledMs: () => Math.round(throttledMs),
  };
}

interface RateWindow {
  readonly allowed: number;
  readonly used: number;
  /** On the monotonic clock. */
  readonly endsAtMs: number;
}

function parseWindow({ headers }: HttpResponse, nowMs: number): RateWindow | null {
  const allowed = parseCount(headers["inin-ratelimit-allowed"]);
  const used = parseCount(headers["inin-ratelimit-count"]);
  const resetSeconds = parseCount(headers["inin-ratelimit-reset"]);
  if (!allowed || used === undefined || resetSeconds === undefined) return null;
  if (resetSeconds * 1000 > longestWaitMs) return null;
  return { allowed, used, endsAtMs: nowMs + resetSeconds * 1000 };
}

/** The whole number that a header spells, or undefined. */
export function parseCount(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** Answers overtake each other: within one window the highest count is the newest. */
function mergeWindows(known: RateWindow, reported: RateWindow, nowMs: number): RateWindow {
  const isNewer = known.endsAtMs <= nowMs || reported.endsAtMs > known.endsAtMs + sameWindowMs;
  if (isNewer) return reported;
  return {
    allowed: reported.allowed,
    used: Math.max(known.used, reported.used),
    endsAtMs: Math.max(known.endsAtMs, reported.endsAtMs),
  };
}
