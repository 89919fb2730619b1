// The figures that each record holds: totals since the trail began, made from those of the record before.
import type { AuditEntry, Metrics } from "../model/audit-record.ts";

export const emptyMetrics: Metrics = {
  totalAttempts: 0,
  successfulRegistrations: 0,
  failedRegistrations: 0,
  validationFailures: 0,
  rebalanceTriggers: 0,
  averageLatency: 0,
  successRate: 100,
};

/**
 * Returns the figures with one more entry counted. An intent counts as an attempt; an outcome that reports that the write
 * was never tried takes it back. An outcome that is still unknown (`success` null) counts only as an attempt.
 * `averageLatency` is the mean over the writes with an outcome. It is exact, because latencies are whole milliseconds, so
 * their sum can be restored from the mean. `successRate` is 100 until the first outcome.
 */
export function nextMetrics(metrics: Metrics, entry: AuditEntry, rebalancedGroups = 0): Metrics {
  const isUntried = entry.event === "change.failed" && entry.attempted === false;
  const attempted = entry.event === "change.intended" ? 1 : isUntried ? -1 : 0;
  const succeeded = entry.event === "change.applied" || entry.event === "change.recovered" ? 1 : 0;
  const failed = entry.event === "change.failed" && entry.success === false && !isUntried ? 1 : 0;
  const invalid = entry.event === "validation.failed" ? 1 : 0;
  const successes = metrics.successfulRegistrations + succeeded;
  const failures = metrics.failedRegistrations + failed;
  return {
    totalAttempts: metrics.totalAttempts + attempted,
    successfulRegistrations: successes,
    failedRegistrations: failures,
    validationFailures: metrics.validationFailures + invalid,
    rebalanceTriggers: metrics.rebalanceTriggers + rebalancedGroups,
    averageLatency: succeeded + failed > 0 ? nextMean(metrics, entry.latencyMs) : metrics.averageLatency,
    successRate: percent(successes, successes + failures),
  };
}

/** Checks figures that were read from a file, which someone may have edited. */
export function isMetrics(value: unknown): value is Metrics {
  if (typeof value !== "object" || value === null) return false;
  const found = new Map(Object.entries(value));
  return Object.keys(emptyMetrics).every((name) => Number.isFinite(found.get(name)));
}

/** A write without a measured time, such as one found after a crash, leaves the mean as it is. */
function nextMean(metrics: Metrics, latencyMs: number | null): number {
  if (latencyMs === null) return metrics.averageLatency;
  const finished = metrics.successfulRegistrations + metrics.failedRegistrations;
  const sumMs = Math.round(metrics.averageLatency * finished);
  return (sumMs + latencyMs) / (finished + 1);
}

/** Rounded to two decimals. */
function percent(part: number, whole: number): number {
  return whole === 0 ? 100 : Math.round((part / whole) * 10_000) / 100;
}
