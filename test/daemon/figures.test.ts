// What Prometheus gets to read, as a whole, after a known history.
import { expect, test } from "vitest";
import { emptyMetrics } from "../../src/audit/metrics.ts";
import { firstConditions } from "../../src/daemon/conditions.ts";
import { makeFigures } from "../../src/daemon/figures.ts";
import type { DaemonView, PassNote } from "../../src/daemon/view.ts";
import type { Operation } from "../../src/model/plan.ts";
import type { Result } from "../../src/model/result.ts";
import { need, runProgram } from "../operations/programs.ts";
import { nowhere } from "../../src/model/diagnostic.ts";
import { emptyPlan, resultOfSync } from "../support/results.ts";

const startMs = Date.UTC(2026, 0, 1);

function makeOperation(more: Partial<Operation>): Operation {
  return {
    action: "create",
    group: "g",
    endpoint: "https://a.example.com/x",
    webhookId: "w",
    name: "g-1",
    phase: 1,
    patch: [],
    cause: { code: "groupIsNew" },
    reason: "the consumer group is new",
    status: "applied",
    error: null,
    before: null,
    after: null,
    ...more,
  };
}

function makePass(operations: readonly Operation[], note: Partial<PassNote> = {}): [Result, PassNote] {
  const endpoint = { url: "https://a.example.com/x", eventTypes: ["a"], estimatedThroughput: 80 };
  const groups = [
    {
      group: "g",
      place: { file: "a.yaml", line: 1, column: 1 },
      state: "enabled",
      endpoints: [endpoint, endpoint].map((one) => ({ ...one, webhookId: "w" })),
      moves: [
        { eventType: "a", from: "https://a.example.com/x", to: "https://b.example.com/x", reason: "" },
      ],
      unchanged: 1,
      skipped: null,
      frozen: null,
      capacity: 15,
      explanation: null,
    },
  ] as const;
  const orphans = [{ webhookId: "o", group: "old", endpoint: "https://a.example.com/o", name: "old-1" }];
  const result = resultOfSync({ ...emptyPlan, operations, groups, orphans });
  const { ok, runId, summary } = result;
  const times = { finishedAt: "2026-01-01T00:00:00.000Z", durationMs: 1200 };
  return [
    result,
    { runId, triggers: ["start"], ...times, ok, summary, drift: 0, healed: 0, error: null, ...note },
  ];
}

function makeView(more: Partial<DaemonView>): DaemonView {
  return {
    formatVersion: 1,
    version: "1.2.3",
    startedAt: "2026-01-01T00:00:00.000Z",
    mode: "apply",
    phase: "waiting",
    holder: null,
    nextPassAt: null,
    conditions: firstConditions("2026-01-01T00:00:00.000Z"),
    lastPass: null,
    history: [],
    healed: 0,
    passes: 0,
    failures: 0,
    head: null,
    progress: null,
    revision: 0,
    ...more,
  };
}

/** Two passes, one of which fails, with a 429 and a token request. */
async function showHistory(): Promise<string> {
  let nowMs = startMs;
  const figures = makeFigures("1.2.3", () => nowMs);
  figures.setView(makeView({ phase: "reconciling" }));
  figures.addRequest({ method: "POST", path: "/oauth/token", status: 200, latencyMs: 40 });
  figures.addRequest({ method: "GET", path: "/api/v2/webhooks", status: 429, latencyMs: 20 });
  figures.addRequest({ method: "GET", path: "/api/v2/webhooks", status: 200, latencyMs: 600 });
  figures.addRequest({ method: "POST", path: "/api/v2/webhooks", status: null, latencyMs: 31_000 });
  nowMs += 10_000;
  figures.addPass(
    ...makePass([makeOperation({}), makeOperation({ action: "update", status: "recovered" })], {
      drift: 1,
      healed: 1,
    }),
    {
      ...emptyMetrics,
      totalAttempts: 3,
      successfulRegistrations: 2,
      averageLatency: 250,
      successRate: 66.67,
    },
  );
  nowMs += 60_000;
  figures.addPass(
    ...makePass([makeOperation({ status: "failed" }), makeOperation({ status: "skipped" })]),
    {
      ...emptyMetrics,
      totalAttempts: 4,
      successfulRegistrations: 2,
      failedRegistrations: 2,
      averageLatency: 250,
      successRate: 50,
    },
  );
  nowMs += 5_000;
  const conditions = firstConditions("2026-01-01T00:00:00.000Z").map((condition) =>
    condition.type === "Converged" ? { ...condition, status: "True" as const } : condition,
  );
  figures.setView(makeView({ conditions }));
  return figures.show();
}

