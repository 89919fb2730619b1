// Collects the index of a trail from its end backwards. A line that is left out of it changes nothing of what the readers of
// `readNeeded` find, whatever is appended to the trail later. A trail with lines that someone edited gets no index.
import type { AuditRecord } from "../model/audit-record.ts";
import { makeWhoseFinder } from "./belongs.ts";
import { collectIntents, type IntentCollector } from "./collect-intents.ts";
import { parseRecord } from "./parse-record.ts";
import { endOf, eventOf, runIdOf, seqOf, timeOf, webhookIdOf } from "./raw-keys.ts";
import type { LinePlace, ResourceLine, ResourceLines, TrailIndex } from "./trail-index.ts";

export interface IndexCollector {
  /** Lines come in order, the trail's last one first, each with its place. */
  readonly see: (line: Buffer, place: LinePlace) => void;
  /** Adds the lines about resources of an older index, before its other lines are seen again. */
  readonly addOlder: (older: TrailIndex) => void;
  /** Null if a line is not as reconcile writes it. */
  readonly end: (endBytes: number) => TrailIndex | null;
}

/** The records of one owner in one organisation and environment. */
interface Whose {
  readonly number: number;
  readonly intents: IntentCollector;
  /** The runs in reach of which a later line was seen. */
  readonly runs: Set<string>;
  /** The ids of resources of which a later line of each sort was seen. */
  readonly written: Set<string>;
  readonly origins: Set<string>;
  readonly drifts: Set<string>;
}

interface Closing {
  readonly whose: Whose;
  readonly id: string;
  readonly place: LinePlace;
}

