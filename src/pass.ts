// The loop: read → validate → list → plan → guard → apply → audit. A dry run ends after the plan.
import { applyPlan } from "./apply/apply-plan.ts";
import { readRecorded } from "./audit/recorded.ts";
import { openTrail, type Trail } from "./audit/trail.ts";
import type { Driver } from "./genesys/driver.ts";
import { readDesired, type DesiredSource } from "./manifest/read-desired.ts";
import type { AuditEntry, AuditSource } from "./model/audit-record.ts";
import type { Deps } from "./model/deps.ts";
import type { Diagnostic } from "./model/diagnostic.ts";
import type { Operation, Plan } from "./model/plan.ts";
import { emptyPlan, makeResult, noTraffic, type Result, type Traffic } from "./model/result.ts";
import type { Subscription } from "./model/subscription.ts";
import { makePlan, type PlanOptions } from "./plan/make-plan.ts";
import { selectGroups, type Selection } from "./plan/select.ts";

export interface PassOptions {
  readonly dryRun: boolean;
  readonly desired: DesiredSource;
  readonly selection: Selection;
  readonly plan: Omit<PlanOptions, "groups" | "recorded">;
  readonly concurrency: number;
  readonly audit: { readonly path: string; readonly key: string | undefined; readonly environment: string };
}

export interface PassPorts extends Deps {
  readonly driver: Driver;
  readonly traffic: () => Traffic;
  /** Who runs this and the commit of the manifests; asked only when there is something to record. */
  readonly provenance: () => Promise<{ readonly actor: string; readonly commit: string | null }>;
  readonly onProgress: (stage: string, done: number, total: number) => void;
}

/** One pass. Throws ReconcileError where the platform or the disk does not let it come to a plan. */
export async function pass(options: PassOptions, ports: PassPorts): Promise<Result> {
  const run = { dryRun: options.dryRun, runId: ports.random.id() };
  const desired = await readDesired(options.desired, ports.files);
  if (!desired.ok) {
    if (!options.dryRun) await recordInvalid(desired.diagnostics, { options, ports, runId: run.runId });
    return makeResult(emptyPlan, { ...run, traffic: noTraffic, diagnostics: desired.diagnostics });
  }
  const live = await ports.driver.list();
  const selected = selectGroups(desired.value, live, { ...options.selection, owner: options.plan.owner });
  const diagnostics = [...desired.diagnostics, ...selected.diagnostics];
  if (!selected.ok) return makeResult(emptyPlan, { ...run, traffic: ports.traffic(), diagnostics });
  const recorded = await readRecorded(ports.files, options.audit.path);
  const plan = makePlan(desired.value, live, { ...options.plan, groups: selected.value, recorded });
  if (options.dryRun || !isWork(plan)) {
    return makeResult(plan, { ...run, traffic: ports.traffic(), diagnostics });
  }
  const applied = await applyOnRecord(plan, desired.value, { options, ports, runId: run.runId });
  return makeResult(applied, { ...run, traffic: ports.traffic(), diagnostics });
}

function isWork(plan: Plan): boolean {
  return [...plan.operations, ...plan.prunes].some((operation) => operation.status === "planned");
}

interface Running {
  readonly options: PassOptions;
  readonly ports: PassPorts;
  readonly runId: string;
}

async function applyOnRecord(
  plan: Plan,
  desired: readonly Subscription[],
  running: Running,
): Promise<Plan> {
  const { options, ports } = running;
  const { trail, commit } = await startTrail(running);
  const sources = new Map(desired.map(({ group, place }) => [group, { ...sourceAt(place), commit }]));
  try {
    await trail.append({ ...runEntry, event: "run.started" });
    const applied = await applyPlan(plan, {
      driver: ports.driver,
      record: (entry) => trail.append(entry),
      clock: ports.clock,
      concurrency: options.concurrency,
      interrupted: ports.interrupted,
      sourceOf: (group) => sources.get(group) ?? null,
      onProgress: (done, total) => {
        ports.onProgress("applying", done, total);
      },
    });
    const split = plan.groups.filter((group) => group.moves.length > 0).length;
    const success = [...applied.operations, ...applied.prunes].every(isDone);
    await trail.append({ ...runEntry, event: "run.finished", success }, { rebalancedGroups: split });
    return applied;
  } finally {
    await trail.close();
  }
}

async function recordInvalid(diagnostics: readonly Diagnostic[], running: Running): Promise<void> {
  const { trail } = await startTrail(running);
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === "error");
  const error = errors
    .map(({ file, line, message }) => `${file ?? "-"}:${line ?? 0} ${message}`)
    .join("\n");
  try {
    await trail.append({ ...runEntry, event: "validation.failed", success: false, error });
  } finally {
    await trail.close();
  }
}

async function startTrail({
  options,
  ports,
  runId,
}: Running): Promise<{ trail: Trail; commit: string | null }> {
  const { actor, commit } = await ports.provenance();
  const { path, key, environment } = options.audit;
  const run = { runId, environment, actor };
  const trail = await openTrail({
    files: ports.files,
    clock: ports.clock,
    path,
    run,
    ...(key ? { key } : {}),
  });
  for (const notice of trail.notices) ports.log("warn", notice);
  return { trail, commit };
}

function sourceAt({ file, line }: Subscription["place"]): Omit<AuditSource, "commit"> {
  return { file, line };
}

function isDone({ status }: Operation): boolean {
  return status === "applied" || status === "recovered";
}

const runEntry: Omit<AuditEntry, "event"> = {
  operation: null,
  group: null,
  endpoint: null,
  webhookId: null,
  before: null,
  after: null,
  patch: null,
  success: null,
  latencyMs: null,
  error: null,
  source: null,
};
