// Decides which requests may be sent again, when, and how often.
import type { Random } from "../../lib/random.ts";
import { rowOf } from "../../model/error-class.ts";
import { areaOf, ReconcileError } from "../../model/errors.ts";
import type { HttpResponse } from "../../model/http.ts";
import { addressRefusal, parseErrorBody } from "./error-body.ts";
import { isRateLimit, longestWaitMs } from "./rate-limit.ts";
import { retryAfterMs } from "./retry-after.ts";

/** The attempts of one request, including the first; more of them would only prolong an outage. */
export const maxAttempts = 3;
/** The wait if the server names none: at least a second, doubled each time, at most eight. */
const leastBackoffMs = 1_000;
const mostBackoffMs = 8_000;

/** An answer of any status, or the network's failure. */
export type AttemptOutcome = HttpResponse | ReconcileError;

/**
 * `final`: another attempt would change nothing. `again`: the request may be sent again. `renewToken`: it may be sent
 * again with a new token. `unknown`: a write may have taken effect, so another attempt could repeat it.
 */
export type Verdict = "final" | "again" | "renewToken" | "unknown";

interface RetryRule {
  readonly matches: (outcome: AttemptOutcome) => boolean;
  readonly read: Verdict;
  readonly write: Verdict;
}

/** The first match counts. */
const table: readonly RetryRule[] = [
  // Another token would come from the same address.
  { matches: isAddressRefusal, read: "final", write: "final" },
  // The platform refused the token before it looked at the request.
  { matches: (it) => hasStatus(it, 401), read: "renewToken", write: "renewToken" },
  // A rate limit lasts a minute, so a much longer Retry-After means something else.
  { matches: (it) => isLimited(it) && askedMsOf(it) > longestWaitMs, read: "final", write: "final" },
  { matches: isLimited, read: "again", write: "again" },
  // The platform compared the versions and stored nothing, whatever status it says so with.
  { matches: isOutdatedVersion, read: "final", write: "final" },
  // The server gave up, perhaps after the write took effect.
  {
    matches: (it) => hasStatus(it, 500, 599) && askedMsOf(it) > longestWaitMs,
    read: "final",
    write: "unknown",
  },
  { matches: (it) => hasStatus(it, 408) || hasStatus(it, 500, 599), read: "again", write: "unknown" },
  // The request never left this machine.
  { matches: (it) => findNetworkRow(it)?.isAnswerLost === false, read: "again", write: "again" },
  // The request arrived, and another answer would be as large.
  { matches: (it) => findNetworkRow(it)?.class === "terminal", read: "final", write: "unknown" },
  // The request may have left, and no answer came back.
  { matches: (it) => findNetworkRow(it)?.isAnswerLost === true, read: "again", write: "unknown" },
];

/** Returns the error table's row for a failure of the network; null for any other outcome, such as a stopped pass. */
function findNetworkRow(outcome: AttemptOutcome): ReturnType<typeof rowOf> | null {
  const isNetwork = outcome instanceof ReconcileError && areaOf(outcome) === "network";
  return isNetwork ? rowOf(outcome.code) : null;
}

export function judge(outcome: AttemptOutcome, isWrite: boolean): Verdict {
  const row = table.find(({ matches }) => matches(outcome));
  if (!row) return "final";
  return isWrite ? row.write : row.read;
}

export interface Attempts {
  readonly isWrite: boolean;
  readonly random: Random;
  /** Sends once; `resend` is false the first time. */
  readonly send: (resend: boolean) => Promise<AttemptOutcome>;
  /** Lets `delayMs` pass before the next attempt; `outcome` is that of the last one. */
  readonly wait: (delayMs: number, outcome: AttemptOutcome) => Promise<void>;
  /** Absent if there is no token to renew. Called once at most. */
  readonly renewToken?: () => Promise<void>;
}

/** Resolves with the first final or unknown outcome, or else with that of the last attempt. */
export async function sendUntilFinal(attempts: Attempts): Promise<AttemptOutcome> {
  let renewToken = attempts.renewToken;
  let outcome = await attempts.send(false);
  let waitedMs = 0;
  for (let attempt = 1; ; outcome = await attempts.send(true)) {
    const verdict = judge(outcome, attempts.isWrite);
    if (verdict === "renewToken" && renewToken) {
      await renewToken();
      renewToken = undefined;
    } else if (verdict === "again" && attempt < maxAttempts) {
      const askedMs = askedMsOf(outcome);
      const delayMs = askedMs > 0 ? askedMs : backoffMs(attempt, attempts.random);
      if (waitedMs + delayMs > longestWaitMs) return outcome;
      await attempts.wait(delayMs, outcome);
      waitedMs += delayMs;
      attempt += 1;
    } else return outcome;
  }
}

function isAddressRefusal(outcome: AttemptOutcome): boolean {
  return hasStatus(outcome, 401) && parseErrorBody(outcome).code === addressRefusal;
}

function isLimited(outcome: AttemptOutcome): boolean {
  return !(outcome instanceof ReconcileError) && isRateLimit(outcome);
}

function isOutdatedVersion(outcome: AttemptOutcome): boolean {
  return hasStatus(outcome, 400, 599) && parseErrorBody(outcome).isOutdatedVersion;
}

export function hasStatus(outcome: AttemptOutcome, least: number, most = least): outcome is HttpResponse {
  return !(outcome instanceof ReconcileError) && outcome.status >= least && outcome.status <= most;
}

function askedMsOf(outcome: AttemptOutcome): number {
  return outcome instanceof ReconcileError ? 0 : retryAfterMs(outcome);
}

/** A random time in the upper half of 2 s, 4 s, 8 s, so that callers that failed together do not retry together. */
export function backoffMs(attempt: number, random: Random): number {
  const capMs = Math.min(mostBackoffMs, leastBackoffMs * 2 ** attempt);
  return Math.round(capMs / 2 + (capMs / 2) * random.next());
}
