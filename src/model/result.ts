// What a command reports, in every outcome: the object that `--output json` prints.
import type { Base } from "./base.ts";
import { hasErrors, type Diagnostic } from "./diagnostic.ts";
import type { GroupPlan, Operation, Orphan, Plan } from "./plan.ts";
import type * as schema from "./schema/result.ts";
import type { TypeOf } from "./schema/type-of.ts";

/** What `--output json` prints. */
export type ReportedResult = TypeOf<typeof schema.result>;
export type ReportedOperation = ReportedResult["operations"][number];
export type ReportedGroup = ReportedResult["groups"][number];

/** The same, with all that a plan knows of operations and groups. */
export interface Result extends Omit<ReportedResult, "operations" | "groups" | "orphans"> {
  readonly operations: readonly Operation[];
  readonly groups: readonly GroupPlan[];
  readonly orphans: readonly Orphan[];
}

/**
 * Each operation counts once: under its action where it is planned, applied or recovered, under `failed` where
 * it failed or its outcome is unknown, under `skipped` where it was not started.
 */
export type Summary = TypeOf<typeof schema.summary>;

export type Traffic = TypeOf<typeof schema.traffic>;

export const noTraffic: Traffic = { requests: 0, retries: 0, throttledMs: 0 };

export const emptyPlan: Plan = {
  operations: [],
  prunes: [],
  groups: [],
  drift: [],
  orphans: [],
  unmanaged: 0,
  diagnostics: [],
};

/** `plan`: as made, or as applied. Where it was made for is for the caller to add. */
export function makeResult(
  plan: Plan,
  run: {
    readonly dryRun: boolean;
    readonly runId: string;
    readonly traffic: Traffic;
    readonly base?: Base | null;
    readonly diagnostics: readonly Diagnostic[];
  },
): Result {
  const operations = [...plan.operations, ...plan.prunes];
  const diagnostics = [...run.diagnostics, ...plan.diagnostics];
  const summary = summarise(plan, operations);
  return {
    formatVersion: 1,
    dryRun: run.dryRun,
    ok: !hasErrors(diagnostics) && summary.failed === 0 && !operations.some(isRefused),
    runId: run.runId,
    environment: null,
    owner: null,
    summary,
    operations,
    groups: plan.groups,
    drift: plan.drift,
    orphans: plan.orphans,
    unmanaged: plan.unmanaged,
    traffic: run.traffic,
    base: run.base ?? null,
    diagnostics,
  };
}

/** False where it ended before it came to a plan. */
export function hasPlan({ ok, groups, orphans }: Result): boolean {
  return ok || groups.length + orphans.length > 0;
}

/** Whether something is to be done, or was: what a freeze holds back is not. */
export function hasChanges({ operations }: Pick<Result, "operations">): boolean {
  return operations.some(({ status }) => status !== "skipped");
}

/** What a freeze holds back is wanted so. */
function isRefused({ status, frozen }: Operation): boolean {
  return status === "skipped" && !frozen;
}

function summarise(plan: Plan, operations: readonly Operation[]): Summary {
  const done = { create: 0, update: 0, delete: 0, adopt: 0 };
  let failed = 0;
  let skipped = 0;
  const held = new Set<string>();
  for (const { action, status, group } of operations) {
    if (status === "failed" || status === "unknown") failed += 1;
    else if (status === "skipped") skipped += 1;
    else {
      done[action] += 1;
      continue;
    }
    held.add(group);
  }
  const moving = plan.groups.filter(({ group }) => !held.has(group));
  return {
    ...done,
    unchanged: plan.groups.reduce((sum, group) => sum + group.unchanged, 0),
    movedEventTypes: moving.reduce((sum, group) => sum + group.moves.length, 0),
    failed,
    skipped,
  };
}
