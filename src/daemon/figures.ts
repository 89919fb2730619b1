// Keeps the daemon's figures for Prometheus.
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import type { MadeRequest } from "../genesys/client/api.ts";
import { aboutTrail } from "../model/about-trail.ts";
import type { Metrics } from "../model/audit-record.ts";
import { isDone, listServing, type Action, type OperationStatus } from "../model/plan.ts";
import { hasPlan, type Result } from "../model/result.ts";
import type { DaemonView, PassNote } from "./view.ts";

export interface Figures {
  readonly addPass: (result: Result, note: PassNote, metrics: Metrics) => void;
  readonly setView: (view: DaemonView) => void;
  /** Adds one request to the platform; `status`: null when it was not answered. */
  readonly addRequest: (request: Pick<MadeRequest, "method" | "path" | "status" | "latencyMs">) => void;
  /** Prometheus' text format. */
  readonly show: () => Promise<string>;
}

/** `now`: ms since 1970, to measure the time since the last success. */
export function makeFigures(version: string, now: () => number): Figures {
  const registry = new Registry();
  // At the default of 10 ms, measuring the event loop's delay would be most of an idle daemon's work.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
  const startedMs = now();
  let successMs: number | null = null;
  const made = makeInstruments(registry, () => (now() - (successMs ?? startedMs)) / 1000);
  made.build.set({ version }, 1);
  // A 0 before the first pass would look like a trail that is gone.
  made.records.remove();
  // Each counter must exist with the value 0 first, or Prometheus does not count its first increase.
  for (const result of ["ok", "failed"]) made.passes.inc({ result }, 0);
  for (const action of actions) for (const status of outcomes) made.operations.inc({ action, status }, 0);

  return {
    addPass: (result, note, metrics) => {
      made.passes.inc({ result: note.ok ? "ok" : "failed" });
      made.duration.observe(note.durationMs / 1000);
      for (const { action, status } of result.operations) made.operations.inc({ action, status });
      const open = result.operations.filter((operation) => !isDone(operation));
      if (open.length < result.operations.length) made.moves.inc(result.summary.movedEventTypes);
      made.drift.inc(note.drift);
      made.healed.inc(note.healed);
      if (hasPlan(result)) {
        const served = result.groups.flatMap(({ endpoints }) => endpoints);
        made.webhooks.set(served.flatMap(listServing).length);
        made.pending.set(open.length);
        made.orphans.set(result.summary.orphans);
      }
      const isFaulty = result.diagnostics.some(({ code }) => aboutTrail.has(code));
      // A pass that ended before its plan may not have looked at the trail.
      if (isFaulty || hasPlan(result)) made.fault.set(isFaulty ? 1 : 0);
      for (const { key, unit, gauge } of made.trail) gauge.set(metrics[key] / unit);
      if (note.ok) made.lastSuccess.set((successMs = now()) / 1000);
    },
    setView: ({ conditions, phase, head, passes }) => {
      made.head.reset();
      if (head) made.head.set({ seq: String(head.seq), hash: head.hash }, 1);
      if (passes > 0) made.records.set(head?.seq ?? 0);
      made.atWork.set(phase === "reconciling" || phase === "waiting" || phase === "backoff" ? 1 : 0);
      for (const { type, status } of conditions)
        made.conditions.set({ type }, status === "True" ? 1 : status === "False" ? 0 : -1);
    },
    addRequest: ({ method, path, status, latencyMs }) => {
      made.latency.observe({ method, status: status ?? "none" }, latencyMs / 1000);
      if (status === 429) made.limited.inc();
      if (path.endsWith("/oauth/token")) made.refreshes.inc();
    },
    show: () => registry.metrics(),
  };
}

const actions: readonly Action[] = ["create", "update", "delete", "adopt"];
const outcomes: readonly OperationStatus[] = ["applied", "recovered", "failed", "unknown", "skipped"];

function makeInstruments(registry: Registry, sinceSuccess: () => number) {
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: string[] = []): Counter =>
    new Counter({ name: `reconcile_${name}`, help, labelNames, registers });
  const gauge = (name: string, help: string, labelNames: string[] = []): Gauge =>
    new Gauge({ name: `reconcile_${name}`, help, labelNames, registers });
  const histogram = (name: string, help: string, more: { labelNames: string[]; buckets: number[] }) =>
    new Histogram({ name: `reconcile_${name}`, help, ...more, registers });
  new Gauge({
    name: "reconcile_seconds_since_last_success",
    help: "Time since a pass last succeeded; before that, since the start.",
    registers,
    collect(): void {
      this.set(sinceSuccess());
    },
  });
  return {
    build: gauge("build_info", "Always 1; its version.", ["version"]),
    passes: counter("passes_total", "Passes, by result: ok or failed.", ["result"]),
    duration: histogram("pass_duration_seconds", "How long passes took.", {
      labelNames: [],
      buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    }),
    operations: counter("operations_total", "Operations, by action and status.", ["action", "status"]),
    moves: counter("moved_event_types_total", "Event types that changed their endpoint."),
    drift: counter("drift_total", "Resources that someone else had changed; each pass counts them anew."),
    healed: counter("healed_total", "Resources that were put right after someone else had changed them."),
    latency: histogram("api_request_duration_seconds", "Requests to Genesys Cloud.", {
      labelNames: ["method", "status"],
      buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    }),
    limited: counter("api_rate_limited_total", "Answers of 429."),
    refreshes: counter("token_refreshes_total", "Access tokens asked for."),
    lastSuccess: gauge("last_success_timestamp_seconds", "When a pass last succeeded; 0 for never."),
    atWork: gauge("at_work", "1 if the daemon is at work, 0 if it is on standby."),
    conditions: gauge("condition", "1 if the condition holds, 0 if not, -1 if that is unknown.", ["type"]),
    webhooks: gauge("webhooks", "Resources that the manifests declare."),
    pending: gauge("pending_operations", "Operations that the last pass with a plan left undone."),
    orphans: gauge("orphans", "Resources of this owner whose group has no manifest."),
    records: gauge("trail_records", "The number of the trail's last record."),
    head: gauge("trail_head_info", "Always 1; the trail's last record.", ["seq", "hash"]),
    fault: gauge("trail_fault", "1 if the last pass that looked found a fault of the trail, else 0."),
    trail: trailGauges.map(([name, key, unit, help]) => ({
      key,
      unit,
      gauge: gauge(`trail_${name}`, help),
    })),
  };
}

/** The trail's figures, which survive restarts. The third column divides a figure into Prometheus' unit: s, or a ratio. */
const trailGauges: readonly (readonly [string, keyof Metrics, number, string])[] = [
  ["attempts", "totalAttempts", 1, "Writes tried, since the trail began."],
  ["successful_registrations", "successfulRegistrations", 1, "Writes done, since the trail began."],
  ["failed_registrations", "failedRegistrations", 1, "Writes failed, since the trail began."],
  ["validation_failures", "validationFailures", 1, "Refusals of invalid manifests that are on record."],
  ["rebalance_triggers", "rebalanceTriggers", 1, "Groups split or split again."],
  ["average_latency_seconds", "averageLatency", 1000, "Mean time of a write."],
  ["success_ratio", "successRate", 100, "Writes done, of those with an outcome."],
];
