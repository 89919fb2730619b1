// `reconcile audit log`: prints the trail as a table, or its records as they are on disk.
import {
  matchesFilter,
  makeIntents,
  readEntries,
  type Entry,
  type EntryFilter,
} from "../../audit/entries.ts";
import { findRecordFault } from "../../audit/parse-record.ts";
import { describeUnsound, type UnsoundLine } from "../../audit/unsound.ts";
import { pickRun } from "../../audit/pick-run.ts";
import { findTrailBytes, isTorn } from "../../audit/read-trail.ts";
import { count } from "../../lib/count.ts";
import { makeRow, makeTable, noWidths, widen, type Row, type Widths } from "../../report/audit-log.ts";
import { showDiagnostics } from "../../report/diagnostics.ts";
import { plain, plainJson } from "../../lib/plain.ts";
import type { World } from "../../app/world.ts";
import type { Kinds } from "../../model/kind.ts";
import type { Output } from "../../lib/output.ts";
import { explainMissing, findTrail, refuseMissing, type TrailFlags } from "./audit-file.ts";

export interface LogFlags extends TrailFlags {
  readonly sinceMs?: number;
  readonly group?: readonly string[];
  /** A runId, or at least its first 4 characters. */
  readonly run?: string;
  readonly limit?: number;
  /** Show also the intents whose outcome is on record. */
  readonly all?: true;
}

/** Returns the exit status. Throws ReconcileError when the trail cannot be read or lacks the run that is asked for. */
export async function runAuditLog(flags: LogFlags, world: World): Promise<number> {
  const { files, stdout, stderr } = world;
  const trail = await findTrail(flags, world);
  if (!trail.ok) {
    stderr.write(await showDiagnostics(trail.diagnostics, files, stderr.colours));
    return 1;
  }
  const { path, from } = trail.value;
  if ((await findTrailBytes(files, path)) === null) {
    if (from === "file") refuseMissing(trail.value);
    stderr.write(`There is no audit trail at ${plain(path)}: ${explainMissing(trail.value)}\n`);
    return 0;
  }
  const survey = await surveyTrail(flags, path, world);
  const run = flags.run === undefined ? null : pickRun(flags.run, survey.runs, path);
  const entries = selectEntries(flags, { path, run, survey, world });
  const texts = flags.json
    ? showRecords(await newest(entries, flags.limit), stdout)
    : showTable(
        await newest(rowsOf(entries, survey.open, world.kinds), flags.limit),
        survey.widths,
        stdout,
      );
  const hasShown = await writeAll(texts, stdout);
  if (!hasShown) {
    const why =
      survey.records === 0 ? "it has no records" : `none of its ${survey.records} records matches`;
    stderr.write(`Nothing to show from ${plain(path)}: ${why}\n`);
  }
  await warnOfDamage(survey, path, world);
  return 0;
}

interface Survey {
  readonly records: number;
  /** How many whole lines are not records, and the numbers of the first ones. */
  readonly brokenLines: number;
  readonly firstBrokenLines: readonly number[];
  /** Records with a field of a wrong type. */
  readonly unsound: readonly UnsoundLine[];
  /** The lines of intents without an outcome. */
  readonly open: ReadonlySet<number>;
  /** The ids of runs that begin with the value of `--run`. */
  readonly runs: ReadonlySet<string>;
  readonly widths: Widths;
}

/** The warning names this many lines, so that it stays readable. */
const maxLinesNamed = 20;

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
      widen(widths, makeRow(entry.record, false, world.kinds));
  }
  const open = intents.openLines();
  if (open.size > 0) widths.what = Math.max(widths.what, "create outcome open".length);
  return { records, brokenLines, firstBrokenLines, unsound, open, runs, widths };
}

function makeEntryFilter({ sinceMs, group }: LogFlags, run: string | null): EntryFilter {
  return { sinceMs: sinceMs ?? null, groups: group ?? null, run };
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
  kinds: Kinds,
): AsyncGenerator<Row> {
  for await (const { record, line } of entries) yield makeRow(record, open.has(line), kinds);
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

/** Prints records byte for byte. Only for a terminal, which would obey control characters, these are escaped. */
async function* showRecords(
  entries: AsyncIterable<Entry> | readonly Entry[],
  output: Output,
): AsyncGenerator<string> {
  for await (const { text } of entries) yield `${output.isTerminal ? plainJson(text) : text}\n`;
}

async function* showTable(
  rows: AsyncIterable<Row> | readonly Row[],
  surveyed: Widths,
  output: Output,
): AsyncGenerator<string> {
  const widths = "length" in rows ? noWidths() : surveyed;
  if ("length" in rows) for (const row of rows) widen(widths, row);
  const { title, showRow } = makeTable(widths, output);
  let isFirst = true;
  for await (const row of rows) {
    yield isFirst ? title + showRow(row) : showRow(row);
    isFirst = false;
  }
}

/** Texts are collected up to this length before each write. */
const pieceLength = 64 * 1024;

/** Waits for the reader, and stops when the reader has gone. Returns false when there was nothing to write. */
async function writeAll(texts: AsyncIterable<string>, output: Output): Promise<boolean> {
  let piece = "";
  let hasWritten = false;
  for await (const text of texts) {
    hasWritten = true;
    piece += text;
    if (piece.length < pieceLength) continue;
    output.write(piece);
    piece = "";
    if (!(await output.flushed())) break;
  }
  output.write(piece);
  return hasWritten;
}

async function warnOfDamage(survey: Survey, path: string, { files, stderr }: World): Promise<void> {
  const { brokenLines, firstBrokenLines, unsound } = survey;
  if (brokenLines > 0) {
    const more =
      brokenLines > firstBrokenLines.length ? ` and ${brokenLines - firstBrokenLines.length} more` : "";
    const what = brokenLines === 1 ? "is not a record: line" : "are not records: lines";
    const named = `${firstBrokenLines.join(", ")}${more}`;
    stderr.write(`warning: ${count(brokenLines, "line")} of ${plain(path)} ${what} ${named}\n`);
  }
  for (const { message } of describeUnsound(unsound, path)) stderr.write(`warning: ${plain(message)}\n`);
  if (await isTorn(files, path))
    stderr.write(
      `warning: the last line of ${plain(path)} is incomplete, as after a crash, and is not shown\n`,
    );
}