/** Those of this product, without the process' own. */
function ours(text: string): string {
  return text
    .split("\n\n")
    .filter((block) => block.includes("reconcile_"))
    .join("\n\n")
    .trim();
}

test("two passes, one of them failed, as Prometheus reads them", async () => {
  expect(ours(await showHistory())).toMatchInlineSnapshot(`
    "# HELP reconcile_seconds_since_last_success Time since a pass last succeeded; before that, since the start.
    # TYPE reconcile_seconds_since_last_success gauge
    reconcile_seconds_since_last_success 65

    # HELP reconcile_build_info Always 1; its version.
    # TYPE reconcile_build_info gauge
    reconcile_build_info{version="1.2.3"} 1

    # HELP reconcile_passes_total Passes, by result: ok or failed.
    # TYPE reconcile_passes_total counter
    reconcile_passes_total{result="ok"} 1
    reconcile_passes_total{result="failed"} 1

    # HELP reconcile_pass_duration_seconds How long passes took.
    # TYPE reconcile_pass_duration_seconds histogram
    reconcile_pass_duration_seconds_bucket{le="0.1"} 0
    reconcile_pass_duration_seconds_bucket{le="0.25"} 0
    reconcile_pass_duration_seconds_bucket{le="0.5"} 0
    reconcile_pass_duration_seconds_bucket{le="1"} 0
    reconcile_pass_duration_seconds_bucket{le="2.5"} 2
    reconcile_pass_duration_seconds_bucket{le="5"} 2
    reconcile_pass_duration_seconds_bucket{le="10"} 2
    reconcile_pass_duration_seconds_bucket{le="30"} 2
    reconcile_pass_duration_seconds_bucket{le="60"} 2
    reconcile_pass_duration_seconds_bucket{le="300"} 2
    reconcile_pass_duration_seconds_bucket{le="+Inf"} 2
    reconcile_pass_duration_seconds_sum 2.4
    reconcile_pass_duration_seconds_count 2

    # HELP reconcile_operations_total Operations, by action and status.
    # TYPE reconcile_operations_total counter
    reconcile_operations_total{action="create",status="applied"} 1
    reconcile_operations_total{action="create",status="recovered"} 0
    reconcile_operations_total{action="create",status="failed"} 1
    reconcile_operations_total{action="create",status="unknown"} 0
    reconcile_operations_total{action="create",status="skipped"} 1
    reconcile_operations_total{action="update",status="applied"} 0
    reconcile_operations_total{action="update",status="recovered"} 1
    reconcile_operations_total{action="update",status="failed"} 0
    reconcile_operations_total{action="update",status="unknown"} 0
    reconcile_operations_total{action="update",status="skipped"} 0
    reconcile_operations_total{action="delete",status="applied"} 0
    reconcile_operations_total{action="delete",status="recovered"} 0
    reconcile_operations_total{action="delete",status="failed"} 0
    reconcile_operations_total{action="delete",status="unknown"} 0
    reconcile_operations_total{action="delete",status="skipped"} 0
    reconcile_operations_total{action="adopt",status="applied"} 0
    reconcile_operations_total{action="adopt",status="recovered"} 0
    reconcile_operations_total{action="adopt",status="failed"} 0
    reconcile_operations_total{action="adopt",status="unknown"} 0
    reconcile_operations_total{action="adopt",status="skipped"} 0

    # HELP reconcile_moved_event_types_total Event types that changed their endpoint.
    # TYPE reconcile_moved_event_types_total counter
    reconcile_moved_event_types_total 1

    # HELP reconcile_drift_total Resources that someone else had changed; each pass counts them anew.
    # TYPE reconcile_drift_total counter
    reconcile_drift_total 1

    # HELP reconcile_healed_total Resources that were put right after someone else had changed them.
    # TYPE reconcile_healed_total counter
    reconcile_healed_total 1

    # HELP reconcile_api_request_duration_seconds Requests to Genesys Cloud.
    # TYPE reconcile_api_request_duration_seconds histogram
    reconcile_api_request_duration_seconds_bucket{le="0.025",method="POST",status="200"} 0
    reconcile_api_request_duration_seconds_bucket{le="0.05",method="POST",status="200"} 1
    reconcile_api_request_duration_seconds_bucket{le="0.1",method="POST",status="200"} 1
    reconcile_api_request_duration_seconds_bucket{le="0.25",method="POST",status="200"} 1
    reconcile_api_request_duration_seconds_bucket{le="0.5",method="POST",status="200"} 1
    reconcile_api_request_duration_seconds_bucket{le="1",method="POST",status="200"} 1
    reconcile_api_request_duration_seconds_bucket{le="2.5",method="POST",status="200"} 1
    reconcile_api_request_duration_seconds_bucket{le="5",method="POST",status="200"} 1
    reconcile_api_request_duration_seconds_bucket{le="10",method="POST",status="200"} 1
    reconcile_api_request_duration_seconds_bucket{le="30",method="POST",status="200"} 1
    reconcile_api_request_duration_seconds_bucket{le="+Inf",method="POST",status="200"} 1
    reconcile_api_request_duration_seconds_sum{method="POST",status="200"} 0.04
    reconcile_api_request_duration_seconds_count{method="POST",status="200"} 1
    reconcile_api_request_duration_seconds_bucket{le="0.025",method="GET",status="429"} 1
    reconcile_api_request_duration_seconds_bucket{le="0.05",method="GET",status="429"} 1
    reconcile_api_request_duration_seconds_bucket{le="0.1",method="GET",status="429"} 1
    reconcile_api_request_duration_seconds_bucket{le="0.25",method="GET",status="429"} 1
    reconcile_api_request_duration_seconds_bucket{le="0.5",method="GET",status="429"} 1
    reconcile_api_request_duration_seconds_bucket{le="1",method="GET",status="429"} 1
    reconcile_api_request_duration_seconds_bucket{le="2.5",method="GET",status="429"} 1
    reconcile_api_request_duration_seconds_bucket{le="5",method="GET",status="429"} 1
    reconcile_api_request_duration_seconds_bucket{le="10",method="GET",status="429"} 1
    reconcile_api_request_duration_seconds_bucket{le="30",method="GET",status="429"} 1
    reconcile_api_request_duration_seconds_bucket{le="+Inf",method="GET",status="429"} 1
    reconcile_api_request_duration_seconds_sum{method="GET",status="429"} 0.02
    reconcile_api_request_duration_seconds_count{method="GET",status="429"} 1
    reconcile_api_request_duration_seconds_bucket{le="0.025",method="GET",status="200"} 0
    reconcile_api_request_duration_seconds_bucket{le="0.05",method="GET",status="200"} 0
    reconcile_api_request_duration_seconds_bucket{le="0.1",method="GET",status="200"} 0
    reconcile_api_request_duration_seconds_bucket{le="0.25",method="GET",status="200"} 0
    reconcile_api_request_duration_seconds_bucket{le="0.5",method="GET",status="200"} 0
    reconcile_api_request_duration_seconds_bucket{le="1",method="GET",status="200"} 1
    reconcile_api_request_duration_seconds_bucket{le="2.5",method="GET",status="200"} 1
    reconcile_api_request_duration_seconds_bucket{le="5",method="GET",status="200"} 1
    reconcile_api_request_duration_seconds_bucket{le="10",method="GET",status="200"} 1
    reconcile_api_request_duration_seconds_bucket{le="30",method="GET",status="200"} 1
    reconcile_api_request_duration_seconds_bucket{le="+Inf",method="GET",status="200"} 1
    reconcile_api_request_duration_seconds_sum{method="GET",status="200"} 0.6
    reconcile_api_request_duration_seconds_count{method="GET",status="200"} 1
    reconcile_api_request_duration_seconds_bucket{le="0.025",method="POST",status="none"} 0
    reconcile_api_request_duration_seconds_bucket{le="0.05",method="POST",status="none"} 0
    reconcile_api_request_duration_seconds_bucket{le="0.1",method="POST",status="none"} 0
    reconcile_api_request_duration_seconds_bucket{le="0.25",method="POST",status="none"} 0
    reconcile_api_request_duration_seconds_bucket{le="0.5",method="POST",status="none"} 0
    reconcile_api_request_duration_seconds_bucket{le="1",method="POST",status="none"} 0
    reconcile_api_request_duration_seconds_bucket{le="2.5",method="POST",status="none"} 0
    reconcile_api_request_duration_seconds_bucket{le="5",method="POST",status="none"} 0
    reconcile_api_request_duration_seconds_bucket{le="10",method="POST",status="none"} 0
    reconcile_api_request_duration_seconds_bucket{le="30",method="POST",status="none"} 0
    reconcile_api_request_duration_seconds_bucket{le="+Inf",method="POST",status="none"} 1
    reconcile_api_request_duration_seconds_sum{method="POST",status="none"} 31
    reconcile_api_request_duration_seconds_count{method="POST",status="none"} 1

    # HELP reconcile_api_rate_limited_total Answers of 429.
    # TYPE reconcile_api_rate_limited_total counter
    reconcile_api_rate_limited_total 1

    # HELP reconcile_token_refreshes_total Access tokens asked for.
    # TYPE reconcile_token_refreshes_total counter
    reconcile_token_refreshes_total 1

    # HELP reconcile_last_success_timestamp_seconds When a pass last succeeded; 0 for never.
    # TYPE reconcile_last_success_timestamp_seconds gauge
    reconcile_last_success_timestamp_seconds 1767225610

    # HELP reconcile_at_work 1 if the daemon is at work, 0 if it is on standby.
    # TYPE reconcile_at_work gauge
    reconcile_at_work 1

    # HELP reconcile_condition 1 if the condition holds, 0 if not, -1 if that is unknown.
    # TYPE reconcile_condition gauge
    reconcile_condition{type="Ready"} 0
    reconcile_condition{type="ManifestsValid"} -1
    reconcile_condition{type="PlatformReachable"} -1
    reconcile_condition{type="Converged"} 1
    reconcile_condition{type="NoOrphans"} -1

    # HELP reconcile_webhooks Resources that the manifests declare.
    # TYPE reconcile_webhooks gauge
    reconcile_webhooks 2

    # HELP reconcile_pending_operations Operations that the last pass with a plan left undone.
    # TYPE reconcile_pending_operations gauge
    reconcile_pending_operations 2

    # HELP reconcile_orphans Resources of this owner whose group has no manifest.
    # TYPE reconcile_orphans gauge
    reconcile_orphans 1

    # HELP reconcile_trail_records The number of the trail's last record.
    # TYPE reconcile_trail_records gauge

    # HELP reconcile_trail_head_info Always 1; the trail's last record.
    # TYPE reconcile_trail_head_info gauge

    # HELP reconcile_trail_fault 1 if the last pass that looked found a fault of the trail, else 0.
    # TYPE reconcile_trail_fault gauge
    reconcile_trail_fault 0

    # HELP reconcile_trail_attempts Writes tried, since the trail began.
    # TYPE reconcile_trail_attempts gauge
    reconcile_trail_attempts 4

    # HELP reconcile_trail_successful_registrations Writes done, since the trail began.
    # TYPE reconcile_trail_successful_registrations gauge
    reconcile_trail_successful_registrations 2

    # HELP reconcile_trail_failed_registrations Writes failed, since the trail began.
    # TYPE reconcile_trail_failed_registrations gauge
    reconcile_trail_failed_registrations 2

    # HELP reconcile_trail_validation_failures Refusals of invalid manifests that are on record.
    # TYPE reconcile_trail_validation_failures gauge
    reconcile_trail_validation_failures 0

    # HELP reconcile_trail_rebalance_triggers Groups split or split again.
    # TYPE reconcile_trail_rebalance_triggers gauge
    reconcile_trail_rebalance_triggers 0

    # HELP reconcile_trail_average_latency_seconds Mean time of a write.
    # TYPE reconcile_trail_average_latency_seconds gauge
    reconcile_trail_average_latency_seconds 0.25

    # HELP reconcile_trail_success_ratio Writes done, of those with an outcome.
    # TYPE reconcile_trail_success_ratio gauge
    reconcile_trail_success_ratio 0.5"
  `);
});

