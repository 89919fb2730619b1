// Reads one run from a trail: its changes, its open intents, and the records before and after it that a rollback needs.
import type { AuditRecord } from "../model/audit-record.ts";
import { fitsKind } from "../model/document.ts";
import { ReconcileError } from "../model/errors.ts";
import type { Kinds } from "../model/kind.ts";
import type { Organization } from "../model/organization.ts";
import type { RunChange, RunSource } from "../model/run-changes.ts";
import { isIntent, type OpenIntent } from "./open-intent.ts";
import { makeBelonging, type Belonging, type Whose } from "./belongs.ts";
import { findClaimed } from "./find-claimed.ts";
import { bufferOf, decodeLine } from "./lines.ts";
import { isOutcome, parseRecord } from "./parse-record.ts";
import { readLines, type Place } from "./read-trail.ts";
import { findTrailParts, type TrailFiles } from "./trail-parts.ts";

/** A run of the trail, without its changes. */
export interface RunSummary {
  readonly runId: string;
  readonly environment: string;
  /** Whose it is, by its first record. */
  readonly belonging: Belonging;
  /** The organisation that its first record names, and the owner; null if it names none. */
  readonly organization: Organization | null;
  readonly owner: string | null;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly actor: string;
  /** The line of its first record, counted over all files of the trail. */
  readonly line: number;
  /** Where that line stands. */
  readonly place: Place;
  /** True if it changed something, or may have. */
  readonly hasChanged: boolean;
}

