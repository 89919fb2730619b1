// Breaks text between words, so that a terminal does not break it within them.
import type { Output } from "./output.ts";

/** No terminal is so narrow that shorter lines would help. */
const leastColumns = 40;

interface Wrapping {
  readonly columns: number;
  /** The columns that are taken before the first line. */
  readonly before?: number;
  /** Stands at the start of each further line. */
  readonly indent?: string;
}

/** A word that is longer than a line stays whole, so that it can be copied. */
export function wrap(text: string, { columns, before = 0, indent = "" }: Wrapping): string {
  const most = Math.max(columns, leastColumns);
  let width = before;
  let wrapped = "";
  for (const [at, word] of text.split(" ").entries()) {
    const isFirst = at === 0;
    if (!isFirst && width + 1 + word.length > most) {
      wrapped += `\n${indent}${word}`;
      width = indent.length + word.length;
      continue;
    }
    wrapped += isFirst ? word : ` ${word}`;
    width += word.length + (isFirst ? 0 : 1);
  }
  return wrapped;
}

/** Infinite for a file or a pipe: programs read whole lines. */
export function columnsOf({ isTerminal, columns }: Pick<Output, "isTerminal" | "columns">): number {
  return isTerminal ? columns : Infinity;
}

/** Wraps the paragraphs of a help text. Indented lines, such as lists and commands to copy, stay as they are. */
export function wrapParagraphs(text: string, columns: number): string {
  if (columns === Infinity) return text;
  return text.replaceAll(/^\S.*(?:\n\S.*)+$|^\S.+$/gm, (paragraph) =>
    wrap(paragraph.replaceAll("\n", " "), { columns }),
  );
}
