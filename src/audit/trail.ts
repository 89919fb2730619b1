// Writes the trail: it seals records in the order of the calls, and each call returns once its record is on disk.
import type { Clock } from "../lib/clock.ts";
import type { AppendFile, Files } from "../lib/files.ts";
import { followOwnChanges, type OwnChanges } from "../lib/own-changes.ts";
import type {
  AuditEntry,
  AuditRecord,
  AuditRun,
  Claims,
  Continued,
  Metrics,
} from "../model/audit-record.ts";
import { invariant, type ReconcileError } from "../model/errors.ts";
import { maxLineBytes } from "./lines.ts";
import { emptyMetrics, nextMetrics } from "./metrics.ts";
import type { Mark } from "./find-start.ts";
import type { HeldLease } from "../state/state.ts";
import type { Head } from "./record.ts";
import type { CheckedTrail } from "./require-trail.ts";
import { appendBatch } from "./append-batch.ts";
import { runEntry } from "./run-entry.ts";
import { firstStatement, sealEntry } from "./seal-entry.ts";
import { readTail, trailMode, type Tail } from "./tail.ts";
import { idIn, withOwn } from "./trail-identity.ts";
import { continueAfter, findContinued, renameClosed } from "./turn-page.ts";
import { takenOver, tooLong, writtenByAnother } from "./trail-errors.ts";
import { unwritable } from "./unwritable.ts";
import { followOwn } from "./walk-chain.ts";

export interface TrailOptions {
  readonly files: Files;
  readonly clock: Clock;
  readonly path: string;
  readonly run: AuditRun;
  /** The key that signs the records, from `RECONCILE_AUDIT_KEY`. */
  readonly key?: string;
  /** The check of the trail before this run, whose first record states the unproven part. Tests may leave it out. */
  readonly checked?: Pick<CheckedTrail, "mark" | "accepted"> & Partial<Pick<CheckedTrail, "files">>;
  /** The last applied commit, if the run goes back to an older one; its first record states it. */
  readonly olderThan?: AuditRecord["olderThan"] | undefined;
  /** The archive with the records before this trail; its first record states it. */
  readonly archive?: AuditRecord["archive"];
  /** The figures from which the run goes on; if absent, those of the last record. */
  readonly metrics?: Metrics;
  /** Called before each write to the file; false if another run may have taken over the lock, and with it the chain. */
  readonly mayAppend?: () => Promise<boolean>;
  /** Appends the records to a shared store, of whose trail the file is a copy; absent if the file is the trail itself. */
  readonly store?: HeldLease["append"];
  /** Resolves once no more records are about to come, so that one append serves them all; absent if none waits for others. */
  readonly gather?: () => Promise<void>;
}

/** What only some records have. */
interface MoreOfEntry {
  readonly rebalancedGroups?: number;
  readonly claims?: Claims;
}

export interface Trail {
  /**
   * Resolves once the record is on disk (fsync), in the order of the calls. `rebalancedGroups` is the number of groups that
   * the pass split or split again. Throws ReconcileError `audit/unwritable` or `audit/takenOver`; then this trail takes no
   * more records, because what is on disk is unknown, or belongs to another run. Throws `audit/recordTooLong` for one
   * record, and takes others.
   */
  append(entry: AuditEntry, more?: MoreOfEntry): Promise<AuditRecord>;
  /** The seq and hash of the last record that is on disk. */
  head(): Head;
  /**
   * The proven part of the trail, with this run's records that are on disk; null if the records before them are not proven,
   * or if the content of the disk is unknown.
   */
  mark(): Mark | null;
  /** What the disk says of the trail's files; null if that is not known, or if another process changed one meanwhile. */
  files(): readonly string[] | null;
  /** Faults of the trail that were found when it was opened, for the user to read. */
  readonly notices: readonly string[];
  /** Waits for the records under way. */
  close(): Promise<void>;
}

/**
 * Opens the trail for a run, makes it and its folder if they are missing, and repairs a torn end. If its file is closed, the
 * trail goes on in a new one. Throws ReconcileError `audit/unwritable`, `audit/takenOver` or `audit/notATrail`, before the run has changed anything.
 */
export async function openTrail(options: TrailOptions): Promise<Trail> {
  try {
    let opened = await openFile(options);
    if (opened.tail.closedAt !== null && !options.store) {
      await opened.file.close();
      await renameClosed(options, options.path, opened.tail.closedAt);
      opened = await openFile(options);
    }
    return await beginIn(opened, options);
  } catch (error) {
    throw unwritable(options.path, error);
  }
}

