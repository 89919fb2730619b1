// When a delivery that failed is repeated, and when it is given up: as EventBridge does it, and as a webhook's policy says.
import { parseDurationMs } from "../../lib/duration.ts";
import type { EffectiveTarget } from "../aws/effective-rules.ts";
import type { StoredWebhook } from "../state.ts";

/** An HTTP status, or the reason why there was none. */
export type Answer = number | "timeout" | "unreachable";

export interface Patience {
  /** Whether the answer lets a delivery be repeated at all. */
  readonly repeats: (answer: Answer) => boolean;
  readonly mostRetries: number;
  /** Counted from the first try. */
  readonly mostAgeMs: number;
  /** `retry`: 1 for the first. `chance`: in [0, 1). */
  readonly waitMs: (retry: number, chance: number) => number;
}

/** Documented: of the statuses below 500, these alone are repeated. */
const repeatedStatuses: readonly Answer[] = [401, 407, 409, 429];
/** The waits are not documented, except that they grow exponentially, with jitter. */
const firstWaitMs = 1_000;
const longestWaitMs = 10 * 60_000;

export function patienceOfTarget({ mostRetries, mostAgeSeconds }: EffectiveTarget): Patience {
  return {
    ...{ mostRetries, mostAgeMs: mostAgeSeconds * 1000 },
    repeats: (answer) => typeof answer !== "number" || answer >= 500 || repeatedStatuses.includes(answer),
    waitMs: (retry, chance) => Math.min(firstWaitMs * 2 ** (retry - 1), longestWaitMs) * (1 - chance / 2),
  };
}

/** A webhook without a policy repeats nothing. */
export function patienceOfWebhook({ retryPolicy }: Pick<StoredWebhook, "retryPolicy">): Patience {
  const { retryCount = 0, retryInterval = "PT0S", retryOnTimeout = false } = retryPolicy ?? {};
  const intervalMs = parseDurationMs(retryInterval) ?? 0;
  return {
    ...{ mostRetries: retryCount, mostAgeMs: Infinity },
    repeats: (answer) => answer !== "timeout" || retryOnTimeout,
    waitMs: () => intervalMs,
  };
}

export function isSuccess(answer: Answer): boolean {
  return typeof answer === "number" && answer >= 200 && answer < 300;
}
