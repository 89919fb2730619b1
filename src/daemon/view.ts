// What the daemon shows of itself, as data: the API, the figures and the dashboard are functions of it.
import type { Holder } from "../lib/lock.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { ToldResult, Summary } from "../model/result.ts";
import type { Condition } from "./conditions.ts";
import type { DriftNote } from "./drift-log.ts";

export type Phase = "starting" | "standby" | "reconciling" | "waiting" | "backoff" | "stopped";

/** What starts a pass. */
export type Trigger = "start" | "files" | "interval" | "retry" | "signal" | "request" | "git";

export interface DaemonView {
  readonly formatVersion: 1;
  readonly version: string;
  /** ISO 8601, UTC, as all times here. */
  readonly startedAt: string;
  /** `report`: with `--dry-run`, it changes nothing. */
  readonly mode: "apply" | "report";
  readonly phase: Phase;
  /** Who is at work while this one is on standby. */
  readonly holder: Holder | null;
  /** Null while a pass is under way and on standby. */
  readonly nextPassAt: string | null;
  readonly conditions: readonly Condition[];
  readonly lastPass: PassNote | null;
  /** The last passes, newest first, quiet ones left out. */
  readonly history: readonly PassNote[];
  /** How often a webhook that somebody else had changed or deleted was put right, since the start. */
  readonly healed: number;
  readonly passes: number;
  readonly failures: number;
  /** Of the present pass; null between passes. */
  readonly progress: { readonly stage: string; readonly done: number; readonly total: number } | null;
  /** Changes with `result` and `lastChange`: whoever has that of this revision need not ask again. */
  readonly revision: number;
}

/** One pass in short. */
export interface PassNote {
  readonly runId: string;
  readonly triggers: readonly Trigger[];
  readonly finishedAt: string;
  readonly durationMs: number;
  readonly ok: boolean;
  readonly summary: Summary;
  readonly drift: number;
  readonly healed: number;
  /** The first error; null where there is none. */
  readonly error: string | null;
}

/** What `/api/status` adds to the view. */
export interface Shown {
  /** Of the last pass that came to a plan. */
  readonly result: ToldResult | null;
  /** The last pass that changed something. */
  readonly lastChange: { readonly finishedAt: string; readonly result: ToldResult } | null;
  /** Of the last pass, whether or not it came to a plan. */
  readonly diagnostics: readonly Diagnostic[];
  /** Newest first. */
  readonly driftLog: readonly DriftNote[];
}
