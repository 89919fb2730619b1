// Decides of each line of a trail, last to first, whether the index is to hold it.
import type { AuditRecord } from "../model/audit-record.ts";
import type { IntentCollector } from "./collect-intents.ts";
import { readAppliedCommit } from "./find-applied-commit.ts";
import { parseRecord } from "./parse-record.ts";
import { endOf, eventOf, runIdOf, seqOf, timeOf, webhookIdOf } from "./raw-keys.ts";
import type { LinePlace, OwnerLine, ResourceLine, ResourceLines } from "./trail-index.ts";

/** The records of one owner in one organisation and environment. */
export interface Whose {
  readonly number: number;
  readonly intents: IntentCollector;
  /** The runs in reach of which a later line was seen. */
  readonly runs: Set<string>;
  /** The ids of resources of which a later line of each sort was seen. */
  readonly written: Set<string>;
  readonly origins: Set<string>;
  readonly drifts: Set<string>;
  /** Whether a later line was seen that names the commit which its run applied. */
  hasCommit: boolean;
}

interface Closing {
  readonly whose: Whose;
  readonly id: string;
  readonly place: LinePlace;
}

export interface Collecting {
  readonly findWhose: (line: Buffer) => string | null;
  readonly whoses: Map<string, Whose>;
  readonly lines: LinePlace[];
  readonly of: Readonly<Record<ResourceLines, ResourceLine[]>>;
  readonly commits: OwnerLine[];
  /** By the seq of an intent that was not seen yet, its final outcome. */
  readonly closings: Map<number, Closing>;
  /** The seqs of intents that a later run carried, and that were not seen yet. */
  readonly carried: Set<number>;
  /** By the id, and by the name, of a deleted resource: the records that say so, one of each owner. */
  readonly deletedIds: Map<string, Map<Whose, LinePlace>>;
  readonly deletedNames: Map<string, Map<Whose, string>>;
  /** Where the lines about resources start that an older index has given. */
  readonly known: Set<number>;
  /** Follows the text of records that name no organisation: which claim came after them, if any did. */
  claim: string;
  newestMs: number;
  isFit: boolean;
}

interface SeenLine {
  readonly place: LinePlace;
  readonly whose: Whose;
  readonly all: Collecting;
}

/** Whether the index is to hold the line; sets `isFit` if the line is not as reconcile writes it. */
export function seeLine(line: Buffer, seen: SeenLine): boolean {
  const { whose, all } = seen;
  const event = eventOf(line) ?? "";
  // A run of one organisation may carry an intent that names none, which is then looked for beyond the reach of its own.
  const isInReach = !whose.intents.isDone() || all.carried.size > 0;
  const isFirstOfRun = isInReach && seeRun(line, { whose, event });
  whose.intents.see(line);
  if (isFirstOfRun) all.newestMs = Math.max(all.newestMs, timeOf(line) || -Infinity);
  const seenInReach = { ...seen, isInReach, isFirstOfRun };
  if (event === "change.intended") return seeIntent(line, seenInReach);
  if (event.startsWith("change.")) return seeChange(line, { ...seenInReach, event });
  if (event === "drift.found") seeDrift(line, seen);
  if (event === "trail.claimed") all.claim = `${claimMark}${seen.place[0]}`;
  return isFirstOfRun || (isInReach && event.startsWith("run.")) || event === "trail.claimed";
}

/** Follows the text of records that name no organisation, before the place of the claim. */
export const claimMark = " claimed at ";

/** Whether no later line of the run was seen. What concerns the trail itself is no part of a run to some readers. */
function seeRun(
  line: Buffer,
  { whose, event }: { readonly whose: Whose; readonly event: string },
): boolean {
  const runId = runIdOf(line) ?? "";
  const isFirst = !whose.runs.has(runId);
  if (!event.startsWith("trail.")) whose.runs.add(runId);
  return isFirst;
}

function seeChange(line: Buffer, seen: SeenInReach & { readonly event: string }): boolean {
  const { all, event, isFirstOfRun } = seen;
  noteCommit(line, seen);
  const isCarry = seeOutcome(line, seen);
  const isLast = event !== "change.failed" && seeWritten(line, seen);
  // A line that is held for another reason still tells of its resource, and so do the lines that settle that.
  if (isCarry || isFirstOfRun) all.lines.push(...deletionsOf(webhookIdOf(line.toString()), all));
  return isCarry || isLast || isFirstOfRun;
}