interface Collecting {
  readonly findWhose: (line: Buffer) => string | null;
  readonly whoses: Map<string, Whose>;
  readonly lines: LinePlace[];
  readonly of: Readonly<Record<ResourceLines, ResourceLine[]>>;
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

/** An index with more lines would cost more than it saves. */
const mostLines = 200_000;

export function collectIndex(): IndexCollector {
  const all: Collecting = {
    ...{
      findWhose: makeWhoseFinder(),
      whoses: new Map(),
      lines: [],
      of: { deleted: [], origins: [], drifts: [] },
    },
    ...{
      closings: new Map(),
      carried: new Set(),
      deletedIds: new Map(),
      deletedNames: new Map(),
      known: new Set(),
    },
    ...{ claim: "", newestMs: -Infinity, isFit: true },
  };
  return {
    see: (line, place) => {
      if (!all.isFit) return;
      const whose = findWhose(line, all);
      if (!whose) all.isFit = false;
      else if (seeLine(line, { place, whose, all })) all.lines.push(place);
    },
    addOlder: (older) => {
      all.newestMs = Math.max(all.newestMs, older.newestMs);
      addResourceLines(older, all);
    },
    end: (endBytes) => {
      const { newestMs, whoses, lines, of, isFit } = all;
      if (!isFit || lines.length > mostLines) return null;
      const sorted = [...new Map(lines.map((place) => [place[0], place])).values()].sort(byPlace);
      return { endBytes, newestMs, whoses: [...whoses.keys()], lines: sorted, ...of };
    },
  };
}

function byPlace(a: LinePlace, b: LinePlace): number {
  return b[0] - a[0];
}

function findWhose(line: Buffer, { findWhose: find, whoses, claim }: Collecting): Whose | null {
  const text = find(line);
  return text === null ? null : whoseOf(withClaim(text, claim), whoses);
}

function withClaim(text: string, claim: string): string {
  return text.includes('"organization":{') || text.includes(claimMark) ? text : text + claim;
}

const claimMark = " claimed at ";

function whoseOf(text: string, whoses: Map<string, Whose>): Whose {
  const known = whoses.get(text);
  if (known) return known;
  const whose: Whose = {
    ...{ number: whoses.size, intents: collectIntents(new Map(), { withLate: true }) },
    ...{ runs: new Set(), written: new Set(), origins: new Set(), drifts: new Set() },
  };
  whoses.set(text, whose);
  return whose;
}

interface SeenLine {
  readonly place: LinePlace;
  readonly whose: Whose;
  readonly all: Collecting;
}

/** Whether the index is to hold the line; sets `isFit` if the line is not as reconcile writes it. */
function seeLine(line: Buffer, seen: SeenLine): boolean {
  const { whose, all } = seen;
  const event = eventOf(line) ?? "";
  // A run of one organisation may carry an intent that names none, which is then looked for beyond the reach of its own.
  const isInReach = !whose.intents.isDone() || all.carried.size > 0;
  const runId = isInReach ? (runIdOf(line) ?? "") : "";
  const isFirstOfRun = isInReach && !whose.runs.has(runId);
  // What concerns the trail itself is no part of a run to some readers.
  if (isInReach && !event.startsWith("trail.")) whose.runs.add(runId);
  whose.intents.see(line);
  if (isFirstOfRun) all.newestMs = Math.max(all.newestMs, timeOf(line) || -Infinity);
  if (event === "change.intended") return seeIntent(line, { ...seen, isInReach, isFirstOfRun });
  if (event.startsWith("change.")) {
    const isCarry = seeOutcome(line, { ...seen, isInReach });
    const isLast = event !== "change.failed" && seeWritten(line, seen);
    // A line that is held for another reason still tells of its resource, and so do the lines that settle that.
    if (isCarry || isFirstOfRun) all.lines.push(...deletionsOf(webhookIdOf(line.toString()), all));
    return isCarry || isLast || isFirstOfRun;
  }
  if (event === "drift.found") seeDrift(line, seen);
  if (event === "trail.claimed") all.claim = `${claimMark}${seen.place[0]}`;
  return isFirstOfRun || (isInReach && event.startsWith("run.")) || event === "trail.claimed";
}

interface SeenInReach extends SeenLine {
  /** Whether the line may still tell which intents are open or late. */
  readonly isInReach: boolean;
}

function seeIntent(
  line: Buffer,
  { place, whose, all, isInReach, isFirstOfRun }: SeenInReach & { readonly isFirstOfRun: boolean },
): boolean {
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
  if (!parsed.ok || parsed.record.webhookId !== id) {
    all.isFit = false;
    return false;
  }
  const { record } = parsed;
  const isDeletion = record.after === null;
  if (isDeletion && record.operation !== "delete") return false;
  const isLast = !written.has(id);
  written.add(id);
  // What precedes a deletion is left out, so only a search of the whole trail can tell from where the resource was written.
  if (isDeletion && !all.known.has(place[0])) all.of.deleted.push([whose.number, id, ...place]);
  if (!isDeletion && !origins.has(id) && record.rollbackOf === undefined)
    all.of.origins.push([whose.number, id, ...place]);
  if (isDeletion || record.rollbackOf === undefined) origins.add(id);
  if (!isLast) return false;
  if (!isDeletion) all.lines.push(...findDeletions(record, id, all));
  else {
    note(all.deletedIds, id, [whose, place]);
    if (record.before) note(all.deletedNames, record.before.name, [whose, id]);
  }
  return !isDeletion;
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

/** An older line counts unless a later one replaces it. */
function addResourceLines(older: TrailIndex, { whoses, of, known, claim }: Collecting): void {
  for (const sort of ["deleted", "origins", "drifts"] as const)
    for (const [number, id, ...place] of older[sort]) {
      const whose = whoseOf(withClaim(older.whoses[number] ?? "", claim), whoses);
      const seen = sort === "drifts" ? whose.drifts : whose.origins;
      if (seen.has(id) || (sort === "drifts" && whose.written.has(id))) continue;
      seen.add(id);
      known.add(place[0]);
      of[sort].push([whose.number, id, ...place]);
    }
}
