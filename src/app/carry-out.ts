// Carries a plan out: applies it on record if there is something to do, and only returns it in a dry run.
import { fitPlan } from "./fit-plan.ts";
import { describeOpen } from "../apply/close-intents.ts";
import { applyOnRecord, type RunningOnTrail, type Work } from "../apply/on-record.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { allOperations, isPlanned, type Plan } from "../model/plan.ts";

export interface CarryOut extends RunningOnTrail {
  readonly dryRun: boolean;
  /** Whether open intents of an earlier run are reason enough to start a run on record. */
  readonly settlesOpen: boolean;
}

export interface CarriedOut {
  /** The plan as it was made, or as it was applied. */
  readonly plan: Plan;
  /** They tell what earlier runs left open and what failed, and include the plan's own. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The last step of a pass, a saved plan and a rollback. Throws as `applyOnRecord` does. */
export async function carryOut(work: Work, run: CarryOut): Promise<CarriedOut> {
  const { known } = work;
  const plan = await fitPlan(work.plan, known.driver, run.ports);
  const isOpen = run.settlesOpen && known.open.length > 0;
  const isDue = isWork(plan) || isOpen || run.trail.accepted !== null;
  if (run.dryRun || !isDue)
    return { plan, diagnostics: [...describeOpen(known.open, false), ...plan.diagnostics] };
  const applied = await applyOnRecord({ ...work, plan }, run);
  return {
    plan: applied.plan,
    diagnostics: [...describeOpen(known.open, true), ...applied.diagnostics, ...applied.plan.diagnostics],
  };
}

function isWork(plan: Plan): boolean {
  return allOperations(plan).some(isPlanned);
}