interface OpenedFile {
  readonly file: AppendFile;
  readonly tail: Tail;
}

async function openFile(options: TrailOptions): Promise<OpenedFile> {
  const { files, path, mayAppend = always } = options;
  const file = await files.openAppend(path, trailMode);
  try {
    // A line that looks torn may be one that another run is still writing.
    if (!(await mayAppend())) throw takenOver(path);
    return { file, tail: await readTail(file, { files, path, metrics: emptyMetrics }) };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** A new file after a closed one begins with a record that names that one; a shared store keeps both as one. */
async function beginIn({ file, tail }: OpenedFile, options: TrailOptions): Promise<Trail> {
  const { files, path, checked, store } = options;
  try {
    const before =
      tail.head.seq === 0
        ? await findContinued(files, path)
        : store && tail.closedAt !== null
          ? { continues: continueAfter(path, tail.closedAt, tail.head), metrics: tail.metrics }
          : null;
    const last: Tail = before
      ? { ...tail, head: before.continues, metrics: before.metrics ?? tail.metrics }
      : tail;
    const from = { ...last, metrics: options.metrics ?? last.metrics };
    const due = checked && headOf(checked);
    if (due && due.hash !== from.head.hash) throw writtenByAnother(path);
    // Only now is it known to be a trail. Others may have been able to read it, as after a copy.
    const changes = followOwnChanges(file, idIn(checked?.files, path));
    await changes.make(() => file.setMode(trailMode), 0);
    const trail = continueTrail(file, from, { ...options, changes, continues: before?.continues ?? null });
    if (before) await trail.append({ ...runEntry, event: "trail.continued" });
    return trail;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The head that the run continues from: proven, or accepted by a person. */
function headOf({ mark, accepted }: NonNullable<TrailOptions["checked"]>): Head | undefined {
  return accepted?.found ?? mark?.proven.head;
}

const always = (): Promise<boolean> => Promise.resolve(true);

interface Waiting {
  readonly record: AuditRecord;
  readonly line: string;
  readonly resolve: (record: AuditRecord) => void;
  readonly reject: (error: ReconcileError) => void;
}

interface OpenedOptions extends TrailOptions {
  readonly changes: OwnChanges;
  readonly continues: Continued | null;
}

function continueTrail(file: AppendFile, tail: Tail, options: OpenedOptions): Trail {
  const { path, key, mayAppend = always, store, gather, changes } = options;
  const digest = options.checked?.mark?.digest;
  let proven = options.checked?.mark?.proven;
  let first = firstStatement(options);
  let { head: sealed, metrics, sizeBytes } = tail;
  const closedBytes = (proven?.sizeBytes ?? 0) - sizeBytes;
  let onDisk = tail.head;
  let waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;
  let failure: ReconcileError | undefined;
  let isClosed = false;

  /** One write and one fsync serve all records that came while the write before was under way. */
  const writeWaiting = async (): Promise<void> => {
    while (waiting.length > 0) {
      if (gather) await gather();
      const batch = waiting;
      waiting = [];
      try {
        sizeBytes = await appendBatch(batch, file, { path, mayAppend, store, sizeBytes, changes });
      } catch (error) {
        failure = unwritable(path, error);
        for (const { reject } of [...batch, ...waiting]) reject(failure);
        waiting = [];
        break;
      }
      for (const { record, line, resolve } of batch) {
        onDisk = { seq: record.seq, hash: record.hash };
        if (proven)
          proven = followOwn(proven, {
            record,
            isSigned: key !== undefined,
            sizeBytes: closedBytes + sizeBytes,
          });
        digest?.update(line);
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
      const stated = { ...entry, ...first, ...(more.claims ? { claims: more.claims } : {}) };
      const { record, line } = sealEntry(stated, { ...options, previous: sealed, metrics: nextTotals });
      if (Buffer.byteLength(line) > maxLineBytes) throw tooLong(path);
      first = {};
      sealed = { seq: record.seq, hash: record.hash };
      metrics = nextTotals;
      waiting.push({ record, line, resolve, reject });
      writing ??= writeWaiting();
    });

  const close = async (): Promise<void> => {
    isClosed = true;
    await writing;
    // Every record that `append` confirmed is synced already, so an error here would only hide what the run did.
    await file.close().catch(() => undefined);
  };

  const mark = (): Mark | null => (proven && digest && !failure ? { proven, digest } : null);

  const files: Trail["files"] = () => withOwn(options.checked?.files, path, changes.last());

  return { append, head: () => onDisk, mark, files, notices: tail.notices, close };
}
