// Selects the records that `audit log` shows: the newest ones from the trail's end, or all from its start.
import { locateDamage, maxLinesNamed, type Damage } from "../../audit/damage.ts";
import {
  makeIntents,
  matchesFilter,
  readEntries,
  type Entry,
  type EntryFilter,
} from "../../audit/entries.ts";
import { readNewest, type NewestEntry } from "../../audit/newest.ts";
import { findRecordFault } from "../../audit/parse-record.ts";
import { pickRun } from "../../audit/pick-run.ts";
import type { UnsoundLine } from "../../audit/unsound.ts";
import { isArchive } from "../../state/archive-key.ts";
import type { World } from "../../app/world.ts";
import { noWidths, widen, type Widths } from "../../report/audit-log.ts";
import { makeRow, type Row, type RowOptions } from "../../report/audit-row.ts";
import type { TrailFlags } from "./audit-file.ts";

export interface LogFlags extends TrailFlags {
  readonly sinceMs?: number;
  readonly untilMs?: number;
  /** A part of the name of a person, machine or OAuth client. */
  readonly actor?: string;
  readonly group?: readonly string[];
  readonly owner?: string;
  /** An organisation's id. */
  readonly organization?: string;
  /** A runId, or at least its first 4 characters. */
  readonly run?: string;
  readonly limit?: number;
  /** Show also the intents whose outcome is on record. */
  readonly all?: true;
  /** Show each record in one line, with whole ids. */
  readonly wide?: true;
}

function rowOptions({ wide }: LogFlags, { kinds }: World): RowOptions {
  return { kinds, isWide: wide === true };
}

export type Items<T> = AsyncIterable<T> | readonly T[];

export interface Selection {
  /** Oldest first. `widths` are those of all rows; rows that are a list are measured by the caller. */
  readonly shown:
    | { readonly as: "lines"; readonly items: Items<string> }
    | { readonly as: "rows"; readonly items: Items<Row>; readonly widths: Widths };
  /** Finds what is damaged in the part of the trail that was read. */
  readonly findDamage: (hasShown: boolean) => Promise<Damage>;
}

/**
 * Reads no further back than `--limit` needs. Returns null without a limit, and for a trail of older versions, whose
 * outcomes do not name their intents. Throws as `readNewest` and `pickRun` do.
 */
export async function selectFromEnd(
  flags: LogFlags,
  path: string,
  world: World,
): Promise<Selection | null> {
  const { files } = world;
  const { limit, json } = flags;
  if (limit === undefined) return null;
  const select = async <T>(shape: (entry: NewestEntry) => T) => {
    const filter = makeEntryFilter(flags, flags.run ?? null);
    const withSettled = flags.all === true || json === true;
    const newest = await readNewest(files, path, { filter, limit, withSettled, shape });
    if (!newest) return null;
    const run = flags.run === undefined ? "" : pickRun(flags.run, newest.runs, path);
    return { items: newest.found.get(run) ?? [], newest };
  };
  const findDamage =
    (newest: Parameters<typeof locateDamage>[2]): Selection["findDamage"] =>
    async (hasShown) => {
      const { broken, unsound } = newest.damage;
      const isSound = broken.size + unsound.size === 0;
      // To find the numbers of lines takes a second reading.
      if (hasShown && isSound && !newest.isWhole) return undamaged;
      return locateDamage(files, path, newest);
    };
  if (json) {
    const lines = await select(({ text }) => text);
    return lines && { shown: { as: "lines", items: lines.items }, findDamage: findDamage(lines.newest) };
  }
  const rows = await select(({ record, isOpen }) => makeRow(record, isOpen, rowOptions(flags, world)));
  return (
    rows && {
      shown: { as: "rows", items: rows.items, widths: noWidths() },
      findDamage: findDamage(rows.newest),
    }
  );
}

const undamaged: Damage = { records: 0, brokenLines: 0, firstBrokenLines: [], unsound: [] };

