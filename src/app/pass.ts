// The loop: read → validate → list → plan → guard → apply → audit. A dry run ends after the plan.
import type { Replan } from "../apply/apply-plan.ts";
import { applyOnRecord, recordInvalid, type RecordOptions, type RecordPorts } from "../apply/on-record.ts";
import { describeOpen } from "../apply/close-intents.ts";
import { divideByBase, readBase, type BaseOptions, type ReadBase } from "./base.ts";
import { readLive, schemesOf, type About, type LivePorts } from "./live.ts";
import type { ReadableFiles } from "../lib/files.ts";
import { readDesired, type DesiredSource } from "../manifest/read-desired.ts";
import type { Base } from "../model/base.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { diagnosticOf, ReconcileError } from "../model/errors.ts";
import type { Plan } from "../model/plan.ts";
import { emptyPlan, makeResult, noTraffic, type Result, type Traffic } from "../model/result.ts";
import type { Subscription } from "../model/subscription.ts";
import type { LiveWebhook } from "../model/webhook.ts";
import { makePlan, type PlanOptions } from "../plan/make-plan.ts";
import { preselect, selectGroups, type Selection } from "../plan/select.ts";

export interface PassOptions extends RecordOptions {
  readonly dryRun: boolean;
  readonly desired: DesiredSource;
  readonly selection: Selection;
  readonly plan: Omit<PlanOptions, "groups" | "recorded" | "unseen">;
  /** Of a dry run: what its plan is held against. */
  readonly base: BaseOptions | null;
}

export interface PassPorts extends RecordPorts, LivePorts {
  /** Also on every line that is logged. */
  readonly runId: string;
  /** Where the manifests and the catalogue are, if not on the disk. */
  readonly manifestFiles?: ReadableFiles;
  /** Told of a dry run's plan, and of what it was made from. */
  readonly onPlan?: (made: MadePlan) => void;
  readonly traffic: () => Traffic;
  /** What ended the pass before it came to a plan. */
  readonly onError: (error: ReconcileError) => void;
}

export interface MadePlan {
  readonly plan: Plan;
  readonly desired: readonly Subscription[];
  readonly live: readonly LiveWebhook[];
}

interface Running {
  readonly options: PassOptions;
  readonly ports: PassPorts;
  readonly runId: string;
}

/** One pass. Where the platform or the disk does not let it come to a plan, the result says so. */
export async function pass(options: PassOptions, ports: PassPorts): Promise<Result> {
  const run = { dryRun: options.dryRun, runId: ports.runId };
  const desired = await readDesired(options.desired, ports.manifestFiles ?? ports.files);
  const running = { options, ports, runId: ports.runId };
  if (!desired.ok) {
    const unrecorded = options.dryRun ? [] : await recordInvalid(desired.diagnostics, running);
    const diagnostics = [...desired.diagnostics, ...unrecorded];
    return makeResult(emptyPlan, { ...run, traffic: noTraffic, diagnostics });
  }
  const { plan, base, diagnostics } = await converge(desired.value, running).catch((error: unknown) => {
    if (!(error instanceof ReconcileError)) throw error;
    ports.onError(error);
    return { plan: emptyPlan, base: null, diagnostics: [diagnosticOf(error)] };
  });
  const all = [...desired.diagnostics, ...diagnostics];
  return makeResult(plan, { ...run, traffic: ports.traffic(), base, diagnostics: all });
}

interface Converged {
  readonly plan: Plan;
  readonly base: Base | null;
  readonly diagnostics: readonly Diagnostic[];
}

async function converge(desired: readonly Subscription[], running: Running): Promise<Converged> {
  const { options, ports } = running;
  const base = options.base && (await readBase(options.base));
  const about = aboutOf(desired, options, base);
  const known = await readLive(about, options, ports);
  const { driver, live, recorded, open, hidden, late, unseen } = known;
  const selected = selectGroups(desired, live, { ...options.selection, owner: options.plan.owner });
  if (!selected.ok) return { plan: emptyPlan, base: null, diagnostics: selected.diagnostics };
  const planning = { ...options.plan, within: selected.value, unseen };
  const planOf = (groups: ReadonlySet<string> | null, now = live, then = recorded): Plan =>
    makePlan(desired, now, { ...planning, groups, recorded: then });
  const plan = planOf(selected.value);
  if (options.dryRun) {
    ports.onPlan?.({ plan, desired, live });
    const undivided = { plan, base: null, diagnostics: [] };
    const madeFrom = { ...planning, live, recorded, groups: selected.value };
    const divided = base ? divideByBase(plan, madeFrom, base) : undivided;
    const diagnostics = [...known.diagnostics, ...describeOpen(open, false), ...divided.diagnostics];
    return { ...divided, diagnostics };
  }
  if (!isWork(plan) && open.length === 0) return { plan, base: null, diagnostics: known.diagnostics };
  const replan: Replan = (group, now, written) =>
    planOf(new Set([group]), now, new Map([...recorded, ...written]));
  const applied = await applyOnRecord({ plan, desired, driver, live, open, hidden, late, replan }, running);
  return {
    plan: applied.plan,
    base: null,
    diagnostics: [...known.diagnostics, ...describeOpen(open, true), ...applied.diagnostics],
  };
}

function aboutOf(
  desired: readonly Subscription[],
  { selection, plan: { prune } }: PassOptions,
  base: ReadBase | null,
): About {
  const chosen = preselect(desired, selection);
  const isAll = !selection.groups && !selection.labels;
  return {
    needed: schemesOf(chosen),
    others: schemesOf(base?.desired?.ok ? base.desired.value : []),
    prune,
    groups: isAll ? null : new Set([...(selection.groups ?? []), ...chosen.map(({ group }) => group)]),
  };
}

export function isWork(plan: Plan): boolean {
  return [...plan.operations, ...plan.prunes].some((operation) => operation.status === "planned");
}
