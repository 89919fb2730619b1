// Carries a plan out: applies it on record if there is something to do, and only returns it in a dry run.
import type { OrganizationPort } from "./find-organization.ts";
import { fitPlan } from "./fit-plan.ts";
import { refuseQueries } from "./state-remote.ts";
import { describeOpen } from "../apply/close-intents.ts";
import { applyOnRecord, type RecordPorts, type RunningOnTrail, type Work } from "../apply/on-record.ts";
import { clearPending, readPending } from "../apply/pending.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { FindAncestry } from "../git/ancestry.ts";
import { findOlder, refuseOlder, type OlderCommit } from "./find-older.ts";
import { diagnosticOf } from "../model/errors.ts";
import { allOperations, isPlanned, type Plan } from "../model/plan.ts";

export interface CarryOutPorts extends RecordPorts {
  readonly organization: OrganizationPort;
  /** Asks AWS whose account it is, where the config names one. Throws ReconcileError `aws/…`. */
  readonly confirmAccount?: () => Promise<void>;
  /** Tells which commits are ancestors of another one. */
  readonly findAncestry: FindAncestry;
  /**
   * Whether this plan, which writes, may be carried out. Without it every plan may: nobody is asked.
   */
  readonly approves?: (plan: Plan) => boolean;
}

export interface CarryOut extends RunningOnTrail {
  readonly ports: CarryOutPorts;
  readonly dryRun: boolean;
  /** Whether open intents of an earlier run are reason enough to start a run on record. */
  readonly settlesOpen: boolean;
  /** Whether the run refuses a commit that is older than the last applied one; absent if the run does not look. */
  readonly olderCommit?: OlderCommit | undefined;
}

export interface CarriedOut {
  /** True if the plan was only made, because it is not approved. */
  readonly isUnapproved: boolean;
  /** The plan as it was made, or as it was applied. */
  readonly plan: Plan;
  /** They tell what earlier runs left open and what failed, and include the plan's own. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The last step of a pass, a saved plan and a rollback. Throws as `applyOnRecord` does. */
export async function carryOut(work: Work, run: CarryOut): Promise<CarriedOut> {
  const { known } = work;
  const plan = await fitPlan(work.plan, known.driver, run.ports);
  const refusal = refuseQueries(plan, run.options.refusesQueries);
  if (refusal && !run.dryRun) throw refusal;
  const isOpen = run.settlesOpen && known.open.length > 0;
  const isDue = isWork(plan) || isOpen || run.trail.accepted !== null;
  const judged = await judgeCommit(plan, known, run);
  if (judged.left) return leftAlone(judged.left, known, judged.diagnostics);
  if (run.dryRun)
    return leftAlone(plan, known, [...(refusal ? [diagnosticOf(refusal)] : []), ...judged.diagnostics]);
  if (!isDue) return leftAlone(plan, known, await dropPending(known, run));
  if (isWork(plan) && run.ports.approves?.(plan) === false)
    return { ...leftAlone(plan, known, []), isUnapproved: true };
  const organization = await run.ports.organization.confirm();
  await run.ports.confirmAccount?.();
  const { olderThan } = judged;
  const applied = await applyOnRecord({ ...work, plan }, { ...run, organization, olderThan });
  return {
    plan: applied.plan,
    isUnapproved: false,
    diagnostics: [
      ...describeOpen(known.open, applied),
      ...applied.diagnostics,
      ...applied.plan.diagnostics,
    ],
  };
}

/** Makes the outcome of a run that carries nothing of its plan out. */
function leftAlone(plan: Plan, { open }: Work["known"], diagnostics: readonly Diagnostic[]): CarriedOut {
  return {
    plan,
    isUnapproved: false,
    diagnostics: [...describeOpen(open, null), ...plan.diagnostics, ...diagnostics],
  };
}

/** A plan that writes nothing brings nothing back, whatever commit it is made from. */
async function judgeCommit(
  plan: Plan,
  { counts }: Work["known"],
  { trail, options, ports, olderCommit, dryRun }: CarryOut,
): Promise<ReturnType<typeof refuseOlder> & Pick<RunningOnTrail, "olderThan">> {
  if (olderCommit === undefined || !isWork(plan)) return { left: null, diagnostics: [] };
  const older = await findOlder({ path: options.audit.path, counts, index: trail.index }, ports);
  if (!older) return { left: null, diagnostics: [] };
  return { olderThan: older.than, ...refuseOlder(older, plan, { olderCommit, dryRun }) };
}

/** Without an open intent, the outcomes that this machine could not record are on record by now. */
async function dropPending(
  { open }: Work["known"],
  { options, ports }: CarryOut,
): Promise<readonly Diagnostic[]> {
  if (open.length > 0) return [];
  const place = { path: options.audit.pendingPath, files: ports.files };
  const { diagnostics } = await readPending([], place);
  await clearPending(place);
  return diagnostics;
}

function isWork(plan: Plan): boolean {
  return allOperations(plan).some(isPlanned);
}
