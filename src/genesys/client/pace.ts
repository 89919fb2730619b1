// Keeps all requests together within the platform's rate limit, by what its answers report about the current window.
import type { Clock } from "../../lib/clock.ts";
import type { HttpResponse } from "../../model/http.ts";
import { parseCount } from "./parse-count.ts";
import { longestWaitMs } from "./rate-limit.ts";
import { wait } from "./wait.ts";

/** `reset` is in whole seconds and arrives with a delay, so two ends this close together belong to the same window. */
const sameWindowMs = 5_000;

export interface Pace {
  /** Resolves when a request may be sent. Each call must be followed by `afterResponse`. */
  beforeRequest(): Promise<void>;
  /** `response` is null if the request was not answered. */
  afterResponse(response: HttpResponse | null): void;
  /** No caller's request starts within the next `delayMs`, as the platform asked. */
  hold(delayMs: number): void;
  /** The time that all callers together have waited. */
  throttledMs(): number;
}

/** `rateShare` is the share of the platform's limit that this client may use, in (0, 1]. */
export function makePace(options: {
  readonly clock: Clock;
  readonly rateShare: number;
  readonly interrupted?: AbortSignal | undefined;
}): Pace {
  const { clock, rateShare, interrupted } = options;
  let window: ReportedWindow = { allowed: Infinity, used: 0, endsAtMs: -Infinity };
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
      // The platform may have counted a request even if its answer is missing or lacks the headers.
      else window = { ...window, used: window.used + 1 };
    },
    hold: (pauseMs) => {
      heldUntilMs = Math.max(heldUntilMs, clock.monotonic() + pauseMs);
    },
    throttledMs: () => Math.round(throttledMs),
  };
}

interface ReportedWindow {
  readonly allowed: number;
  readonly used: number;
  /** A time of the monotonic clock. */
  readonly endsAtMs: number;
}

function parseWindow({ headers }: HttpResponse, nowMs: number): ReportedWindow | null {
  const allowed = parseCount(headers["inin-ratelimit-allowed"]);
  const used = parseCount(headers["inin-ratelimit-count"]);
  const resetSeconds = parseCount(headers["inin-ratelimit-reset"]);
  if (!allowed || used === undefined || resetSeconds === undefined) return null;
  if (resetSeconds * 1000 > longestWaitMs) return null;
  return { allowed, used, endsAtMs: nowMs + resetSeconds * 1000 };
}

/** Answers may arrive in another order, so within one window the highest count is the newest. */
function mergeWindows(known: ReportedWindow, reported: ReportedWindow, nowMs: number): ReportedWindow {
  const isNewer = known.endsAtMs <= nowMs || reported.endsAtMs > known.endsAtMs + sameWindowMs;
  if (isNewer) return reported;
  return {
    allowed: reported.allowed,
    used: Math.max(known.used, reported.used),
    endsAtMs: Math.max(known.endsAtMs, reported.endsAtMs),
  };
}
