// The state that the daemon shows, as data. The API, the figures and the dashboard are made from it.
import type { Head } from "../audit/record.ts";
import type { LockHolder } from "../lib/lock-file.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { ToldResult, Summary } from "../model/result.ts";
import type { Condition } from "./conditions.ts";
import type { DriftNote } from "./drift-log.ts";

export type Phase = "starting" | "standby" | "reconciling" | "waiting" | "backoff" | "stopped";

/** The events that wake the daemon for a pass. The API lists these as `triggers`. */
export type WakeReason = "start" | "files" | "interval" | "retry" | "signal" | "request" | "git";

export interface DaemonView {
  readonly formatVersion: 1;
  readonly version: string;
  /** In ISO 8601, UTC, as all times here. */
  readonly startedAt: string;
  /** `report`: the daemon runs with `--dry-run` and changes nothing. */
  readonly mode: "apply" | "report";
  readonly phase: Phase;
  /** The daemon at work, which holds the daemons' lease: this one, or another while this one is on standby. */
  readonly holder: LockHolder | null;
  /** Null during a pass, and on standby. */
  readonly nextPassAt: string | null;
  readonly conditions: readonly Condition[];
  readonly lastPass: PassNote | null;
  /** The last passes that changed something, failed or found drift, newest first. */
  readonly history: readonly PassNote[];
  /** How often, since the start, a resource that someone else had changed or deleted was put right. */
  readonly healed: number;
  readonly passes: number;
  readonly failures: number;
  /** The trail's last record when the last pass had ended, proven or not; null if there was none. */
  readonly head: Head | null;
  /** Progress of the current pass; null between passes. */
  readonly progress: { readonly stage: string; readonly done: number; readonly total: number } | null;
  /** Grows with each pass: a client that has the results of this revision need not fetch them again. */
  readonly revision: number;
}

/** A summary of one pass. */
export interface PassNote {
  readonly runId: string;
  readonly triggers: readonly WakeReason[];
  readonly finishedAt: string;
  readonly durationMs: number;
  readonly ok: boolean;
  readonly summary: Summary;
  readonly drift: number;
  readonly healed: number;
  /** The first error; null if there is none. */
  readonly error: string | null;
}

/** The results of passes, which `/api/status` adds to the view. */
export interface PassResults {
  /** The result of the last pass that made a plan. */
  readonly result: ToldResult | null;
  /** The last pass that changed something. */
  readonly lastChange: { readonly finishedAt: string; readonly result: ToldResult } | null;
  /** The diagnostics of the last pass, whether or not it made a plan. */
  readonly diagnostics: readonly Diagnostic[];
  /** Newest first. */
  readonly driftLog: readonly DriftNote[];
}