test("one on standby, and one that has not begun, is not at work", async () => {
  const figures = makeFigures("1.2.3", () => startMs);
  expect(await figures.show()).toContain("\nreconcile_at_work 0\n");
  figures.setView(makeView({ phase: "backoff" }));
  expect(await figures.show()).toContain("\nreconcile_at_work 1\n");
  for (const phase of ["standby", "stopped"] as const) {
    figures.setView(makeView({ phase }));
    expect(await figures.show()).toContain("\nreconcile_at_work 0\n");
  }
});

test("a pass that came to no plan leaves the counts of webhooks as they were", async () => {
  const figures = makeFigures("1.2.3", () => startMs);
  const [, note] = makePass([]);
  figures.addPass(...makePass([]), emptyMetrics);
  const error = { severity: "error", code: "network/unreachable", message: "", hint: null } as const;
  const diagnostics = [{ ...error, file: null, line: null, column: null }];
  figures.addPass(resultOfSync(null, diagnostics), { ...note, ok: false }, emptyMetrics);
  const text = await figures.show();
  expect(text).toContain("\nreconcile_webhooks 2\n");
  expect(text).toContain("\nreconcile_orphans 1\n");
  expect(text).toContain('\nreconcile_passes_total{result="failed"} 1\n');
});

test("the trail's head: unknown before the first pass has ended, then one at a time, and 0 records where none is left", async () => {
  const figures = makeFigures("1.2.3", () => startMs);
  figures.setView(makeView({}));
  expect(await figures.show()).not.toMatch(/^reconcile_trail_(records|head_info)\b/m);
  figures.setView(makeView({ passes: 1, head: { seq: 4, hash: "a4" } }));
  figures.setView(makeView({ passes: 2, head: { seq: 6, hash: "b6" } }));
  const text = await figures.show();
  expect(text).toContain("\nreconcile_trail_records 6\n");
  expect(text.match(/^reconcile_trail_head_info.*$/gm)).toEqual([
    'reconcile_trail_head_info{seq="6",hash="b6"} 1',
  ]);
  figures.setView(makeView({ passes: 3, head: null }));
  expect(await figures.show()).toContain("\nreconcile_trail_records 0\n");
});

