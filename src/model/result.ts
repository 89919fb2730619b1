// What a command reports, in every outcome: the object that `--output json` prints.
import type { Diagnostic } from "./diagnostic.ts";
import type { Drift, GroupPlan, Operation, Orphan } from "./plan.ts";

export interface Result {
  readonly formatVersion: 1;
  readonly dryRun: boolean;
  /** No error, and no operation failed or was refused. */
  readonly ok: boolean;
  readonly runId: string;
  readonly summary: Summary;
  readonly operations: readonly Operation[];
  readonly groups: readonly GroupPlan[];
  readonly drift: readonly Drift[];
  readonly orphans: readonly Orphan[];
  readonly unmanaged: number;
  readonly traffic: Traffic;
  readonly diagnostics: readonly Diagnostic[];
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