/** Lists the runs, first to last. Throws ReconcileError `audit/unreadable`, `audit/malformed`. */
export async function listRuns(
  files: TrailFiles,
  path: string,
  whose: Whose,
): Promise<readonly RunSummary[]> {
  const runs = new Map<string, RunSummary>();
  const open = new Map<number, string>();
  const belonging = makeBelonging(whose, { claimedBefore: await findClaimed(files, path, whose) });
  for await (const { line, place, record, bytes } of readRecords(files, path)) {
    const { runId, environment, timestamp: startedAt, actor } = record;
    if (!runs.has(runId)) {
      const { owner = null, organization = null } = record;
      const of = { belonging: belonging(bytes), owner, organization };
      runs.set(runId, { runId, environment, ...of, startedAt, actor, line, place, hasChanged: false });
    }
    if (record.event === "change.intended") open.set(record.seq, runId);
    const by = isOutcome(record.event) ? (open.get(Number(record.intent)) ?? runId) : null;
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
  /** One change for each webhook, in the order of the webhooks' first writes. */
  readonly changes: readonly RunChange[];
  /** Its own intents whose outcome is not known. */
  readonly open: readonly OpenIntent[];
  /** By webhook id, the run that wrote it last after this one. */
  readonly later: ReadonlyMap<string, string>;
  /** By group, the last manifest that it came from, up to this run. */
  readonly sources: ReadonlyMap<string, RunSource>;
  /** The commit of the manifests that it applied, from its records; null if they hold none. */
  readonly commit: string | null;
  /** The commit that the last run before it applied, if that run changed something here. */
  readonly formerCommit: string | null;
  /** The run that it took back; null if it is no rollback. */
  readonly rollbackOf: string | null;
}

/** Reads one run of the list in full. Throws ReconcileError `audit/unreadable`, `audit/malformed`. */
export async function readRun(
  { files, path, kinds }: { readonly files: TrailFiles; readonly path: string; readonly kinds: Kinds },
  run: RunSummary,
): Promise<Run> {
  const reading: RunReading = {
    ...{ run, kinds, own: new Set(), changes: new Map(), open: new Map(), later: new Map() },
    ...{ sources: new Map(), firstSeq: 0, commit: null, formerCommit: null, rollbackOf: null },
  };
  for await (const entry of readRecords(files, path)) {
    const { line, record } = entry;
    if (record.environment !== run.environment || isOfOther(record, run)) continue;
    if (line === run.line) reading.firstSeq = record.seq;
    if (record.event === "change.intended" && record.runId === run.runId) addIntent(entry, reading);
    if (isOutcome(record.event)) addOutcome(entry, reading);
  }
  const { firstSeq, changes, open, later, sources, commit, formerCommit, rollbackOf } = reading;
  return {
    ...run,
    ...{ firstSeq, changes: [...changes.values()], open: [...open.values()], later, sources },
    ...{ commit, formerCommit, rollbackOf },
  };
}

/** Whether a record names another owner or organisation than the run. */
function isOfOther({ owner, organization }: AuditRecord, run: RunSummary): boolean {
  const isOther = (found: string | null | undefined, its: string | null): boolean =>
    (found ?? null) !== null && its !== null && found !== its;
  return isOther(owner, run.owner) || isOther(organization?.id, run.organization?.id ?? null);
}

interface RunReading {
  readonly run: RunSummary;
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
  rollbackOf: string | null;
}

function addIntent({ record }: Numbered, { own, open }: RunReading): void {
  if (!isIntent(record)) return;
  own.add(record.seq);
  open.set(record.seq, record);
}

/** A later run may have recorded outcomes of this run's intents, and this run may have recorded those of an earlier one. */
function addOutcome(entry: Numbered, reading: RunReading): void {
  const { record, line } = entry;
  const { run, own, open, changes, later } = reading;
  const isOwn = own.has(record.intent) || (record.runId === run.runId && typeof record.intent !== "number");
  if (isOwn && record.success !== null) open.delete(Number(record.intent));
  if (record.success !== true) return;
  if (isOwn) reading.rollbackOf = record.rollbackOf ?? null;
  if (isOwn) fold(changes, changeOf(entry, reading));
  else if (line > run.line && record.runId !== run.runId && record.webhookId !== null)
    later.set(record.webhookId, record.runId);
  if (isOwn || line < run.line) noteSource(record, reading, isOwn);
}

function noteSource({ source, group }: AuditRecord, reading: RunReading, isOwn: boolean): void {
  if (!source) return;
  const { file, line, commit } = source;
  if (group !== null) reading.sources.set(group, { file, line, commit });
  if (isOwn) reading.commit = commit;
  else reading.formerCommit = commit;
}

function fold(changes: Map<string, RunChange>, change: RunChange): void {
  const first = changes.get(change.webhookId);
  changes.set(change.webhookId, first ? { ...change, before: first.before } : change);
}

function changeOf({ place, record }: Numbered, { kinds }: RunReading): RunChange {
  const { webhookId, group, before, after } = record;
  if (webhookId === null) throw malformed(place, "webhookId is null where a write succeeded");
  if (!before && !after) throw malformed(place, "before and after are both null where a write succeeded");
  for (const [key, document] of Object.entries({ before, after }))
    if (document && !fitsKind(document, kinds.of(document)))
      throw malformed(place, `${key} does not have the options that go with its endpoint`);
  return { webhookId, group, before, after };
}

interface Numbered {
  /** From 1, counted over all files of the trail. */
  readonly line: number;
  readonly place: Place;
  readonly record: AuditRecord;
  /** Its line, without the newline. */
  readonly bytes: Buffer;
}

/** A rollback sends what these records hold to the platform, so the reading throws at the first line that is not sound. */
async function* readRecords(files: TrailFiles, path: string): AsyncGenerator<Numbered> {
  const parts = [...(await findTrailParts(files, path))];
  let [line, bytesLeft] = [0, 0];
  let place: Place = { file: path, line: 0 };
  for await (const bytes of readLines(files, path)) {
    line += 1;
    place = { ...place, line: place.line + 1 };
    if (bytesLeft <= 0) {
      const { path: file, sizeBytes } = parts.shift() ?? { path, sizeBytes: Infinity };
      place = { file, line: 1 };
      // The trail may grow meanwhile.
      bytesLeft = parts.length === 0 ? Infinity : sizeBytes;
    }
    bytesLeft -= (bytes?.length ?? 0) + 1;
    const parsed = parseRecord(bytes === null ? "" : (decodeLine(bytes) ?? ""));
    if (!parsed.ok) throw malformed(place, parsed.fault);
    yield { line, place, record: parsed.record, bytes: bufferOf(bytes ?? new Uint8Array()) };
  }
}

/** `fault` is a text such as `after.retryPolicy is not an object`. */
export function malformed({ file, line }: Place, fault: string): ReconcileError {
  const message = `line ${line} of ${file} is not a valid audit record`;
  const hint = `${fault}: restore the trail from a sound copy, or take the change back in Git and sync`;
  return new ReconcileError("audit/malformed", message, { hint });
}