test("a fault of the trail is a figure until a pass with a plan has found none", async () => {
  const figures = makeFigures("1.2.3", () => startMs);
  const [planned, note] = makePass([]);
  const ended = async (code: string): Promise<string | undefined> => {
    const error = { severity: "error", code, message: "", hint: null, ...nowhere } as const;
    figures.addPass(resultOfSync(null, [error]), { ...note, ok: false }, emptyMetrics);
    return /^reconcile_trail_fault (\d)$/m.exec(await figures.show())?.[1];
  };
  expect(await ended("manifest/invalid")).toBe("0");
  expect(await ended("audit/cut")).toBe("1");
  expect(await ended("manifest/invalid")).toBe("1");
  figures.addPass(planned, note, emptyMetrics);
  expect(await figures.show()).toContain("\nreconcile_trail_fault 0\n");
});

test("before the first success, time runs from the start", async () => {
  let nowMs = startMs;
  const figures = makeFigures("1.2.3", () => nowMs);
  nowMs += 90_500;
  const text = await figures.show();
  expect(text).toContain("\nreconcile_seconds_since_last_success 90.5\n");
  expect(text).toContain("\nreconcile_last_success_timestamp_seconds 0\n");
});

test("the process' own figures are there, too", async () => {
  expect(await showHistory()).toMatch(/\nprocess_resident_memory_bytes \d+\n/);
});

test("the names and the format are as Prometheus wants them", async (context) => {
  need("promtool", context);
  // It would have `le` for histograms, and names that the client library gives the process.
  expect(runProgram("promtool", ["check", "metrics"], `${ours(await showHistory())}\n`)).toBe("");
});
