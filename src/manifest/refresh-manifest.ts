// Writes what is live into an existing manifest. It edits only the values that differ, so that comments, the order of
// keys and lists, and keys that import does not handle stay as they are.
import { isMap, isScalar, isSeq, parseAllDocuments, type Document, type Node, type YAMLMap } from "yaml";
import type { Place } from "../model/diagnostic.ts";
import { sameEndpoint } from "../model/endpoint.ts";
import { optionsOf } from "../model/kind.ts";
import { sameOptions, shortenOptions, type KindOptions, type OptionsValue } from "../model/options.ts";
import type { PoolEndpoint, Subscription } from "../model/subscription.ts";
import { fillDocument } from "./keep-placeholders.ts";
import type { RuleOptions } from "./rules/rule.ts";
import { findValuePlaces } from "./substitute-values.ts";
import { layout, shortest, type WrittenGroup } from "./write-manifest.ts";

export interface RefreshedManifest {
  readonly text: string;
  /** The former texts with placeholders such as `${host}` that no longer give what is live, so they are replaced. */
  readonly lost: readonly string[];
}

/**
 * Returns the file's text with the document at `current.place` changed to `wanted`; its name, group and offset file
 * stay. Null if the file has no readable document at that place.
 */
export function refreshManifest(
  text: string,
  { current, wanted }: { readonly current: Subscription; readonly wanted: WrittenGroup },
  { kinds, values }: Pick<RuleOptions, "kinds" | "values">,
): RefreshedManifest | null {
  const mark = text.startsWith("\uFEFF") ? "\uFEFF" : "";
  const content = text.slice(mark.length).replaceAll("\r\n", "\n");
  const found = findDocument(content, current.place);
  const spec = found?.document.get("spec");
  if (!found || !isMap(spec)) return null;
  const { document, source, start } = found;
  const putBack = fillDocument(document, { values, takesValues: findValuePlaces(kinds) });
  refreshEventTypes(document, wanted.eventTypes);
  refreshEndpoints({ document, spec }, current, wanted);
  for (const options of optionsOf(kinds, wanted.kind)) {
    const value = wanted[options.key];
    if (!sameOptions(options, current[options.key], value))
      refreshOptions({ document, spec }, options, value);
  }
  refreshFields({ document, spec }, current, wanted);
  const lost = putBack();
  const written = document.toString({ ...layout, ...layoutOf(source) });
  const rest = content.slice(start + source.length);
  const refreshed = `${mark}${content.slice(0, start)}${likeBefore(written, source)}${rest}`;
  return { text: text.includes("\r\n") ? refreshed.replaceAll("\n", "\r\n") : refreshed, lost };
}

interface Found {
  readonly document: Document;
  /** The part of the file that the document was read from, and the offset at which that starts. */
  readonly source: string;
  readonly start: number;
}

/** Splits the file at `---` and parses each part alone, so that the other documents keep every letter. */
function findDocument(content: string, place: Place): Found | null {
  const starts = [0, ...Array.from(content.matchAll(/(?<=\n)---(?=\s|$)/g), ({ index }) => index)];
  for (const [index, start] of starts.entries()) {
    const source = content.slice(start, starts[index + 1]);
    const [document, ...others] = [parseAllDocuments(source, options)].flat();
    if (!document?.contents || others.length > 0 || document.errors.length > 0) continue;
    const before = content.slice(0, start + document.contents.range[0]).split("\n");
    const isIt = before.length === place.line && (before.at(-1)?.length ?? 0) + 1 === place.column;
    if (isIt) return { document, source, start };
  }
  return null;
}

/** Keys are not checked again, because validation has read this file before. */
const options = { uniqueKeys: false } as const;

function refreshEventTypes(document: Document, wanted: readonly string[]): void {
  const list = document.getIn(["spec", "eventTypes"], true);
  if (!isSeq(list)) return;
  const valueOf = (item: unknown): unknown => (isScalar(item) ? item.value : item);
  list.items = list.items.filter((item) => wanted.some((eventType) => eventType === valueOf(item)));
  const there = new Set(list.items.map(valueOf));
  for (const eventType of wanted) if (!there.has(eventType)) list.add(document.createNode(eventType));
}

interface Edited {
  readonly document: Document;
  readonly spec: YAMLMap;
}

