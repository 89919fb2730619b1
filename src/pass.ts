// The loop: read → validate → list → plan → guard → apply → audit. A dry run ends after the plan.
import { applyOnRecord, recordInvalid, type RecordOptions, type RecordPorts } from "./apply/on-record.ts";
import { readRecorded } from "./audit/recorded.ts";
import { readDesired, type DesiredSource } from "./manifest/read-desired.ts";
import type { Plan } from "./model/plan.ts";
import { emptyPlan, makeResult, noTraffic, type Result, type Traffic } from "./model/result.ts";
import { makePlan, type PlanOptions } from "./plan/make-plan.ts";
import { selectGroups, type Selection } from "./plan/select.ts";

export interface PassOptions extends RecordOptions {
  readonly dryRun: boolean;
  readonly desired: DesiredSource;
  readonly selection: Selection;
  readonly plan: Omit<PlanOptions, "groups" | "recorded">;
}

export interface PassPorts extends RecordPorts {
  readonly traffic: () => Traffic;
}

/** One pass. Throws ReconcileError where the platform or the disk does not let it come to a plan. */
export async function pass(options: PassOptions, ports: PassPorts): Promise<Result> {
  const run = { dryRun: options.dryRun, runId: ports.random.id() };
  const desired = await readDesired(options.desired, ports.files);
  if (!desired.ok) {
    const running = { options, ports, runId: run.runId };
    const unrecorded = options.dryRun ? [] : await recordInvalid(desired.diagnostics, running);
    const diagnostics = [...desired.diagnostics, ...unrecorded];
    return makeResult(emptyPlan, { ...run, traffic: noTraffic, diagnostics });
  }
  const live = await ports.driver.list();
  const selected = selectGroups(desired.value, live, { ...options.selection, owner: options.plan.owner });
  const diagnostics = [...desired.diagnostics, ...selected.diagnostics];
  if (!selected.ok) return makeResult(emptyPlan, { ...run, traffic: ports.traffic(), diagnostics });
  const recorded = await readRecorded(ports.files, options.audit.path, live);
  const plan = makePlan(desired.value, live, { ...options.plan, groups: selected.value, recorded });
  if (options.dryRun || !isWork(plan)) {
    return makeResult(plan, { ...run, traffic: ports.traffic(), diagnostics });
  }
  const applied = await applyOnRecord(plan, desired.value, { options, ports, runId: run.runId });
  return makeResult(applied.plan, {
    ...run,
    traffic: ports.traffic(),
    diagnostics: [...diagnostics, ...applied.diagnostics],
  });
}

function isWork(plan: Plan): boolean {
  return [...plan.operations, ...plan.prunes].some((operation) => operation.status === "planned");
}
