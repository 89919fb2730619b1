// Makes a plain value of a composed YAML document, with the offset of every key and value.
import { isAlias, isMap, isScalar, type ParsedNode, type Scalar } from "yaml";
import type { Fault } from "../model/diagnostic.ts";
import { quote } from "../lib/text.ts";
import { hintForQuotes, isPlain, showWritten } from "./show-written.ts";

export interface YamlNode {
  readonly value: unknown;
  readonly offset: number;
  /** A number or a boolean as the file writes it, such as `1.10`; absent for any other value. */
  readonly source?: string;
  /** The children of a map by key, or of a list by index as text; other values have none. */
  readonly children?: ReadonlyMap<string, YamlChild>;
}

export interface YamlChild {
  readonly keyOffset: number;
  readonly node: YamlNode;
}

type Report = (offset: number, fault: Fault) => void;

interface YamlReading {
  readonly content: string;
  readonly report: Report;
  /** False once a part of the document could not be read; then no further fault is reported. */
  isReadable: boolean;
}

interface Position {
  readonly offset: number;
  readonly depth: number;
}

/** A manifest has 6 levels; a much deeper document is an attack or an accident. */
const maxDepth = 64;

/**
 * Keys that name a part of every JavaScript object. No manifest needs them, and they could break code that copies keys.
 */
export const forbiddenKeys = new Set(["__proto__", "constructor", "prototype"]);

/** Returns undefined, after a report, if a part of the document has no plain value. */
export function makeYamlNode(root: ParsedNode, content: string, report: Report): YamlNode | undefined {
  const reading = { content, report, isReadable: true };
  const node = readNode(root, { offset: 0, depth: 1 }, reading);
  return reading.isReadable ? node : undefined;
}

function readNode(
  node: ParsedNode | null,
  { offset: before, depth }: Position,
  reading: YamlReading,
): YamlNode {
  if (node === null || !reading.isReadable) return { value: null, offset: before };
  const [offset] = node.range;
  if (isAlias(node)) return giveUp(offset, aliasFault(node.source), reading);
  if (node.anchor !== undefined) {
    const anchorOffset = reading.content.lastIndexOf(`&${node.anchor}`, offset);
    return giveUp(anchorOffset, anchorFault(node.anchor), reading);
  }
  if (isScalar(node)) {
    if (isRounded(node.value)) reading.report(offset, roundingFault(node.source));
    return readScalar(node, offset);
  }
  if (depth > maxDepth) return giveUp(offset, nestingFault, reading);
  const position = { offset, depth: depth + 1 };
  return isMap(node) ? readMap(node.items, position, reading) : readList(node.items, position, reading);
}

function readScalar({ value, source }: Scalar.Parsed, offset: number): YamlNode {
  if (typeof value === "string") return { value: detach(value), offset };
  return isPlain(value) ? { value, offset, source: detach(source) } : { value, offset };
}

interface ParsedPair {
  readonly key: ParsedNode;
  readonly value: ParsedNode | null;
}

function readMap(pairs: readonly ParsedPair[], position: Position, reading: YamlReading): YamlNode {
  const value: Record<string, unknown> = {};
  const children = new Map<string, YamlChild>();
  for (const pair of pairs) {
    const key = readNode(pair.key, position, reading);
    const node = readNode(pair.value, { ...position, offset: key.offset }, reading);
    const fault = findKeyFault(key, children);
    if (fault && reading.isReadable) reading.report(key.offset, fault);
    else if (typeof key.value === "string") {
      value[key.value] = node.value;
      children.set(key.value, { keyOffset: key.offset, node });
    }
  }
  return { value, offset: position.offset, children };
}

function readList(items: readonly ParsedNode[], position: Position, reading: YamlReading): YamlNode {
  const nodes = items.map((item) => readNode(item, position, reading));
  return {
    value: nodes.map((node) => node.value),
    offset: position.offset,
    children: new Map(nodes.map((node, index) => [String(index), { keyOffset: node.offset, node }])),
  };
}

function findKeyFault(
  { value: key, source }: YamlNode,
  known: ReadonlyMap<string, YamlChild>,
): Fault | undefined {
  if (typeof key !== "string") {
    const message = `a key must be text, not ${showWritten(key, source)}`;
    return {
      code: "yaml/keyNotText",
      message,
      hint: source === undefined ? null : hintForQuotes(source),
    };
  }
  if (key === "<<") {
    return {
      code: "yaml/mergeKey",
      message: "merge keys (<<) are not supported",
      hint: "write the keys out",
    };
  }
  if (forbiddenKeys.has(key))
    return { code: "yaml/forbiddenKey", message: `the key "${key}" is not allowed` };
  if (!known.has(key)) return undefined;
  const hint = "remove one of them";
  return { code: "yaml/duplicateKey", message: `the key ${quote(key)} is given twice`, hint };
}

function giveUp(offset: number, fault: Fault, reading: YamlReading): YamlNode {
  reading.report(offset, fault);
  reading.isReadable = false;
  return { value: null, offset };
}

/** V8 copies shorter slices itself. */
const shortestShared = 13;

/** Returns a copy of the text: a slice would keep the whole file in memory. */
export function detach(text: string): string {
  return text.length < shortestShared ? text : (JSON.parse(JSON.stringify(text)) as string);
}

/** True for a whole number above 2^53, which JavaScript does not keep exactly. */
function isRounded(value: unknown): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}

function roundingFault(source: string): Fault {
  const message = `the number ${source.slice(0, 40)} is too big to be kept exactly`;
  return { code: "yaml/numberTooBig", message, hint: "if it is a name, put it in quotes" };
}

function aliasFault(name: string): Fault {
  const message = `aliases (*${quote(name).slice(1, -1)}) are not supported`;
  return { code: "yaml/alias", message, hint: "write the value out" };
}

function anchorFault(name: string): Fault {
  const message = `anchors (&${quote(name).slice(1, -1)}) are not supported`;
  return { code: "yaml/alias", message, hint: "write the value out where it is needed" };
}

const nestingFault: Fault = {
  code: "yaml/tooDeep",
  message: `the document is nested more than ${maxDepth} levels deep`,
  hint: "a manifest needs no more than 6",
};
