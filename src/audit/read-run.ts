// One run of a trail: what it changed, what is not known of it, and what came before it and after it.
import type { AuditRecord } from "../model/audit-record.ts";
import { ReconcileError } from "../model/errors.ts";
import type { Kinds } from "../model/kind.ts";
import type { RunChange, RunSource } from "../model/run-changes.ts";
import type { RetryPolicy } from "../model/subscription.ts";
import { readTriggerOptions } from "../model/trigger-options.ts";
import type { WebhookDocument } from "../model/webhook.ts";
import { readEntries, type Entry, type FoundRecord } from "./entries.ts";
import { isIntent, type OpenIntent } from "./history.ts";
import type { TrailFiles } from "./read-trail.ts";

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

/** First to last. Throws ReconcileError `audit/unreadable`. */
export async function listRuns(files: TrailFiles, path: string): Promise<readonly RunSummary[]> {
  const runs = new Map<string, RunSummary>();
  const open = new Map<number, string>();
  for await (const { line, record } of readEntries(files, path, () => undefined)) {
    const { runId, environment, timestamp, actor } = record;
    if (typeof runId !== "string") continue;
    const known = runs.get(runId);
    const [where, startedAt, who] = [environment, timestamp, actor].map(String);
    const first = { runId, environment: where ?? "", startedAt: startedAt ?? "", actor: who ?? "" };
    if (!known) runs.set(runId, { ...first, line, hasChanged: false });
    if (record.event === "change.intended") open.set(Number(record.seq), runId);
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
export async function readRun(
  { files, path, kinds }: { readonly files: TrailFiles; readonly path: string; readonly kinds: Kinds },
  run: RunSummary,
): Promise<Run> {
  const reading: Reading = {
    ...{ run, path, kinds, own: new Set(), changes: new Map(), open: new Map(), later: new Map() },
    ...{ sources: new Map(), firstSeq: 0, commit: null, formerCommit: null },
  };
  for await (const entry of readEntries(files, path, () => undefined)) {
    const { line, record } = entry;
    if (record.environment !== run.environment) continue;
    if (line === run.line) reading.firstSeq = Number(record.seq);
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
  readonly kinds: Kinds;
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

function addIntent(entry: Entry, { own, open, path }: Reading): void {
  const intent = entry.record as AuditRecord;
  if (!isIntent(intent)) throw malformed(path, entry);
  own.add(intent.seq);
  open.set(intent.seq, intent);
}

/** A later run may have recorded what came of this one's intents; this one, of an earlier one's. */
function addOutcome(entry: Entry, reading: Reading): void {
  const { record, line } = entry;
  const { run, own, open, changes, later } = reading;
  const isOwn = own.has(record.intent) || (record.runId === run.runId && typeof record.intent !== "number");
  if (isOwn && record.success !== null) open.delete(Number(record.intent));
  if (record.success !== true) return;
  if (isOwn) fold(changes, changeOf(entry, reading));
  else if (line > run.line && record.runId !== run.runId)
    later.set(String(record.webhookId), String(record.runId));
  if (isOwn || line < run.line) noteSource(record, reading, isOwn);
}

function noteSource(record: FoundRecord, reading: Reading, isOwn: boolean): void {
  const source = sourceOf(record);
  if (!source) return;
  const { file, line, commit } = source;
  if (typeof record.group === "string") reading.sources.set(record.group, { file, line });
  if (isOwn) reading.commit = commit;
  else reading.formerCommit = commit;
}

function isOutcome({ event }: FoundRecord): boolean {
  return event === "change.applied" || event === "change.recovered" || event === "change.failed";
}

function fold(changes: Map<string, RunChange>, change: RunChange): void {
  const first = changes.get(change.webhookId);
  changes.set(change.webhookId, first ? { ...change, before: first.before } : change);
}

function changeOf(entry: Entry, { path, kinds }: Reading): RunChange {
  const { webhookId, group, before, after } = entry.record;
  const [was, became] = [before, after].map((value) => (value === null ? null : documentOf(value, kinds)));
  const isChange = typeof webhookId === "string" && typeof group === "string";
  if (!isChange || was === undefined || became === undefined || (!was && !became))
    throw malformed(path, entry);
  return { webhookId, group, before: was, after: became };
}

function malformed(path: string, { line }: Entry): ReconcileError {
  const message = `line ${line} of ${path} is no whole record of a change`;
  const hint = "`reconcile audit verify` names the first line that was changed";
  return new ReconcileError("audit/malformed", message, { hint });
}

/** What is sent to the platform again, so nothing else is let through; undefined where it is no webhook. */
function documentOf(value: unknown, kinds: Kinds): WebhookDocument | undefined {
  const { name, endpoint, eventTypes, retryPolicy, state, description, trigger } = fieldsOf(value);
  const isText = (found: unknown): found is string => typeof found === "string";
  if (!isText(name) || !isText(endpoint) || !isText(description)) return undefined;
  if (state !== "enabled" && state !== "disabled") return undefined;
  if (!Array.isArray(eventTypes) || !eventTypes.every(isText)) return undefined;
  const key = kinds.of({ endpoint }).options?.key;
  const policy = key === "retryPolicy" ? policyOf(retryPolicy) : null;
  const options = key === "trigger" ? readTriggerOptions(trigger) : null;
  if ((key === "retryPolicy" && !policy) || (key === "trigger" && !options)) return undefined;
  const document: WebhookDocument = {
    ...{ name, endpoint, eventTypes, retryPolicy: policy },
    ...{ state, description },
  };
  return options ? { ...document, trigger: options } : document;
}

function policyOf(value: unknown): RetryPolicy | null {
  const { retryCount, retryInterval, retryOnTimeout } = fieldsOf(value);
  if (typeof retryCount !== "number" || typeof retryInterval !== "string") return null;
  return typeof retryOnTimeout === "boolean" ? { retryCount, retryInterval, retryOnTimeout } : null;
}

function sourceOf({ source }: FoundRecord): (RunSource & { readonly commit: string | null }) | null {
  const { file, line, commit } = fieldsOf(source);
  if (typeof file !== "string" || typeof line !== "number") return null;
  return { file, line, commit: typeof commit === "string" ? commit : null };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
