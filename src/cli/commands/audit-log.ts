// `reconcile audit log`: the trail as a table, or its records as they stand on disk.
import { isWanted, makeIntents, readEntries, type Entry, type Wanted } from "../../audit/entries.ts";
import { findRecordFault } from "../../audit/parse-record.ts";
import { describeUnsound, type UnsoundLine } from "../../audit/unsound.ts";
import { pickRun } from "../../audit/pick-run.ts";
import { findTrailBytes, isTorn } from "../../audit/read-trail.ts";
import { count } from "../../lib/count.ts";
import { makeRow, makeTable, noWidths, widen, type Row, type Widths } from "../../report/audit-log.ts";
import { showDiagnostics } from "../../report/diagnostics.ts";
import { plain, plainJson } from "../../lib/plain.ts";
import type { World } from "../../app/world.ts";
import type { Output } from "../../lib/output.ts";
import { describeMissing, findTrail, refuseMissing, type TrailFlags } from "./audit-file.ts";

export interface LogFlags extends TrailFlags {
  readonly sinceMs?: number;
  readonly group?: readonly string[];
  /** A runId, or at least its first 4 characters. */
  readonly run?: string;
  readonly limit?: number;
  /** Also intents whose outcome is on record. */
  readonly all?: true;
}

/** The exit status. Throws ReconcileError where the trail cannot be read, and for a run that it does not have. */
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
    stderr.write(`There is no audit trail at ${plain(path)}: ${describeMissing(trail.value)}\n`);
    return 0;
  }
  const survey = await surveyTrail(flags, path, world);
  const run = flags.run === undefined ? null : pickRun(flags.run, survey.runs, path);
  const entries = selectEntries(flags, { path, run, survey, world });
  const texts = flags.json
    ? showRecords(await newest(entries, flags.limit), stdout)
    : showTable(await newest(rowsOf(entries, survey.open), flags.limit), survey.widths, stdout);
  const hasShown = await writeAll(texts, stdout);
  if (!hasShown) {
    const why =
      survey.records === 0 ? "it has no records" : `none of its ${survey.records} records matches`;
    stderr.write(`Nothing to show of ${plain(path)}: ${why}\n`);
  }
  await warnOf(survey, path, world);
  return 0;
}

interface Survey {
  readonly records: number;
  /** How many full lines are none, and the numbers of the first. */
  readonly others: number;
  readonly namedOthers: readonly number[];
  /** Records with a field that is not of its type. */
  readonly unsound: readonly UnsoundLine[];
  /** The lines of intents without an outcome. */
  readonly open: ReadonlySet<number>;
  /** Those that begin as `--run` says. */
  readonly runs: ReadonlySet<string>;
  readonly widths: Widths;
}

/** More line numbers than these help nobody. */
const maxLinesNamed = 20;

/** A first reading: what a row looks like depends on what comes after it. */
async function surveyTrail(flags: LogFlags, path: string, world: World): Promise<Survey> {
  const wanted = wantedOf(flags, flags.run ?? null);
  const intents = makeIntents();
  const widths = noWidths();
  const runs = new Set<string>();
  const namedOthers: number[] = [];
  const unsound: UnsoundLine[] = [];
  let [records, others] = [0, 0];
  const onOther = (line: number): void => {
    others += 1;
    if (others <= maxLinesNamed) namedOthers.push(line);
  };
  for await (const entry of readEntries(world.files, path, onOther)) {
    records += 1;
    intents.add(entry);
    const fault = findRecordFault(entry.record);
    if (fault !== null) unsound.push({ line: entry.line, fault });
    const { runId } = entry.record;
    if (flags.run !== undefined && typeof runId === "string" && runId.startsWith(flags.run))
      runs.add(runId);
    if (!flags.json && isWanted(entry.record, wanted)) widen(widths, makeRow(entry.record, false));
  }
  const open = intents.openLines();
  if (open.size > 0) widths.what = Math.max(widths.what, "create outcome open".length);
  return { records, others, namedOthers, unsound, open, runs, widths };
}

function wantedOf({ sinceMs, group }: LogFlags, run: string | null): Wanted {
  return { sinceMs: sinceMs ?? null, groups: group ?? null, run };
}

interface Selection {
  readonly path: string;
  readonly run: string | null;
  readonly survey: Survey;
  readonly world: World;
}

/** The second reading, as far as the first. JSON has every record that the filters let through. */
async function* selectEntries(
  flags: LogFlags,
  { path, run, survey, world }: Selection,
): AsyncGenerator<Entry> {
  const wanted = wantedOf(flags, run);
  for await (const entry of readEntries(world.files, path, () => undefined)) {
    // A pass that goes on meanwhile appends what is for the next reading.
    if (entry.line > survey.records + survey.others) return;
    const isSettled = entry.record.event === "change.intended" && !survey.open.has(entry.line);
    if (isSettled && !flags.all && !flags.json) continue;
    if (isWanted(entry.record, wanted) && (run === null || entry.record.runId === run)) yield entry;
  }
}

async function* rowsOf(entries: AsyncIterable<Entry>, open: ReadonlySet<number>): AsyncGenerator<Row> {
  for await (const { record, line } of entries) yield makeRow(record, open.has(line));
}

/** The last ones; without a limit all, as they come. */
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

/** Byte for byte; only a terminal, which would obey control characters, gets them escaped. */
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

/** Enough for one write. */
const pieceLength = 64 * 1024;

/** Waits for the reader, and stops once it has gone; false where there was nothing to write. */
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

async function warnOf(survey: Survey, path: string, { files, stderr }: World): Promise<void> {
  const { others, namedOthers, unsound } = survey;
  if (others > 0) {
    const more = others > namedOthers.length ? ` and ${others - namedOthers.length} more` : "";
    const what = others === 1 ? "is no record: line" : "are no records: lines";
    const named = `${namedOthers.join(", ")}${more}`;
    stderr.write(`warning: ${count(others, "line")} of ${plain(path)} ${what} ${named}\n`);
  }
  for (const { message } of describeUnsound(unsound, path)) stderr.write(`warning: ${plain(message)}\n`);
  if (await isTorn(files, path))
    stderr.write(`warning: the last line of ${plain(path)} is cut short, as by a crash; it is not shown\n`);
}