function refreshEndpoints({ document, spec }: Edited, current: Subscription, wanted: WrittenGroup): void {
  if (!sameEndpoint(current.endpointUrl, wanted.endpointUrl)) {
    document.setIn(["spec", "endpointUrl"], wanted.endpointUrl);
  }
  if (wanted.endpointPool.length === 0) {
    spec.delete("endpointPool");
    return;
  }
  const pool = spec.get("endpointPool", true);
  if (!isSeq(pool)) {
    const pool = wanted.endpointPool.map((endpoint) => createNode(document, shortest(endpoint)));
    const pair = document.createPair("endpointPool", pool);
    const at = spec.items.findIndex(({ key }) => (isScalar(key) ? key.value : key) === "endpointUrl");
    spec.items.splice(at + 1, 0, pair);
    return;
  }
  pool.items = wanted.endpointPool.map((endpoint) => {
    const index = current.endpointPool.findIndex(({ url }) => sameEndpoint(url, endpoint.url));
    const [known, item] = [current.endpointPool[index], pool.items[index]];
    if (known?.weight === endpoint.weight) return item;
    return withWeight(document, item, endpoint);
  });
}

/** Sets the endpoint's weight and keeps the comments of its item. */
function withWeight(document: Document, item: unknown, endpoint: PoolEndpoint): unknown {
  if (isMap(item)) {
    item.set("weight", endpoint.weight);
    return item;
  }
  const node = createNode(document, shortest(endpoint));
  if (isScalar(item)) {
    node.comment = item.comment ?? null;
    node.commentBefore = item.commentBefore ?? null;
    node.spaceBefore = item.spaceBefore ?? false;
  }
  return node;
}

/** Makes a node that is written on one line. */
function createNode(document: Document, value: unknown): Node {
  const node = document.createNode(value) as Node;
  if (isMap(node)) node.flow = true;
  return node;
}

function refreshOptions({ document, spec }: Edited, options: KindOptions, value: OptionsValue): void {
  const { key, written } = options;
  const there = spec.get(key, true);
  const short = shortenOptions(options, value);
  if (written === "whole" && isMap(there)) {
    for (const [name, one] of Object.entries(value)) there.set(name, one);
  } else if (written === "whole") spec.set(key, createNode(document, value));
  else if (short) spec.set(key, document.createNode(short));
  else spec.delete(key);
}

function refreshFields({ document, spec }: Edited, current: Subscription, wanted: WrittenGroup): void {
  if (current.state !== wanted.state) document.setIn(["spec", "state"], wanted.state);
  if (current.rebalanceMode === wanted.rebalanceMode) return;
  if (wanted.rebalanceMode === "always") spec.set("rebalance", createNode(document, { mode: "always" }));
  else spec.delete("rebalance");
}

function layoutOf(source: string): { readonly indent: number; readonly indentSeq: boolean } {
  const indent = /^(?:metadata|spec):[^\n]*\n(?:\s*#[^\n]*\n)*( +)/m.exec(source)?.[1]?.length ?? 2;
  return {
    indent,
    indentSeq: !hasListAtKey(source.split("\n")),
  };
}

/** True if the items of a list stand as far to the left as the key that they belong to. */
function hasListAtKey(lines: readonly string[]): boolean {
  return lines.some((line, index) => {
    const [start, indent = ""] = /^( *)[^\s#-]/.exec(line) ?? [];
    const isKey = start !== undefined && /:[ \t]*(?:#|$)/.test(line.slice(start.length));
    return isKey && lines[skipComments(lines, index + 1)]?.startsWith(`${indent}- `) === true;
  });
}

/** Returns the index of the next line that is no comment; blank lines before a comment are skipped with it. */
function skipComments(lines: readonly string[], from: number): number {
  let next = from;
  for (let index = from; /^\s*(?:#|$)/.test(lines[index] ?? "x"); index += 1)
    if (lines[index]?.trim() !== "") next = index + 1;
  return next;
}

/** How many lines ahead `likeBefore` looks for a line that differs only in its blanks. */
const reach = 400;

/** Gives unchanged lines their old blanks back, because the library writes blanks in its own way. */
function likeBefore(written: string, source: string): string {
  const before = source.split("\n");
  const isTight = /: \[[^\s\]]/.test(source);
  let next = 0;
  const lines = written.split("\n").map((line) => {
    const wanted = line.replaceAll(/\s/g, "");
    const at = before
      .slice(next, next + reach)
      .findIndex((old) => wanted !== "" && old.replaceAll(/\s/g, "") === wanted && sameIndent(old, line));
    if (at < 0) return isTight ? line.replace(/^( *[a-zA-Z]+: )\[ (.*) \](?=$| #)/, "$1[$2]") : line;
    next += at + 1;
    return before[next - 1] ?? line;
  });
  return lines.join("\n");
}

function sameIndent(a: string, b: string): boolean {
  return a.search(/\S/) === b.search(/\S/);
}
