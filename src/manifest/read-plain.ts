// Reads the YAML that most manifests are made of: block maps and lists, and scalars and short flow collections that each stand
// on one line. It makes the same nodes as the parser, in a fraction of its time, or none: all other YAML is the parser's.
import { detach, forbiddenKeys, type YamlChild, type YamlNode } from "./yaml-node.ts";

/** A line that holds more than a comment. Its end is behind its last character that is no blank. */
interface Line {
  readonly indent: number;
  readonly start: number;
  readonly end: number;
}

interface Reading {
  readonly source: string;
  readonly lines: Line[];
  /** The index of the next line. */
  next: number;
}

/** Thrown at whatever is left to the parser. */
const notPlain = new Error("not plain");

/** A longer text could have more tokens than the parser takes. */
const maxLength = 65_536;

/** A manifest has 6 levels. */
const maxIndent = 64;

/** Reads one document. Returns null if it is not as plain as that. */
export function readPlain(source: string): YamlNode | null {
  if (source.length > maxLength || !/^[\n -~\u00A1-\u2027\u2030-\uD7FF]*$/.test(source)) return null;
  try {
    const reading = { source, lines: findLines(source), next: 0 };
    const [first] = reading.lines;
    if (first?.indent !== 0) return null;
    const root = readBlock(reading, first);
    return reading.next === reading.lines.length ? root : null;
  } catch (thrown) {
    if (thrown === notPlain) return null;
    throw thrown;
  }
}

const [space, hash, dash] = [0x20, 0x23, 0x2d];

function findLines(source: string): Line[] {
  const lines: Line[] = [];
  let start = source.startsWith("---\n") ? 4 : 0;
  while (start < source.length) {
    const newline = source.indexOf("\n", start);
    const stop = newline < 0 ? source.length : newline;
    const first = skipBlanks(source, start);
    if (first < stop && source.charCodeAt(first) !== hash) {
      if (first - start > maxIndent) throw notPlain;
      let end = stop;
      while (source.charCodeAt(end - 1) === space) end -= 1;
      lines.push({ indent: first - start, start: first, end });
    }
    start = stop + 1;
  }
  return lines;
}

function skipBlanks(source: string, from: number): number {
  let at = from;
  while (source.charCodeAt(at) === space) at += 1;
  return at;
}

function readBlock(reading: Reading, line: Line): YamlNode {
  return isItem(reading.source, line) ? readList(reading, line) : readMap(reading, line);
}

function isItem(source: string, { start, end }: Line): boolean {
  return source.charCodeAt(start) === dash && start + 1 < end && source.charCodeAt(start + 1) === space;
}

function readMap(reading: Reading, { indent, start: offset }: Line): YamlNode {
  const { source, lines } = reading;
  const value: Record<string, unknown> = {};
  const children = new Map<string, YamlChild>();
  let line = lines[reading.next];
  while (line?.indent === indent) {
    const end = findKeyEnd(source, line);
    if (end < 0) throw notPlain;
    reading.next += 1;
    const node = readValue(reading, line, end + 1);
    addChild(source.slice(line.start, end), { keyOffset: line.start, node }, { value, children });
    line = lines[reading.next];
  }
  if (line && line.indent > indent) throw notPlain;
  return { value, offset, children };
}

function addChild(
  key: string,
  child: YamlChild,
  {
    value,
    children,
  }: { readonly value: Record<string, unknown>; readonly children: Map<string, YamlChild> },
): void {
  if (children.has(key) || forbiddenKeys.has(key) || words.has(key)) throw notPlain;
  value[key] = child.node.value;
  children.set(key, child);
}

/** Returns the index of the colon behind a key; -1 if no key starts there. */
function findKeyEnd(source: string, { start, end }: Pick<Line, "start" | "end">): number {
  keyPattern.lastIndex = start;
  if (!keyPattern.test(source)) return -1;
  const at = keyPattern.lastIndex - 1;
  return at + 1 === end || source.charCodeAt(at + 1) === space ? at : -1;
}

const keyPattern = /[A-Za-z][\w./-]{0,255}:/y;

/** Reads the value of the key of a line: from there on the line, or else from the lines below it. */
function readValue(reading: Reading, line: Line, from: number): YamlNode {
  const { source, lines } = reading;
  const start = skipBlanks(source, from);
  if (start < line.end && source.charCodeAt(start) !== hash) return readInline(source, start, line.end);
  const below = lines[reading.next];
  if (below && below.indent > line.indent) return readBlock(reading, below);
  if (below?.indent === line.indent && isItem(source, below)) return readList(reading, below);
  throw notPlain;
}

