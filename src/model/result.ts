// What a command reports, in every outcome: the object that `--output json` prints.
import type { Base } from "./base.ts";
import { hasErrors, type Diagnostic } from "./diagnostic.ts";
import {
  tellOperation,
  type Drift,
  type GroupPlan,
  type Operation,
  type Orphan,
  type Plan,
  type ToldOperation,
} from "./plan.ts";

export interface Result {
  readonly formatVersion: 1;
  readonly dryRun: boolean;
  /** No error, and no operation failed or was refused. */
  readonly ok: boolean;
  readonly runId: string;
  /** What it is about: the region, an address of its own or `sandbox`; null where that is not settled. */
  readonly environment: string | null;
  /** Whose webhooks; null where that is not settled. */
  readonly owner: string | null;
  readonly summary: Summary;
  readonly operations: readonly Operation[];
  readonly groups: readonly GroupPlan[];
  readonly drift: readonly Drift[];
  readonly orphans: readonly Orphan[];
  readonly unmanaged: number;
  readonly traffic: Traffic;
  /** What this change does and what was pending before it; null without `--base`, or where no plan was come to. */
  readonly base: Base | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** The result as other programs get it. */
export interface ToldResult extends Omit<Result, "operations"> {
  readonly operations: readonly ToldOperation[];
}

export function tellResult(result: Result): ToldResult {
  return { ...result, operations: result.operations.map(tellOperation) };
}

/**
 * Each operation counts once: under its action where it is planned, applied or recovered, under `failed` where
 * it failed or its outcome is unknown, under `skipped` where it was not started.
 */
export interface Summary {
  readonly create: number;
  readonly update: number;
  readonly delete: number;
  readonly adopt: number;
  readonly unchanged: number;
  readonly movedEventTypes: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface Traffic {
  readonly requests: number;
  readonly retries: number;
  /** Time spent waiting for the rate limit, all requests together. */
  readonly throttledMs: number;
}

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
