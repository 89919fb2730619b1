// Shows the trail as a table: one row for each record, with its error below it. If rows are too wide for the terminal,
// each takes two lines.
import pc from "picocolors";
import type { FoundRecord } from "../audit/parse-record.ts";
import { shownEndpoint } from "../model/endpoint.ts";
import { findDifferingFields } from "../model/field-changes.ts";
import type { Kinds } from "../model/kind.ts";
import type { Output } from "../lib/output.ts";
import { plain } from "../lib/plain.ts";

const titles = {
  time: "time (UTC)",
  run: "run",
  what: "what",
  group: "group",
  endpoint: "endpoint",
  change: "change",
  who: "who",
} as const;
type Column = keyof typeof titles;

export type Widths = Record<Column, number>;

export interface Row {
  /** Texts without control characters. */
  readonly cells: Readonly<Record<Column, string>>;
  readonly tone: "plain" | "good" | "open" | "bad";
  /** Printed below the row, one a line. */
  readonly error: readonly string[];
}

export function makeRow(record: FoundRecord, isOpen: boolean, kinds: Kinds): Row {
  const { timestamp, runId, group, endpoint, actor, error } = record;
  return {
    cells: {
      time: showTime(show(timestamp)),
      run: show(runId).slice(0, 8),
      what: describeEvent(record, isOpen),
      group: show(group),
      endpoint: shownEndpoint(show(endpoint)),
      change: describeChange(record, kinds),
      who: show(actor),
    },
    tone: findTone(record, isOpen),
    error: shorten(typeof error === "string" ? error.split("\n").map(plain) : []),
  };
}

/** A pass records nothing longer. In a trail that was edited by hand, one long cell must not widen every row. */
const maxCellLength = 500;

/** Returns the widths of an empty table. A column that stays empty is not shown. */
export function noWidths(): Widths {
  return { time: 0, run: 0, what: 0, group: 0, endpoint: 0, change: 0, who: 0 };
}

/** Makes room for one more row. */
export function widen(widths: Widths, { cells }: Row): void {
  for (const [column, text] of Object.entries(cells) as [Column, string][]) {
    if (text !== "") widths[column] = Math.max(widths[column], text.length, titles[column].length);
  }
}

const gap = 2;
const oneLine: readonly (readonly Column[])[] = [
  ["time", "run", "what", "group", "endpoint", "change", "who"],
];
const twoLines: readonly (readonly Column[])[] = [
  ["time", "run", "what", "group", "who"],
  ["endpoint", "change"],
];

/** Returns the title, and a function that shows a row. Output that is not a terminal gets one line for each row. */
export function makeTable(
  surveyed: Widths,
  output: Output,
): { readonly title: string; readonly showRow: (row: Row) => string } {
  const paint = pc.createColors(output.colours);
  const inks = { plain, good: paint.green, open: paint.yellow, bad: paint.red };
  const columns = output.isTerminal ? output.columns : Infinity;
  const layout = lineWidth(oneLine[0] ?? [], surveyed) <= columns ? oneLine : twoLines;
  const indent = surveyed.time + surveyed.run + 2 * gap;
  const widths = { ...surveyed };
  for (const [at, shown] of layout.entries()) shrink(widths, shown, columns - (at === 0 ? 0 : indent));
  const showLine = (row: Row, shown: readonly Column[], from: number): string => {
    let [line, end, start] = ["", 0, from];
    for (const column of shown) {
      if (widths[column] === 0) continue;
      const text = cutMiddle(row.cells[column], widths[column]);
      if (text !== "") {
        const ink = column === "what" ? inks[row.tone] : column === "time" ? paint.dim : plain;
        line += " ".repeat(start - end) + ink(text);
        end = start + text.length;
      }
      start += widths[column] + gap;
    }
    return end === 0 ? "" : `${line}\n`;
  };
  const showRow = (row: Row): string => {
    const lines = layout.map((shown, at) => showLine(row, shown, at === 0 ? 0 : indent));
    const errors = row.error.map((text) => `${" ".repeat(indent)}${paint.red(text)}\n`);
    return [...lines, ...errors].join("");
  };
  const title = { cells: titles, tone: "plain", error: [] } as const;
  return { title: paint.dim(showRow(title).trimEnd()) + "\n", showRow };
}

function lineWidth(shown: readonly Column[], widths: Widths): number {
  return shown.reduce((sum, column) => sum + (widths[column] > 0 ? widths[column] + gap : 0), -gap);
}

/** On a very narrow terminal a column keeps this many characters. */
const leastWidth = 8;

