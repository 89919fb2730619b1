// Recognises a YAML text that is nested so deeply that parsing it could exhaust the stack.
import { CST, Lexer } from "yaml";

/** The parser is recursive: it handles this many levels easily, and fails at some thousands. */
const safeDepth = 500;

/** True only if parsing is safe. May be false for a safe text, but only at depths that no manifest has. */
export function isSafelyNested(text: string): boolean {
  return guessDepth(text) <= safeDepth || measureDepth(text) <= safeDepth;
}

/**
 * Returns an upper bound from one look at each character: every bracket could open a level, and so could every leading
 * space and every `-`, `?` or `:` before a blank. The bound is doubled because a mapping and a sequence can share a
 * column.
 */
function guessDepth(text: string): number {
  let brackets = 0;
  let deepestLine = 0;
  let line = 0;
  let isLeading = true;
  for (let index = 0; index < text.length; index += 1) {
    const char = text.charAt(index);
    if (char === "\n") {
      line = 0;
      isLeading = true;
      continue;
    }
    if (char === "[" || char === "{") brackets += 1;
    if ((isLeading && isBlank(char)) || (isIndicator(char) && isBlank(text.charAt(index + 1)))) {
      line += 1;
      if (line > deepestLine) deepestLine = line;
    }
    isLeading &&= isBlank(char);
  }
  return brackets + 2 * deepestLine;
}

function isIndicator(char: string): boolean {
  return char === "-" || char === "?" || char === ":";
}

function isBlank(char: string): boolean {
  return char === " " || char === "\t" || char === "\r" || char === "\n" || char === "";
}

/** Returns a tighter upper bound, from the tokens: the open brackets, and the columns at which a block is open. */
function measureDepth(text: string): number {
  const columns: number[] = [];
  let [deepest, brackets, column] = [0, 0, 0];
  let isFirst = true;
  let isScalar = false;
  for (const token of new Lexer().lex(text)) {
    const type: CST.TokenType | null = isScalar ? "scalar" : CST.tokenType(token);
    // A marker announces a scalar; the token behind it is the scalar's text and could look like any other.
    isScalar = type === "scalar" && !isScalar;
    if (type === "newline") [column, isFirst] = [0, true];
    if (type === "space" && isFirst) column += token.length;
    if (type === null || withoutContent.has(type)) continue;
    if (isFirst && brackets === 0) enter(columns, column);
    if (indicators.has(type)) columns.push((columns.at(-1) ?? 0) + 1);
    brackets = Math.max(0, brackets + (bracketSteps[type] ?? 0));
    isFirst = false;
    deepest = Math.max(deepest, brackets + 2 * columns.length);
    if (deepest > safeDepth) break;
  }
  return deepest;
}

const withoutContent: ReadonlySet<string> = new Set([
  "newline",
  "space",
  "comment",
  "doc-mode",
  "byte-order-mark",
]);
const indicators: ReadonlySet<string> = new Set(["seq-item-ind", "explicit-key-ind", "map-value-ind"]);
const bracketSteps: Readonly<Record<string, number>> = {
  "flow-map-start": 1,
  "flow-seq-start": 1,
  "flow-map-end": -1,
  "flow-seq-end": -1,
  "flow-error-end": -1,
};

/** A line that starts at a column closes every block at that column and to its right. */
function enter(columns: number[], column: number): void {
  while ((columns.at(-1) ?? -1) >= column) columns.pop();
  columns.push(column);
}
