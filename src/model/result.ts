// The result that a command reports, whether it succeeds or fails.
import type { Base } from "./base.ts";
import { hasErrors, type Diagnostic } from "./diagnostic.ts";
import {
  allOperations,
  isDone,
  isPlanned,
  tellOperation,
  type Drift,
  type GroupPlan,
  type Operation,
  type Orphan,
  type Plan,
  type ToldOperation,
} from "./plan.ts";
import type * as schema from "./schema/result.ts";
import type { TypeOf } from "./schema/type-of.ts";

/** What `--output json` prints. */
export type ReportedResult = TypeOf<typeof schema.result>;
export type ReportedOperation = ReportedResult["operations"][number];
export type ReportedGroup = ReportedResult["groups"][number];

/** The part of a result that every command reports, whether it makes a plan or not. */
export type CommandResult = Pick<
  ReportedResult,
  | "formatVersion"
  | "dryRun"
  | "ok"
  | "runId"
  | "environment"
  | "owner"
  | "organization"
  | "traffic"
  | "diagnostics"
>;

/**
 * The result of a command that makes a plan, with all that the plan holds of operations and groups; its lists are empty
 * if the command made no plan.
 */
export interface Result extends Omit<ReportedResult, "summary" | "operations" | "groups" | "orphans"> {
  readonly summary: Summary;
  readonly operations: readonly Operation[];
  readonly groups: readonly GroupPlan[];
  readonly orphans: readonly Orphan[];
}

/** The part of a result about the run itself. It holds the diagnostics of all layers, in the order of the output. */
export type RunFacts = Omit<CommandResult, "formatVersion" | "ok">;

/** The end of a pass, of a saved plan or of a rollback. */
export interface Ending {
  /** The plan as made, or as applied; null if none was made. */
  readonly plan: Plan | null;
  readonly base: Base | null;
  /** The id of a saved plan, which is applied as the run that made it; absent if the run is the session's own. */
  readonly runId?: string;
  /** True if the plan was not carried out, because no person has approved it yet; absent if it was, or if nobody asks. */
  readonly isUnapproved?: boolean;
  /** What a pass without a plan found; with a plan, the drift is the plan's. */
  readonly drift?: readonly Drift[];
  /** All diagnostics, those of the plan included. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The result as a daemon shows it. */
export interface ToldResult extends Omit<Result, "operations"> {
  readonly operations: readonly ToldOperation[];
}

export function tellResult(result: Result): ToldResult {
  return { ...result, operations: result.operations.map(tellOperation) };
}

/**
 * Each operation counts once: under its action if it is planned, applied or recovered, under `failed` if it failed or
 * its outcome is unknown, and under `skipped` if it was not started. Results of version 0.1 do not count the orphans.
 */
export type Summary = Required<TypeOf<typeof schema.summary>>;

export type Traffic = TypeOf<typeof schema.traffic>;

export const noTraffic: Traffic = { requests: 0, retries: 0, throttledMs: 0 };

/** The result of a command that makes no plan. `isComplete` is false if it left something undone without an error. */
export function makeCommandResult(facts: RunFacts, isComplete = true): CommandResult {
  return { ...facts, formatVersion: 1, ok: isComplete && !hasErrors(facts.diagnostics) };
}

/** The result of a command that makes a plan. `ending` is null if the command ended early. */
export function makeResult(
  facts: RunFacts,
  ending: Pick<Ending, "plan" | "base" | "drift"> | null,
): Result {
  const { dryRun, runId, environment, owner, organization = null, traffic, diagnostics } = facts;
  const plan = ending?.plan ?? null;
  const { groups, drift, orphans, unmanaged } = plan ?? { ...nothing, drift: ending?.drift ?? [] };
  return {
    formatVersion: 1,
    dryRun,
    ok: isWell(plan, diagnostics),
    runId,
    environment,
    owner,
    organization,
    summary: summarise(plan),
    operations: operationsOf(plan),
    groups,
    drift,
    orphans,
    ...(plan?.leastWaitMs === undefined ? {} : { leastWaitMs: plan.leastWaitMs }),
    unmanaged,
    traffic,
    base: ending?.base ?? null,
    diagnostics,
  };
}

const nothing = { groups: [], drift: [], orphans: [], unmanaged: 0 };

export function endWithoutPlan(diagnostics: readonly Diagnostic[]): Ending {
  return { plan: null, base: null, diagnostics };
}

/** True if there is no error, and no operation failed or was refused. */
export function isWell(plan: Plan | null, diagnostics: readonly Diagnostic[]): boolean {
  return !hasErrors(diagnostics) && summarise(plan).failed === 0 && !operationsOf(plan).some(isRefused);
}

/** False if the command ended before it made a plan. */
export function hasPlan({ ok, groups, orphans }: Result): boolean {
  return ok || groups.length + orphans.length > 0;
}

/** True if operations are planned or were carried out; those that a freeze holds back do not count. */
export function hasChanges({ operations }: Pick<Result, "operations">): boolean {
  return operations.some(({ status }) => status !== "skipped");
}

/** Returns the orphans that stay: the operations neither delete them nor are to. */
export function findStaying<O extends Pick<Orphan, "webhookId">>({
  orphans,
  operations,
}: {
  readonly orphans: readonly O[];
  readonly operations: readonly Pick<Operation, "webhookId" | "status">[];
}): readonly O[] {
  const gone = new Set(operations.flatMap((one) => (isPlanned(one) || isDone(one) ? [one.webhookId] : [])));
  return orphans.filter(({ webhookId }) => !gone.has(webhookId));
}

/** An operation that a freeze holds back is not refused, because the team asked for the freeze. */
function isRefused({ status, frozen }: Operation): boolean {
  return status === "skipped" && !frozen;
}

function operationsOf(plan: Plan | null): readonly Operation[] {
  return plan ? allOperations(plan) : [];
}

export function summarise(plan: Plan | null): Summary {
  const { groups, orphans } = plan ?? nothing;
  const done = { create: 0, update: 0, delete: 0, adopt: 0 };
  let failed = 0;
  let skipped = 0;
  const held = new Set<string | null>();
  for (const { action, status, group } of operationsOf(plan)) {
    if (status === "failed" || status === "unknown") failed += 1;
    else if (status === "skipped") skipped += 1;
    else {
      done[action] += 1;
      continue;
    }
    held.add(group);
  }
  const moving = groups.filter(({ group }) => !held.has(group));
  return {
    ...done,
    unchanged: groups.reduce((sum, group) => sum + group.unchanged, 0),
    movedEventTypes: moving.reduce((sum, group) => sum + group.moves.length, 0),
    failed,
    skipped,
    orphans: findStaying({ orphans, operations: operationsOf(plan) }).length,
  };
}