/** Narrows the widest columns until the line fits. Time, run and event keep their width. */
function shrink(widths: Widths, shown: readonly Column[], columns: number): void {
  const flexible = shown.filter((column) => !["time", "run", "what"].includes(column));
  for (let excess = lineWidth(shown, widths) - columns; excess > 0; excess -= 1) {
    const widest = flexible.reduce((a, b) => (widths[b] > widths[a] ? b : a));
    if (widths[widest] <= leastWidth) return;
    widths[widest] -= 1;
  }
}

/** Cuts the middle out, because the endpoints of a pool differ at their ends. */
function cutMiddle(text: string, width: number): string {
  if (text.length <= width) return text;
  const tail = Math.floor((width - 1) / 2);
  return `${text.slice(0, width - 1 - tail)}…${text.slice(text.length - tail)}`;
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** Shows a missing value as an empty cell, and a value that is not a string as JSON. */
function show(value: unknown): string {
  if (value === null || value === undefined) return "";
  return cut(plain(typeof value === "string" ? value : JSON.stringify(value)), maxCellLength);
}

/** Shows a time to the second; a text that is not a time is shown as it is. */
function showTime(timestamp: string): string {
  const timeMs = Date.parse(timestamp);
  if (Number.isNaN(timeMs)) return cut(timestamp, 19);
  return new Date(timeMs).toISOString().slice(0, 19).replace("T", " ");
}

function describeEvent({ event, operation, success, attempted }: FoundRecord, isOpen: boolean): string {
  const [about, what] = show(event).split(".");
  if (what === undefined || about !== "change") return show(event).replace(".", " ");
  if (isOpen) return `${show(operation)} outcome open`;
  if (what !== "failed") return `${show(operation)} ${what}`;
  const how = success === null ? "outcome unknown" : attempted === false ? "not attempted" : what;
  return `${show(operation)} ${how}`;
}

function findTone({ event, success, attempted }: FoundRecord, isOpen: boolean): Row["tone"] {
  if (isOpen || (event === "change.failed" && (success === null || attempted === false))) return "open";
  if (event === "change.failed" || event === "validation.failed") return "bad";
  return event === "change.applied" || event === "change.recovered" ? "good" : "plain";
}

/** `+3 −1 event types, retryPolicy`. */
function describeChange({ event, success, endpoint, before, after }: FoundRecord, kinds: Kinds): string {
  if (event === "run.finished") return success === false ? "with failures" : "";
  const [from, to] = [fieldsOf(before), fieldsOf(after)];
  const [had, has] = [eventTypesOf(from), eventTypesOf(to)];
  const gained = [...has].filter((eventType) => !had.has(eventType)).length;
  const lost = [...had].filter((eventType) => !has.has(eventType)).length;
  const [only] = has.size > 0 ? has : had;
  const isOfOne = typeof endpoint === "string" && kinds.of({ endpoint }).granularity === "eventType";
  const counts = [...(gained > 0 ? [`+${gained}`] : []), ...(lost > 0 ? [`−${lost}`] : [])];
  const noun = gained + lost === 1 ? "event type" : "event types";
  const others = findOtherFields(from, to);
  // The triggers of a workflow differ only in their event type, so it is named instead of counted.
  if (isOfOne && only !== undefined) {
    const sign = gained > 0 ? "+" : lost > 0 ? "−" : "";
    return `${sign}${show(only)}${others.length > 0 ? `: ${others.join(", ")}` : ""}`;
  }
  return [...(counts.length > 0 ? [`${counts.join(" ")} ${noun}`] : []), ...others].join(", ");
}

/** A create or a delete has a document on one side only. */
function findOtherFields(from: Fields, to: Fields): readonly string[] {
  const isUpdate = from.size > 0 && to.size > 0;
  return isUpdate ? findDifferingFields(Object.fromEntries(from), Object.fromEntries(to)) : [];
}

type Fields = ReadonlyMap<string, unknown>;

function fieldsOf(document: unknown): Fields {
  return new Map(typeof document === "object" && document !== null ? Object.entries(document) : []);
}

function eventTypesOf(fields: Fields): ReadonlySet<unknown> {
  const eventTypes = fields.get("eventTypes");
  return new Set(Array.isArray(eventTypes) ? eventTypes : []);
}

/** One record may hold the errors of a thousand manifests. */
const maxErrorLines = 3;
const maxErrorLength = 2_000;

function shorten(lines: readonly string[]): readonly string[] {
  const shown = lines.slice(0, maxErrorLines).map((line) => cut(line, maxErrorLength));
  const more = lines.length - shown.length;
  return more <= 0 ? shown : [...shown, `… ${more} more (--json shows all)`];
}