function noteCommit(line: Buffer, { place, whose, all }: SeenLine): void {
  if (whose.hasCommit || !readAppliedCommit(line)) return;
  whose.hasCommit = true;
  all.commits.push([whose.number, ...place]);
}

interface SeenInReach extends SeenLine {
  /** Whether the line may still tell which intents are open or late. */
  readonly isInReach: boolean;
  readonly isFirstOfRun: boolean;
}

function seeIntent(line: Buffer, { place, whose, all, isInReach, isFirstOfRun }: SeenInReach): boolean {
  const seq = seqOf(line);
  const closing = all.closings.get(seq);
  all.closings.delete(seq);
  all.carried.delete(seq);
  // An edited line may count as open, or not, for what its other keys say.
  if (isInReach) {
    const parsed = parseRecord(line.toString());
    if (!parsed.ok || parsed.record.seq !== seq) all.isFit = false;
  }
  if (closing?.whose === whose && !isFirstOfRun) return false;
  // A run of one organisation may have closed an intent that names none.
  if (closing) all.lines.push(closing.place, ...deletionsOf(closing.id, all), place);
  return isInReach;
}

function seeOutcome(line: Buffer, { place, whose, all, isInReach }: SeenInReach): boolean {
  const { intent, isFinal, isCarried } = endOf(line);
  // Outcomes of older versions name no intent, and close none.
  if (Number.isNaN(intent)) return false;
  const closing = all.closings.get(intent);
  if (isFinal) {
    if (!closing) all.closings.set(intent, { whose, id: webhookIdOf(line.toString()), place });
    return closing !== undefined;
  }
  if (!isCarried || !isInReach || closing?.whose === whose) return false;
  all.carried.add(intent);
  return true;
}

/** Whether the line is the last record of its resource and leaves it live. */
function seeWritten(line: Buffer, { place, whose, all }: SeenLine): boolean {
  const text = line.toString();
  const id = webhookIdOf(text);
  const { written, origins } = whose;
  if (id === "" || (written.has(id) && origins.has(id))) return false;
  const parsed = parseRecord(text);
  all.isFit &&= parsed.ok && parsed.record.webhookId === id;
  if (!parsed.ok || !all.isFit) return false;
  const { record } = parsed;
  const isDeletion = record.after === null;
  if (isDeletion && record.operation !== "delete") return false;
  noteOrigin(record, { id, isDeletion }, { place, whose, all });
  if (written.has(id)) return false;
  written.add(id);
  if (!isDeletion) all.lines.push(...findDeletions(record, id, all));
  else {
    note(all.deletedIds, id, [whose, place]);
    if (record.before) note(all.deletedNames, record.before.name, [whose, id]);
  }
  return !isDeletion;
}

/** What precedes a deletion is left out, so only a search of the whole trail can tell from where its resource was written. */
function noteOrigin(
  { rollbackOf }: AuditRecord,
  { id, isDeletion }: { readonly id: string; readonly isDeletion: boolean },
  { place, whose, all }: SeenLine,
): void {
  const line: ResourceLine = [whose.number, id, ...place];
  if (isDeletion && !all.known.has(place[0])) all.of.deleted.push(line);
  const isOrigin = !isDeletion && rollbackOf === undefined;
  if (isOrigin && !whose.origins.has(id)) all.of.origins.push(line);
  if (isDeletion || isOrigin) whose.origins.add(id);
}

function note<T>(found: Map<string, Map<Whose, T>>, text: string, entry: [Whose, T]): void {
  found.set(text, new Map([...(found.get(text) ?? []), entry]));
}

/**
 * A resource is not missed if one owner's record says that it was deleted, though another's wrote it before; nor if a later one
 * of its name was deleted. So the lines of these deletions belong to its own.
 */
function findDeletions({ after }: AuditRecord, id: string, all: Collecting): readonly LinePlace[] {
  const ofName = [...(all.deletedNames.get(after?.name ?? "")?.values() ?? [])];
  return [id, ...ofName].flatMap((one) => deletionsOf(one, all));
}

function deletionsOf(id: string, { deletedIds }: Collecting): readonly LinePlace[] {
  return [...(deletedIds.get(id)?.values() ?? [])];
}

function seeDrift(line: Buffer, { place, whose, all }: SeenLine): void {
  const text = line.toString();
  const id = webhookIdOf(text);
  if (whose.written.has(id) || whose.drifts.has(id)) return;
  const parsed = parseRecord(text);
  if (!parsed.ok || parsed.record.webhookId !== id) all.isFit = false;
  whose.drifts.add(id);
  all.of.drifts.push([whose.number, id, ...place]);
}