function readList(reading: Reading, { indent, start: offset }: Line): YamlNode {
  const { source, lines } = reading;
  const nodes: YamlNode[] = [];
  let line = lines[reading.next];
  while (line?.indent === indent && isItem(source, line)) {
    const item = { ...line, start: skipBlanks(source, line.start + 1) };
    if (findKeyEnd(source, item) < 0) {
      reading.next += 1;
      nodes.push(readInline(source, item.start, item.end));
    } else {
      // The map starts on the item's own line, as if it stood alone there.
      const inner = { ...item, indent: indent + item.start - line.start };
      lines[reading.next] = inner;
      nodes.push(readMap(reading, inner));
    }
    line = lines[reading.next];
  }
  if (line && line.indent > indent) throw notPlain;
  return listOf(nodes, offset);
}

function listOf(nodes: readonly YamlNode[], offset: number): YamlNode {
  const value: unknown[] = [];
  const children = new Map<string, YamlChild>();
  for (const [index, node] of nodes.entries()) {
    value.push(node.value);
    children.set(String(index), { keyOffset: node.offset, node });
  }
  return { value, offset, children };
}

/** Reads a value that has the rest of a line to itself, but for a comment. */
function readInline(source: string, start: number, end: number): YamlNode {
  const char = source.charAt(start);
  if (char === '"' || char === "'") {
    const close = source.indexOf(char, start + 1);
    const text = source.slice(start + 1, close);
    if (close < 0 || close >= end || text.includes("\\")) throw notPlain;
    expectEnd(source, close + 1, end);
    return { value: detach(text), offset: start };
  }
  if (char === "[" || char === "{") return readFlow(source, start, end);
  const comment = source.indexOf(" #", start);
  let stop = comment < 0 || comment > end ? end : comment;
  while (source.charCodeAt(stop - 1) === space) stop -= 1;
  const text = source.slice(start, stop);
  if (!/^[\w/$\u00A1-\uD7FF]/.test(text) || text.includes(": ") || text.endsWith(":")) throw notPlain;
  return readScalar(text, start);
}

/** Behind a value, only a comment may stand. */
function expectEnd(source: string, from: number, end: number): void {
  const rest = skipBlanks(source, from);
  if (rest < end && (rest === from || source.charCodeAt(rest) !== hash)) throw notPlain;
}

/** Texts that mean something else when they are not in quotes. */
const words: ReadonlyMap<string, boolean | null> = new Map([
  ...["true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["false", "False", "FALSE"].map((word) => [word, false] as const),
  ...["null", "Null", "NULL"].map((word) => [word, null] as const),
]);

function readScalar(text: string, offset: number): YamlNode {
  const word = words.get(text);
  if (word === null) throw notPlain;
  if (word !== undefined) return { value: word, offset, source: text };
  const first = text.charCodeAt(0);
  if (first > 0x39 || first < 0x30 || Number.isNaN(Number(text))) return { value: detach(text), offset };
  if (!/^(?:0|[1-9]\d{0,8})$/.test(text)) throw notPlain;
  return { value: Number(text), offset, source: text };
}

function readFlow(source: string, start: number, end: number): YamlNode {
  const isMap = source.charAt(start) === "{";
  const value: Record<string, unknown> = {};
  const children = new Map<string, YamlChild>();
  const nodes: YamlNode[] = [];
  let at = start;
  let sign = ",";
  while (sign === ",") {
    at = skipBlanks(source, at + 1);
    const key = at;
    if (isMap) {
      at = findKeyEnd(source, { start: at, end });
      if (at < 0) throw notPlain;
      at = skipBlanks(source, at + 1);
    }
    flowScalar.lastIndex = at;
    const [text = ""] = flowScalar.exec(source) ?? [];
    const node = readScalar(text, at);
    if (isMap)
      addChild(source.slice(key, source.indexOf(":", key)), { keyOffset: key, node }, { value, children });
    else nodes.push(node);
    at = skipBlanks(source, at + text.length);
    sign = source.charAt(at);
    if (text === "" || at >= end) throw notPlain;
  }
  if (sign !== (isMap ? "}" : "]")) throw notPlain;
  expectEnd(source, at + 1, end);
  return isMap ? { value, offset: start, children } : listOf(nodes, start);
}

const flowScalar = /[\w/](?:[\w/.*@=+-]|:(?=\/))*/y;
