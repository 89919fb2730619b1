// One run of a trail: what it changed, what is not known of it, and what came before it and after it.
import type { AuditRecord } from "../model/audit-record.ts";
import { ReconcileError } from "../model/errors.ts";
import type { RunChange, RunSource } from "../model/run-changes.ts";
import { isIntent, type OpenIntent } from "./history.ts";
import { decodeLine } from "./lines.ts";
import { parseRecord } from "./parse-record.ts";
import { readLines, type TrailFiles } from "./read-trail.ts";

/** A run as one line of a list. */
export interface RunSummary {
  readonly runId: string;
  readonly environment: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly actor: string;
  /** Of its first record. */
  readonly line: number;
  /** It changed something, or may have. */
  readonly hasChanged: boolean;
}

/** First to last. Throws ReconcileError `audit/unreadable`, `audit/malformed`. */
export async function listRuns(files: TrailFiles, path: string): Promise<readonly RunSummary[]> {
  const runs = new Map<string, RunSummary>();
  const open = new Map<number, string>();
  for await (const { line, record } of readRecords(files, path)) {
    const { runId, environment, timestamp: startedAt, actor } = record;
    if (!runs.has(runId))
      runs.set(runId, { runId, environment, startedAt, actor, line, hasChanged: false });
    if (record.event === "change.intended") open.set(record.seq, runId);
    const by = isOutcome(record) ? (open.get(Number(record.intent)) ?? runId) : null;
    if (by === null) continue;
    if (record.success !== null) open.delete(Number(record.intent));
    const run = runs.get(by);
    if (run && record.success === true) runs.set(by, { ...run, hasChanged: true });
  }
  const unsure = new Set(open.values());
  return [...runs.values()].map((run) => (unsure.has(run.runId) ? { ...run, hasChanged: true } : run));
}

export interface Run extends RunSummary {
  /** The seq of its first record. */
  readonly firstSeq: number;
  /** By webhook, in the order of its first writes. */
  readonly changes: readonly RunChange[];
  /** Intents of its own whose outcome is not known. */
  readonly open: readonly OpenIntent[];
  /** By webhook id, the run that wrote it last after this one. */
  readonly later: ReadonlyMap<string, string>;
  /** By group, the manifest that it came from last, up to this run. */
  readonly sources: ReadonlyMap<string, RunSource>;
  /** Of the manifests that it applied, as the records have it; null where they do not. */
  readonly commit: string | null;
  /** The same of the last run before it that changed something here. */
  readonly formerCommit: string | null;
}

/** The second reading, for one run of the list. Throws ReconcileError `audit/unreadable`, `audit/malformed`. */
export async function readRun(files: TrailFiles, path: string, run: RunSummary): Promise<Run> {
  const reading: Reading = {
    ...{ run, path, own: new Set(), changes: new Map(), open: new Map(), later: new Map() },
    ...{ sources: new Map(), firstSeq: 0, commit: null, formerCommit: null },
  };
  for await (const entry of readRecords(files, path)) {
    const { line, record } = entry;
    if (record.environment !== run.environment) continue;
    if (line === run.line) reading.firstSeq = record.seq;
    if (record.event === "change.intended" && record.runId === run.runId) addIntent(entry, reading);
    if (isOutcome(record)) addOutcome(entry, reading);
  }
  const { firstSeq, changes, open, later, sources, commit, formerCommit } = reading;
  return {
    ...run,
    ...{ firstSeq, changes: [...changes.values()], open: [...open.values()], later, sources },
    ...{ commit, formerCommit },
  };
}

interface Reading {
  readonly run: RunSummary;
  readonly path: string;
  /** The seqs of the run's intents. */
  readonly own: Set<unknown>;
  readonly changes: Map<string, RunChange>;
  readonly open: Map<number, OpenIntent>;
  readonly later: Map<string, string>;
  readonly sources: Map<string, RunSource>;
  firstSeq: number;
  commit: string | null;
  formerCommit: string | null;
}

function addIntent({ record }: Numbered, { own, open }: Reading): void {
  if (!isIntent(record)) return;
  own.add(record.seq);
  open.set(record.seq, record);
}

/** A later run may have recorded what came of this one's intents; this one, of an earlier one's. */
function addOutcome(entry: Numbered, reading: Reading): void {
  const { record, line } = entry;
  const { run, own, open, changes, later, path } = reading;
  const isOwn = own.has(record.intent) || (record.runId === run.runId && typeof record.intent !== "number");
  if (isOwn && record.success !== null) open.delete(Number(record.intent));
  if (record.success !== true) return;
  if (isOwn) fold(changes, changeOf(entry, path));
  else if (line > run.line && record.runId !== run.runId && record.webhookId !== null)
    later.set(record.webhookId, record.runId);
  if (isOwn || line < run.line) noteSource(record, reading, isOwn);
}

function noteSource({ source, group }: AuditRecord, reading: Reading, isOwn: boolean): void {
  if (!source) return;
  const { file, line, commit } = source;
  if (group !== null) reading.sources.set(group, { file, line });
  if (isOwn) reading.commit = commit;
  else reading.formerCommit = commit;
}

function isOutcome({ event }: AuditRecord): boolean {
  return event === "change.applied" || event === "change.recovered" || event === "change.failed";
}

function fold(changes: Map<string, RunChange>, change: RunChange): void {
  const first = changes.get(change.webhookId);
  changes.set(change.webhookId, first ? { ...change, before: first.before } : change);
}

function changeOf({ line, record }: Numbered, path: string): RunChange {
  const { webhookId, group, before, after } = record;
  if (webhookId === null) throw malformed(path, line, "webhookId is null where a write succeeded");
  if (group === null || (!before && !after))
    throw malformed(path, line, "before and after are both null where a write succeeded");
  return { webhookId, group, before, after };
}

interface Numbered {
  /** From 1. */
  readonly line: number;
  readonly record: AuditRecord;
}

/** What a run is told by is sent to the platform again: a line that cannot be believed ends the reading. */
async function* readRecords(files: TrailFiles, path: string): AsyncGenerator<Numbered> {
  let line = 0;
  for await (const bytes of readLines(files, path)) {
    line += 1;
    const parsed = parseRecord(bytes === null ? "" : (decodeLine(bytes) ?? ""));
    if (!parsed.ok) throw malformed(path, line, parsed.fault);
    yield { line, record: parsed.record };
  }
}

/** `fault`: what is wrong with it, in words. */
export function malformed(path: string, line: number, fault: string): ReconcileError {
  const message = `line ${line} of ${path} is no whole record of a change`;
  const hint = `${fault}: restore the trail from a sound copy, or take the change back in Git and sync`;
  return new ReconcileError("audit/malformed", message, { hint });
}
