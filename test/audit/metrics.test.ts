import fc from "fast-check";
import { expect, test } from "vitest";
import { emptyMetrics, nextMetrics } from "../../src/audit/metrics.ts";
import type { Action } from "../../src/model/plan.ts";
import { makeApplied, makeEntry } from "./samples.ts";

const failed = makeEntry({ event: "change.failed", success: false, latencyMs: 100 });
const unknown = makeEntry({ event: "change.failed", success: null, latencyMs: 900 });

test("every kind of write is an attempt", () => {
  const actions: readonly Action[] = ["create", "update", "adopt", "delete"];
  const metrics = actions.reduce(
    (before, operation) => nextMetrics(before, makeEntry({ operation })),
    emptyMetrics,
  );
  expect(metrics).toEqual({ ...emptyMetrics, totalAttempts: 4 });
});

test("outcomes are counted, with their mean time and success rate", () => {
  const entries = [
    makeApplied("1"),
    makeApplied("2", { event: "change.recovered", latencyMs: 31 }),
    failed,
  ];
  expect(entries.reduce((before, entry) => nextMetrics(before, entry), emptyMetrics)).toEqual({
    ...emptyMetrics,
    successfulRegistrations: 2,
    failedRegistrations: 1,
    averageLatency: 151 / 3,
    successRate: 66.67,
  });
});

test("an outcome that is still unknown counts neither way", () => {
  expect(nextMetrics(emptyMetrics, unknown)).toEqual(emptyMetrics);
});

test("a write that was never tried is no attempt and no failure, and its record says so", () => {
  const tried = [makeEntry(), makeApplied("1"), makeEntry(), failed].reduce(
    (before, entry) => nextMetrics(before, entry),
    emptyMetrics,
  );
  const untried = { ...failed, latencyMs: null, attempted: false };
  const after = [makeEntry(), untried].reduce((before, entry) => nextMetrics(before, entry), tried);
  expect(after).toEqual(tried);
  expect(tried).toMatchObject({ totalAttempts: 2, failedRegistrations: 1, successRate: 50 });
  // Of any other outcome the field says nothing of the kind.
  expect(nextMetrics(emptyMetrics, { ...failed, attempted: null }).failedRegistrations).toBe(1);
  expect(nextMetrics(emptyMetrics, makeApplied("1", { attempted: false })).totalAttempts).toBe(0);
});

test("a recovered write whose time nobody took leaves the mean", () => {
  const before = nextMetrics(emptyMetrics, makeApplied("1"));
  const recovered = makeApplied("2", { event: "change.recovered", latencyMs: null });
  expect(nextMetrics(before, recovered)).toEqual({ ...before, successfulRegistrations: 2 });
});

test("invalid manifests and rebalanced groups are counted", () => {
  const invalid = nextMetrics(emptyMetrics, makeEntry({ event: "validation.failed", success: false }));
  const finished = nextMetrics(invalid, makeEntry({ event: "run.finished", success: true }), 3);
  expect(finished).toEqual({ ...emptyMetrics, validationFailures: 1, rebalanceTriggers: 3 });
});

test("the running mean of any latencies is their mean to the last bit, of failures too", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 600_000 }), { minLength: 1, maxLength: 300 }), (latencies) => {
      const metrics = latencies.reduce(
        (before, latencyMs, index) =>
          nextMetrics(before, index % 3 === 1 ? { ...failed, latencyMs } : makeApplied("1", { latencyMs })),
        emptyMetrics,
      );
      const sumMs = latencies.reduce((sum, latencyMs) => sum + latencyMs, 0);
      expect(metrics.averageLatency).toBe(sumMs / latencies.length);
    }),
  );
});
