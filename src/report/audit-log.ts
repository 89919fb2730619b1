// Shows the trail as a table: one row for each record, with its error below it. A row that is too wide for the terminal
// goes on in the next line; no cell is cut.
import pc from "picocolors";
import type { Output } from "../lib/output.ts";
import { plain } from "../lib/plain.ts";
import { titles, type Column, type Row } from "./audit-row.ts";

export type Widths = Record<Column, number>;

const columns = Object.keys(titles) as readonly Column[];

/** Returns the widths of an empty table. A column that stays empty is not shown. */
export function noWidths(): Widths {
  return Object.fromEntries(columns.map((column) => [column, 0])) as Widths;
}

/** Makes room for one more row. */
export function widen(widths: Widths, { cells }: Row): void {
  for (const [column, text] of Object.entries(cells) as [Column, string][]) {
    if (text !== "") widths[column] = Math.max(widths[column], text.length, titles[column].length);
  }
}

const gap = 2;

/**
 * Returns the title, and a function that shows a row. A wide table, and output that is not a terminal, have one line for
 * each row.
 */
export function makeTable(
  widths: Widths,
  output: Output,
  isWide: boolean,
): { readonly title: string; readonly showRow: (row: Row) => string } {
  const paint = pc.createColors(output.colours);
  const inks = { plain, good: paint.green, open: paint.yellow, bad: paint.red };
  const indent = widths.time + widths.run + 2 * gap;
  const layout = layOut(widths, output.isTerminal && !isWide ? output.columns : Infinity, indent);
  const showLine = (row: Row, shown: readonly Column[], from: number): string => {
    let [line, end, start] = ["", 0, from];
    for (const column of shown) {
      const text = row.cells[column];
      if (text !== "") {
        const ink = column === "what" ? inks[row.tone] : column === "time" ? paint.dim : plain;
        // A trail that was edited by hand may hold longer texts than there is room for.
        line += " ".repeat(line === "" ? start : Math.max(1, start - end)) + ink(text);
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

/** Returns the columns of each line. A column that is wider than the terminal has a line of its own. */
function layOut(widths: Widths, width: number, indent: number): readonly (readonly Column[])[] {
  const lines: Column[][] = [[]];
  let end = -gap;
  for (const column of columns.filter((one) => widths[one] > 0)) {
    const isFirst = lines.at(-1)?.length === 0;
    if (!isFirst && end + gap + widths[column] > width) {
      lines.push([]);
      end = indent - gap;
    }
    lines.at(-1)?.push(column);
    end += gap + widths[column];
  }
  return lines;
}
