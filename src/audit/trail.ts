// The trail on disk: records are sealed in the order of the calls, and each call returns once its record is safe.
import type { Clock } from "../lib/clock.ts";
import type { AppendFile, Files } from "../lib/files.ts";
import type { AuditEntry, AuditRecord, AuditRun, Metrics } from "../model/audit-record.ts";
import { invariant, ReconcileError } from "../model/errors.ts";
import { maxLineBytes } from "./lines.ts";
import { emptyMetrics, nextMetrics } from "./metrics.ts";
import { formatRecord, sealRecord, type Head } from "./record.ts";
import { readTail, trailMode, type Tail } from "./tail.ts";
import { unwritable } from "./unwritable.ts";

/** An error text beyond this, such as every fault of a thousand manifests, is cut: the console has it whole. */
const maxErrorLength = 16_384;

export interface TrailOptions {
  readonly files: Files;
  readonly clock: Clock;
  readonly path: string;
  readonly run: AuditRun;
  /** Signs the records: `RECONCILE_AUDIT_KEY`. */
  readonly key?: string;
  /** Where the figures of a new trail start; at nothing, where left out. */
  readonly metrics?: Metrics;
  /** Asked before each write to the file: false where another run may have followed, whose chain it is by then. */
  readonly mayAppend?: () => Promise<boolean>;
}

export interface Trail {
  /**
   * Resolves once the record is on disk (fsync), in the order of the calls. `rebalancedGroups`: how many groups
   * the pass split or split again. Throws ReconcileError `audit/unwritable` or `audit/takenOver`; then this trail
   * takes no more records: what is on disk is unknown after a failed write, or another run's. Of one record alone
   * `audit/recordTooLong`.
   */
  append(entry: AuditEntry, more?: { readonly rebalancedGroups?: number }): Promise<AuditRecord>;
  /** The last record that is on disk. */
  head(): Head;
  /** What was wrong with the trail when it was opened, for the user to read. */
  readonly notices: readonly string[];
  /** Waits for the records under way. */
  close(): Promise<void>;
}

/**
 * Opens the trail for a run, making it and its folder where they are missing, and heals a torn end. Throws
 * ReconcileError `audit/unwritable`, `audit/takenOver` or `audit/notATrail`, before the run has changed anything.
 */
export async function openTrail(options: TrailOptions): Promise<Trail> {
  const { files, path, key, metrics = emptyMetrics, mayAppend = always } = options;
  try {
    const file = await files.openAppend(path, trailMode);
    try {
      // What looks torn may be what another run is writing.
      if (!(await mayAppend())) throw takenOver(path);
      return startTrail(file, await readTail(file, { files, path, key, metrics }), options);
    } catch (error) {
      await file.close();
      throw error;
    }
  } catch (error) {
    throw unwritable(path, error);
  }
}

const always = (): Promise<boolean> => Promise.resolve(true);

interface Waiting {
  readonly record: AuditRecord;
  readonly line: string;
  readonly resolve: (record: AuditRecord) => void;
  readonly reject: (error: ReconcileError) => void;
}

function startTrail(file: AppendFile, tail: Tail, options: TrailOptions): Trail {
  const { path, mayAppend = always } = options;
  let { head: sealed, metrics, sizeBytes } = tail;
  let onDisk = tail.head;
  let waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;
  let failure: ReconcileError | undefined;
  let isClosed = false;

  /** One write and one fsync for all that came while the ones before were under way. */
  const writeWaiting = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        if (!(await mayAppend())) throw takenOver(path);
        if ((await file.sizeBytes()) !== sizeBytes) throw writtenByAnother(path);
        const text = batch.map(({ line }) => line).join("");
        await file.append(text);
        await file.sync();
        sizeBytes += Buffer.byteLength(text);
      } catch (error) {
        failure = unwritable(path, error);
        for (const { reject } of [...batch, ...waiting]) reject(failure);
        waiting = [];
        break;
      }
      for (const { record, resolve } of batch) {
        onDisk = { seq: record.seq, hash: record.hash };
        resolve(record);
      }
    }
    writing = undefined;
  };

  const append: Trail["append"] = (entry, more = {}) =>
    new Promise((resolve, reject) => {
      invariant(!isClosed, "a record is appended to a closed trail");
      if (failure) throw failure;
      const nextTotals = nextMetrics(metrics, entry, more.rebalancedGroups);
      const record = seal(entry, { previous: sealed, metrics: nextTotals, options });
      const line = formatRecord(record);
      if (Buffer.byteLength(line) > maxLineBytes) throw tooLong(path);
      sealed = { seq: record.seq, hash: record.hash };
      metrics = nextTotals;
      waiting.push({ record, line, resolve, reject });
      writing ??= writeWaiting();
    });

  const close = async (): Promise<void> => {
    isClosed = true;
    await writing;
    // All that was promised is synced already: an error here would only hide what the run did.
    await file.close().catch(() => undefined);
  };

  return { append, head: () => onDisk, notices: tail.notices, close };
}

interface Sealing {
  readonly previous: Head;
  readonly metrics: Metrics;
  readonly options: TrailOptions;
}

function seal(entry: AuditEntry, { previous, metrics, options }: Sealing): AuditRecord {
  const { clock, run, key } = options;
  const content = {
    ...entry,
    ...run,
    seq: previous.seq + 1,
    timestamp: new Date(clock.now()).toISOString(),
    error: entry.error === null ? null : shorten(entry.error),
    metrics,
    prevHash: previous.hash,
  };
  return sealRecord(content, key);
}

function shorten(text: string): string {
  const surplus = text.length - maxErrorLength;
  return surplus <= 0 ? text : `${text.slice(0, maxErrorLength)}… (${surplus} more characters)`;
}

/** Two writers would fork the chain, so the second one to notice stops. */
function writtenByAnother(path: string): ReconcileError {
  return new ReconcileError(
    "audit/unwritable",
    `the audit trail ${path} grew or shrank while this run was writing it`,
    { hint: "let one process at a time write it: give each state directory its own audit.file" },
  );
}

/** Whoever follows closes what is open by looking: an outcome that came as well would answer an intent twice. */
function takenOver(path: string): ReconcileError {
  return new ReconcileError(
    "audit/takenOver",
    `this run may have been followed by another one, so it records nothing more in ${path}`,
    { hint: "the next run looks what became of the writes without an outcome, and records that" },
  );
}

function tooLong(path: string): ReconcileError {
  return new ReconcileError(
    "audit/recordTooLong",
    `a record for ${path} is longer than ${maxLineBytes / 1024 / 1024} MiB, so the change was not recorded`,
    { hint: "shorten the webhook's description on the platform" },
  );
}
