// One line of the audit trail.
import type { Action, PatchStep } from "./plan.ts";
import type { WebhookDocument } from "./webhook.ts";

export type AuditEvent =
  | "run.started"
  | "validation.failed"
  | "change.intended"
  | "change.applied"
  | "change.failed"
  | "change.recovered"
  | "run.finished";

/** What the caller knows of an event; the trail adds the rest. */
export interface AuditEntry {
  readonly event: AuditEvent;
  readonly operation: Action | null;
  readonly group: string | null;
  readonly endpoint: string | null;
  readonly webhookId: string | null;
  readonly before: WebhookDocument | null;
  readonly after: WebhookDocument | null;
  readonly patch: readonly PatchStep[] | null;
  /** Null while the outcome is open. */
  readonly success: boolean | null;
  readonly latencyMs: number | null;
  readonly error: string | null;
  /** The manifest the change comes from; null where none is. */
  readonly source: AuditSource | null;
  /** Of an outcome: the `seq` of the intent that it answers, which a later run may do. Null of all else. */
  readonly intent: number | null;
  /**
   * Of an outcome: false where the write was never tried, so that it is no attempt and no failure; null where nobody
   * can tell, as of a run that died. Null of all else.
   */
  readonly attempted: boolean | null;
  /** Of an outcome that answers nothing: its intent could not be looked at, and stays open. Absent of all else. */
  readonly carried?: true;
}

export interface AuditSource {
  readonly file: string;
  readonly line: number;
  /** Git commit of the manifests, `-dirty` behind it where they were edited since; null outside Git. */
  readonly commit: string | null;
}

/** The same for all records of a run. */
export interface AuditRun {
  readonly runId: string;
  /** The region's domain, `sandbox`, or the host of an overridden address. */
  readonly environment: string;
  /** Who and where: a CI run, a git author, or user@host. */
  readonly actor: string;
  /** The run that a rollback takes back; absent of any other run. */
  readonly rollbackOf?: string;
}

export interface AuditRecord extends AuditEntry, AuditRun {
  /** From 1. */
  readonly seq: number;
  /** ISO 8601, UTC, with milliseconds. */
  readonly timestamp: string;
  readonly metrics: Metrics;
  /** The `hash` of the record before; 64 zeros at first. */
  readonly prevHash: string;
  readonly hash: string;
}

/** Counts since the trail began. A write that was on record and never tried counts in none of them. */
export interface Metrics {
  readonly totalAttempts: number;
  readonly successfulRegistrations: number;
  readonly failedRegistrations: number;
  readonly validationFailures: number;
  /** Groups split or re-split by a pass. */
  readonly rebalanceTriggers: number;
  /** Mean time of a write, ms. */
  readonly averageLatency: number;
  /** Percent of the attempts with an outcome. */
  readonly successRate: number;
}
