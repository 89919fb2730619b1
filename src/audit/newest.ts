// Reads the newest records that pass a filter, from the end of a trail, so that a long trail costs no more than a short one.
import { matchesFilter, type EntryFilter } from "./entries.ts";
import { bufferOf, decodeLine } from "./lines.ts";
import { findRecord, findRecordFault, isOutcome, type FoundRecord } from "./parse-record.ts";
import { endOf, eventOf, seqOf, timeOf } from "./raw-keys.ts";
import { readLinesBackwards } from "./read-trail.ts";
import type { TrailFiles } from "./trail-parts.ts";
import { maxUnsound, noteUnsound, type UnsoundTexts } from "./unsound.ts";

export interface NewestEntry {
  /** The line as on disk, without its newline. */
  readonly text: string;
  readonly record: FoundRecord;
  /** True for an intent without an outcome. */
  readonly isOpen: boolean;
}

export interface NewestQuery<T> {
  readonly filter: EntryFilter;
  /** At most this many of each run that the filter admits; of all together if it names no run. */
  readonly limit: number;
  /** Whether intents count whose outcome is on record. */
  readonly withSettled: boolean;
  /** Called with each entry that is kept, so that no more of it is held than needed. */
  readonly shape: (entry: NewestEntry) => T;
}

export interface Newest<T> {
  /** The runs that the filter admits, whether or not a record of theirs passes the rest of it. */
  readonly runs: ReadonlySet<string>;
  /** Oldest first; by the run's id if the filter names a run, else under the empty text. */
  readonly found: ReadonlyMap<string, readonly T[]>;
  /** False if older lines were not read, because they could add nothing. */
  readonly isWhole: boolean;
  readonly damage: DamagedTexts;
}

export interface DamagedTexts {
  /** Whole lines that are not records, by their bytes as Latin-1, because a reading from the end has no line numbers. */
  readonly broken: Set<string>;
  /** The fault of each record with a field of a wrong type, by the same text. */
  readonly unsound: UnsoundTexts;
}

/**
 * With `sinceMs`, the reading ends when so many lines in a row are older: a clock that was wrong for fewer records than
 * these hides nothing.
 */
const mostOlder = 10_000;

/** So many lines are read and checked in any case, so that damage near the end is found whatever is asked for. */
const leastLines = 1_000;

/**
 * Returns null if an outcome does not name its intent, as in trails of older versions, or if intents are not in the order of
 * their numbers, as in an edited trail: these pair from the beginning only. Throws ReconcileError `audit/unreadable`.
 */
export async function readNewest<T>(
  files: TrailFiles,
  path: string,
  query: NewestQuery<T>,
): Promise<Newest<T> | null> {
  const { filter } = query;
  const reading = startReading(query);
  const mayMatch = makeRawFilter(filter);
  // To find out whether the beginning of a run's id is ambiguous, all runs have to be seen.
  const isOlder = makeOlder(filter.run === null ? filter.sinceMs : null);
  let lines = 0;
  for await (const bytes of readLinesBackwards(files, path)) {
    lines += 1;
    const line = bufferOf(bytes);
    const isNear = lines <= leastLines;
    const isPaired = isNear || mayMatch(line) ? reading.see(line) : reading.pass(line);
    if (!isPaired) return null;
    if (isOlder(line) || (reading.isFull() && !isNear)) return reading.end(false);
  }
  return reading.end(true);
}

function startReading<T>({ filter, limit, withSettled, shape }: NewestQuery<T>) {
  const newestFirst = new Map<string, T[]>();
  const runs = new Set<string>();
  const damage: DamagedTexts = { broken: new Set(), unsound: new Map() };
  const pairing = makePairing();
  const keep = (entry: NewestEntry): void => {
    const key = filter.run === null ? "" : String(entry.record.runId);
    const kept = newestFirst.get(key) ?? [];
    newestFirst.set(key, kept);
    if (kept.length < limit) kept.push(shape(entry));
  };
  return {
    see: (line: Buffer): boolean => {
      const text = decodeLine(line);
      const record = text === undefined ? undefined : findRecord(text);
      if (text === undefined || !record) {
        if (damage.broken.size < maxUnsound) damage.broken.add(line.toString("latin1"));
        return true;
      }
      const fault = findRecordFault(record);
      if (fault !== null) noteUnsound(damage.unsound, line.toString("latin1"), fault);
      if (filter.run !== null && String(record.runId).startsWith(filter.run))
        runs.add(String(record.runId));
      const { event, seq, intent } = record;
      const paired = pairing.see({ event, seq, intent });
      if (
        (event !== "change.intended" || paired === "open" || withSettled) &&
        matchesFilter(record, filter)
      )
        keep({ text, record, isOpen: paired === "open" });
      return paired !== "unpaired";
    },
    /** Only pairs the line, without parsing it. */
    pass: (line: Buffer): boolean => {
      const about = { event: eventOf(line), seq: seqOf(line), intent: endOf(line).intent };
      return pairing.see(about) !== "unpaired";
    },
    /** A full id is never ambiguous. */
    isFull: (): boolean => (newestFirst.get(filter.run ?? "")?.length ?? 0) >= limit,
    end: (isWhole: boolean): Newest<T> => ({
      runs,
      found: new Map([...newestFirst].map(([run, entries]) => [run, entries.toReversed()])),
      ...{ isWhole, damage },
    }),
  };
}

/**
 * Tells which intents are open, of lines that come last to first. It holds an outcome's intent only until that one comes, so
 * it holds no more of a longer trail; an intent that comes a second time is therefore out of order.
 */
function makePairing() {
  const closed = new Set<unknown>();
  let leastSeq = Infinity;
  return {
    /** `unpaired`: an outcome that names no intent, or an intent whose number is not below those of all later ones. */
    see: ({ event, seq, intent }: Pick<FoundRecord, "event" | "seq" | "intent">) => {
      if (event === "change.intended") {
        if (typeof seq !== "number" || !(seq < leastSeq)) return "unpaired";
        leastSeq = seq;
        return closed.delete(seq) ? "settled" : "open";
      }
      if (!isOutcome(event)) return "settled";
      if (typeof intent !== "number" || Number.isNaN(intent)) return "unpaired";
      closed.add(intent);
      return "settled";
    },
  };
}

/**
 * Returns a function that is false for a line that surely does not match. A line that reconcile did not write in this
 * spelling has to be parsed.
 */
function makeRawFilter({ groups, run }: EntryFilter): (line: Buffer) => boolean {
  const texts =
    run === null
      ? groups?.map((group) => `"group":${JSON.stringify(group)}`)
      : [`"runId":${JSON.stringify(run).slice(0, -1)}`];
  if (!texts) return () => true;
  const isOwnSpelling = (line: Buffer): boolean => line.includes('"runId":"') && line.includes('"group":');
  return (line) => !isOwnSpelling(line) || texts.some((text) => line.includes(text));
}

/** Returns a function that is true once so many lines in a row were older that the lines before them are older too. */
function makeOlder(sinceMs: number | null): (line: Buffer) => boolean {
  if (sinceMs === null) return () => false;
  let inARow = 0;
  return (line) => {
    inARow = timeOf(line) < sinceMs ? inARow + 1 : 0;
    return inARow >= mostOlder;
  };
}
