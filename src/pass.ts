// The loop: read → validate → list → plan → guard → apply → audit. A dry run ends after the plan.
import { applyOnRecord, recordInvalid, type RecordOptions, type RecordPorts } from "./apply/on-record.ts";
import { describeOpen } from "./apply/close-intents.ts";
import { readHistory } from "./audit/history.ts";
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
  const { recorded, open } = await readHistory(ports.files, options.audit, live);
  const planOf = (groups: ReadonlySet<string> | null, now = live, known = recorded): Plan =>
    makePlan(desired.value, now, { ...options.plan, groups, recorded: known });
  const plan = planOf(selected.value);
  if (options.dryRun || !(isWork(plan) || open.length > 0)) {
    const openHere = describeOpen(open, false);
    return makeResult(plan, {
      ...run,
      traffic: ports.traffic(),
      diagnostics: [...diagnostics, ...openHere],
    });
  }
  const applied = await applyOnRecord(
    {
      plan,
      desired: desired.value,
      live,
      open,
      replan: (group, now, written) => planOf(new Set([group]), now, new Map([...recorded, ...written])),
    },
    { options, ports, runId: run.runId },
  );
  return makeResult(applied.plan, {
    ...run,
    traffic: ports.traffic(),
    diagnostics: [...diagnostics, ...describeOpen(open, true), ...applied.diagnostics],
  });
}

function isWork(plan: Plan): boolean {
  return [...plan.operations, ...plan.prunes].some((operation) => operation.status === "planned");
}
