// What may be sent again, when, and how often.
import type { Random } from "../../lib/random.ts";
import { isCode, ReconcileError } from "../../model/errors.ts";
import type { HttpResponse } from "../../model/http.ts";
import { longestWaitMs, parseCount } from "./pace.ts";

/** Of one request, the first included: more would only make an outage last longer. */
const maxAttempts = 3;
/** Backoff without the server's word on it: at least a second, doubled each time, never above eight. */
const leastBackoffMs = 1_000;
const mostBackoffMs = 8_000;

/** An answer of any status, or how the network failed. */
export type Outcome = HttpResponse | ReconcileError;

/**
 * `final`: sending it again would change nothing. `again`: it may be sent again. `renewToken`: again, with
 * a new token. `unknown`: a write that may have taken effect, so that sending it again could do it twice.
 */
export type Verdict = "final" | "again" | "renewToken" | "unknown";

interface Row {
  readonly matches: (outcome: Outcome) => boolean;
  readonly read: Verdict;
  readonly write: Verdict;
}

/** The first match counts. */
const table: readonly Row[] = [
  // Turned away before anyone looked at it.
  { matches: (it) => hasStatus(it, 401), read: "renewToken", write: "renewToken" },
  // A rate limit lasts a minute; who says "tomorrow" means something else.
  {
    matches: (it) => hasStatus(it, 429) && retryAfterMs(it) > longestWaitMs,
    read: "final",
    write: "final",
  },
  { matches: (it) => hasStatus(it, 429), read: "again", write: "again" },
  // The server gave up somewhere on the way.
  { matches: (it) => hasStatus(it, 408) || hasStatus(it, 500, 599), read: "again", write: "unknown" },
  // It never left.
  { matches: (it) => isCode(it, "network/unreachable"), read: "again", write: "again" },
  // It did its work, and would answer as much again.
  { matches: (it) => isCode(it, "network/tooLarge"), read: "final", write: "unknown" },
  // It left, and no answer came back.
  { matches: (it) => isCode(it, "network/timeout", "network/reset"), read: "again", write: "unknown" },
];

export function judge(outcome: Outcome, isWrite: boolean): Verdict {
  const row = table.find(({ matches }) => matches(outcome));
  if (!row) return "final";
  return isWrite ? row.write : row.read;
}

export interface Attempts {
  readonly isWrite: boolean;
  readonly random: Random;
  /** Sends once; `resend` is false the first time. */
  readonly send: (resend: boolean) => Promise<Outcome>;
  /** Lets `delayMs` pass before the next attempt, because of what became of this one. */
  readonly wait: (delayMs: number, outcome: Outcome) => Promise<void>;
  /** Absent where there is no token to renew. Called once at most. */
  readonly renewToken?: () => Promise<void>;
}

/** The outcome that stands: a final or unknown one, or that of the last attempt. */
export async function sendUntilFinal(attempts: Attempts): Promise<Outcome> {
  let renewToken = attempts.renewToken;
  let outcome = await attempts.send(false);
  for (let attempt = 1; ; outcome = await attempts.send(true)) {
    const verdict = judge(outcome, attempts.isWrite);
    if (verdict === "renewToken" && renewToken) {
      await renewToken();
      renewToken = undefined;
    } else if (verdict === "again" && attempt < maxAttempts) {
      const askedMs = retryAfterMs(outcome);
      const delayMs =
        askedMs > 0 && askedMs <= longestWaitMs ? askedMs : backoffMs(attempt, attempts.random);
      await attempts.wait(delayMs, outcome);
      attempt += 1;
    } else return outcome;
  }
}

export function hasStatus(outcome: Outcome, least: number, most = least): boolean {
  return !(outcome instanceof ReconcileError) && outcome.status >= least && outcome.status <= most;
}

/** What `Retry-After` asks for; 0 without it. */
function retryAfterMs(outcome: Outcome): number {
  if (outcome instanceof ReconcileError) return 0;
  return (parseCount(outcome.headers["retry-after"]) ?? 0) * 1000;
}

/** Somewhere in the upper half of 2 s, 4 s, 8 s: callers that failed together do not come back together. */
export function backoffMs(attempt: number, random: Random): number {
  const capMs = Math.min(mostBackoffMs, leastBackoffMs * 2 ** attempt);
  return Math.round(capMs / 2 + (capMs / 2) * random.next());
}