export async function selectFromStart(flags: LogFlags, path: string, world: World): Promise<Selection> {
  const survey = await surveyTrail(flags, path, world);
  const run = flags.run === undefined ? null : pickRun(flags.run, survey.runs, path);
  const entries = selectEntries(flags, { path, run, survey, world });
  const findDamage = (): Promise<Damage> => Promise.resolve(survey);
  if (flags.json)
    return { shown: { as: "lines", items: await newest(textsOf(entries), flags.limit) }, findDamage };
  const items = await newest(rowsOf(entries, survey.open, rowOptions(flags, world)), flags.limit);
  return { shown: { as: "rows", items, widths: survey.widths }, findDamage };
}

interface Survey extends Damage {
  /** The lines of intents without an outcome. */
  readonly open: ReadonlySet<number>;
  /** The ids of runs that begin with the value of `--run`. */
  readonly runs: ReadonlySet<string>;
  readonly widths: Widths;
}

/** Reads the trail a first time, because how a row is shown depends on the rows after it. */
async function surveyTrail(flags: LogFlags, path: string, world: World): Promise<Survey> {
  const wanted = makeEntryFilter(flags, flags.run ?? null);
  const intents = makeIntents();
  const widths = noWidths();
  const runs = new Set<string>();
  const firstBrokenLines: number[] = [];
  const unsound: UnsoundLine[] = [];
  let [records, brokenLines] = [0, 0];
  const onBrokenLine = (line: number): void => {
    brokenLines += 1;
    if (brokenLines <= maxLinesNamed) firstBrokenLines.push(line);
  };
  for await (const entry of readEntries(world.files, path, onBrokenLine)) {
    records += 1;
    intents.add(entry);
    const fault = findRecordFault(entry.record);
    if (fault !== null) unsound.push({ line: entry.line, fault });
    const { runId } = entry.record;
    if (flags.run !== undefined && typeof runId === "string" && runId.startsWith(flags.run))
      runs.add(runId);
    if (!flags.json && matchesFilter(entry.record, wanted))
      widen(widths, makeRow(entry.record, false, rowOptions(flags, world)));
  }
  const open = intents.openLines();
  if (open.size > 0) widths.what = Math.max(widths.what, "create outcome open".length);
  return { records, brokenLines, firstBrokenLines, unsound, open, runs, widths };
}

const anyone = { owner: null, organization: null };

function makeEntryFilter(flags: LogFlags, run: string | null): EntryFilter {
  const { sinceMs, untilMs, group, actor, owner, organization } = flags;
  return {
    ...(isArchive(flags) ? anyone : { owner: owner ?? null, organization: organization ?? null }),
    ...{ sinceMs: sinceMs ?? null, untilMs: untilMs ?? null },
    ...{ groups: group ?? null, run, actor: actor ?? null },
  };
}

interface EntrySource {
  readonly path: string;
  readonly run: string | null;
  readonly survey: Survey;
  readonly world: World;
}

/** Reads the trail a second time, up to where the first reading ended. JSON shows settled intents too. */
async function* selectEntries(
  flags: LogFlags,
  { path, run, survey, world }: EntrySource,
): AsyncGenerator<Entry> {
  const wanted = makeEntryFilter(flags, run);
  for await (const entry of readEntries(world.files, path, () => undefined)) {
    // A pass that runs meanwhile may have appended records that the survey does not cover.
    if (entry.line > survey.records + survey.brokenLines) return;
    const isSettledIntent = entry.record.event === "change.intended" && !survey.open.has(entry.line);
    if (isSettledIntent && !flags.all && !flags.json) continue;
    if (matchesFilter(entry.record, wanted) && (run === null || entry.record.runId === run)) yield entry;
  }
}

async function* rowsOf(
  entries: AsyncIterable<Entry>,
  open: ReadonlySet<number>,
  options: RowOptions,
): AsyncGenerator<Row> {
  for await (const { record, line } of entries) yield makeRow(record, open.has(line), options);
}

async function* textsOf(entries: AsyncIterable<Entry>): AsyncGenerator<string> {
  for await (const { text } of entries) yield text;
}

/** Returns the last `limit` items; without a limit, all of them as they come. */
async function newest<T>(
  items: AsyncIterable<T>,
  limit: number | undefined,
): Promise<readonly T[] | AsyncIterable<T>> {
  if (limit === undefined) return items;
  let kept: T[] = [];
  for await (const item of items) {
    kept.push(item);
    if (kept.length >= 2 * limit) kept = kept.slice(-limit);
  }
  return kept.slice(-limit);
}
