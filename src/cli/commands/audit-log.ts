// `reconcile audit log`: prints the trail as a table, or its records as they are on disk.
import type { Damage } from "../../audit/damage.ts";
import { findPlace, findTrailBytes, isTorn } from "../../audit/read-trail.ts";
import { describeUnsound, placeUnsound } from "../../audit/unsound.ts";
import { count } from "../../lib/count.ts";
import { makeTable, noWidths, widen, type Widths } from "../../report/audit-log.ts";
import type { Row } from "../../report/audit-row.ts";
import { showDiagnostics, showWarning } from "../../report/diagnostics.ts";
import { plain, plainJson } from "../../lib/plain.ts";
import type { World } from "../../app/world.ts";
import type { Output } from "../../lib/output.ts";
import {
  compareWithKeptHead,
  explainMissing,
  findTrail,
  nameMissing,
  refuseMissing,
} from "./audit-file.ts";
import { selectFromEnd, selectFromStart, type Items, type LogFlags } from "./select-records.ts";

/** Returns the exit status. Throws ReconcileError when the trail cannot be read, is gone, or lacks the run that is asked for. */
export async function runAuditLog(flags: LogFlags, world: World): Promise<number> {
  const { files, stdout, stderr } = world;
  const trail = await findTrail(flags, world);
  if (!trail.ok) {
    stderr.write(await showDiagnostics(trail.diagnostics, files, stderr));
    return 1;
  }
  const { path, from } = trail.value;
  if ((await findTrailBytes(files, path)) === null) {
    if (from === "file" || (await compareWithKeptHead(trail.value, files)).fault)
      await refuseMissing(trail.value, files);
    stderr.write(
      `There is no audit trail ${plain(nameMissing(trail.value))}: ${explainMissing(trail.value)}\n`,
    );
    return 0;
  }
  const selection =
    (await selectFromEnd(flags, path, world)) ?? (await selectFromStart(flags, path, world));
  const { shown } = selection;
  const texts =
    shown.as === "lines" ? showRecords(shown.items, stdout) : showTable(shown, stdout, flags.wide === true);
  const hasShown = await writeAll(texts, stdout);
  const damage = await selection.findDamage(hasShown);
  if (!hasShown) {
    const why =
      damage.records === 0 ? "it has no records" : `none of its ${damage.records} records matches`;
    stderr.write(`Nothing to show from ${plain(path)}: ${why}\n`);
  }
  await warnOfDamage(damage, path, world);
  return 0;
}

/** Prints records byte for byte. Only for a terminal, which would obey control characters, these are escaped. */
async function* showRecords(lines: Items<string>, output: Output): AsyncGenerator<string> {
  for await (const text of lines) yield `${output.isTerminal ? plainJson(text) : text}\n`;
}

async function* showTable(
  { items: rows, widths: surveyed }: { readonly items: Items<Row>; readonly widths: Widths },
  output: Output,
  isWide: boolean,
): AsyncGenerator<string> {
  const widths = "length" in rows ? noWidths() : surveyed;
  if ("length" in rows) for (const row of rows) widen(widths, row);
  const { title, showRow } = makeTable(widths, output, isWide);
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

async function warnOfDamage(damage: Damage, path: string, { files, stderr }: World): Promise<void> {
  const { brokenLines, firstBrokenLines, unsound } = damage;
  if (brokenLines > 0) {
    const more =
      brokenLines > firstBrokenLines.length ? ` and ${brokenLines - firstBrokenLines.length} more` : "";
    const what = brokenLines === 1 ? "is not a record: line" : "are not records: lines";
    const places = await Promise.all(firstBrokenLines.map((line) => findPlace(files, path, line)));
    const numbers = places.map(({ file, line }) => (file === path ? `${line}` : `${line} of ${file}`));
    const named = `${numbers.join(", ")}${more}`;
    stderr.write(showWarning(`${count(brokenLines, "line")} of ${path} ${what} ${named}`));
  }
  const faults = describeUnsound(await placeUnsound(files, path, unsound), path);
  stderr.write(await showDiagnostics(faults, files, stderr));
  if (await isTorn(files, path))
    stderr.write(showWarning(`the last line of ${path} is incomplete, as after a crash, and is not shown`));
}
