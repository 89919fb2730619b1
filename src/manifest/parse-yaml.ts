// YAML text → documents with positions, or diagnostics. Strict: what could be read in two ways is refused.
import { Composer, isScalar, Lexer, LineCounter, Parser, type Document, type YAMLError } from "yaml";
import type { Diagnostic, Place } from "../model/diagnostic.ts";
import { isSafelyNested } from "./nesting.ts";
import { splitPointer } from "./pointer.ts";
import { errorAt, type Fault } from "./problem.ts";
import { makeYamlNode, type YamlNode } from "./yaml-node.ts";

export interface YamlDocument {
  /** Plain maps, lists, texts, numbers, booleans and null. */
  readonly value: unknown;
  /** Where the document's content starts. */
  readonly place: Place;
  readonly has: (pointer: string) => boolean;
  /** Of the value at a JSON pointer (`/spec/eventTypes/3`), or of the nearest one above it that is written. */
  readonly placeOf: (pointer: string) => Place;
  /** Of the key whose value is at a JSON pointer; in a list, of the value. */
  readonly keyPlaceOf: (pointer: string) => Place;
}

export interface ParsedYaml {
  /** Those that could be read; a faulty one does not take the others with it. */
  readonly documents: readonly YamlDocument[];
  /** All of them errors. */
  readonly diagnostics: readonly Diagnostic[];
}

/** A file with more documents is a mistake, and each costs time before it is looked at. */
const maxDocuments = 1000;

/** Words, blanks and signs. A full MiB of manifests has fewer; each fault among them costs the parser time. */
const maxTokens = 300_000;

/** Never throws. Aliases, custom tags, merge keys, duplicate keys and keys that are not text are errors. */
export function parseYaml(text: string, file: string): ParsedYaml {
  const content = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const documents: YamlDocument[] = [];
  const diagnostics: Diagnostic[] = [];
  const lines = new LineCounter();
  const contentEnd = content.trimEnd().length;
  const placeAt = (offset: number): Place => {
    // What is missing at the end of the file is shown behind its last word.
    const { line, col } = lines.linePos(Math.min(offset, contentEnd));
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const report = (offset: number, fault: Fault): void => {
    diagnostics.push(errorAt(placeAt(offset), fault));
  };
  if (!isSafelyNested(content)) report(0, tooDeep);
  else {
    for (const composed of composeDocuments(content, lines, report)) {
      const root = readDocument(composed, content, report);
      if (root) documents.push(makeDocument(root, placeAt));
    }
    if (documents.length === 0 && diagnostics.length === 0) report(0, emptyFile);
  }
  return { documents, diagnostics };
}

type Report = (offset: number, fault: Fault) => void;

/** One at a time, so that a file with too much in it is given up early. */
function* composeDocuments(
  content: string,
  lines: LineCounter,
  report: Report,
): Generator<Document.Parsed> {
  const parser = new Parser(lines.addNewLine);
  const composer = new Composer({
    schema: "core",
    // Checked while values are made: this library's own check takes quadratic time.
    uniqueKeys: false,
    resolveKnownTags: false,
  });
  let [tokens, documents] = [0, 0];
  lines.addNewLine(0);
  for (const token of new Lexer().lex(content)) {
    tokens += 1;
    for (const part of parser.next(token)) {
      documents += part.type === "document" ? 1 : 0;
      yield* composer.next(part);
    }
    if (tokens > maxTokens || documents > maxDocuments) {
      report(0, tooLong);
      return;
    }
  }
  for (const part of parser.end()) yield* composer.next(part);
  yield* composer.end();
}

/** Undefined where no value can be relied on; then one fault says why. */
function readDocument(document: Document.Parsed, content: string, report: Report): YamlNode | undefined {
  const [error] = [...document.errors, ...document.warnings].toSorted((a, b) => a.pos[0] - b.pos[0]);
  if (error) {
    report(error.pos[0], syntaxFault(error, content));
    return undefined;
  }
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null)) {
    report(document.range[0], emptyDocument);
    return undefined;
  }
  return makeYamlNode(contents, content, report);
}

function makeDocument(root: YamlNode, placeAt: (offset: number) => Place): YamlDocument {
  const find = (pointer: string): { readonly key: number; readonly node: YamlNode; isExact: boolean } => {
    let [key, node] = [root.offset, root];
    for (const segment of splitPointer(pointer)) {
      const child = node.children?.get(segment);
      if (!child) return { key, node, isExact: false };
      [key, node] = [child.keyOffset, child.node];
    }
    return { key, node, isExact: true };
  };
  return {
    value: root.value,
    place: placeAt(root.offset),
    has: (pointer) => find(pointer).isExact,
    placeOf: (pointer) => {
      const { key, node } = find(pointer);
      // An empty value stands nowhere; its key does.
      return placeAt(node.value === null ? key : node.offset);
    },
    keyPlaceOf: (pointer) => placeAt(find(pointer).key),
  };
}

const tooDeep: Fault = {
  code: "yaml/tooDeep",
  message: "the file is nested too deeply",
  hint: "a manifest needs no more than 6 levels",
};

const tooLong: Fault = {
  code: "yaml/tooLong",
  message: `the file has more than ${maxDocuments} documents, or more in them than any manifest`,
  hint: "split it into several files",
};

const emptyFile: Fault = {
  code: "document/empty",
  message: "the file is empty",
  hint: "delete the file, or write a manifest into it; an empty file never means: delete everything",
};

const emptyDocument: Fault = {
  code: "document/empty",
  message: "the document is empty",
  hint: "write a manifest here, or remove the --- that starts an empty document",
};

/** In other words than the library's where its own are about YAML's grammar. */
const syntaxWords: Readonly<Partial<Record<YAMLError["code"], string>>> = {
  BAD_ALIAS: "this alias or anchor has no proper name",
  BAD_COLLECTION_TYPE: "this tag does not fit the value behind it",
  BAD_DIRECTIVE: "unknown % directive",
  BAD_INDENT: "this line is not indented like the ones that it belongs to",
  BAD_SCALAR_START: "a value cannot start with this character; put it in quotes",
  BLOCK_AS_IMPLICIT_KEY: "there are two keys on this line, or a value with a colon that is not in quotes",
  MULTILINE_IMPLICIT_KEY:
    "a key and its colon must be on one line; is a colon missing, or a line indented wrongly?",
  TAG_RESOLVE_FAILED: "custom tags are not supported",
};

function syntaxFault(error: YAMLError, content: string): Fault {
  const [offset] = error.pos;
  const line = content.slice(content.lastIndexOf("\n", offset - 1) + 1, offset + 1);
  if (error.code === "TAB_AS_INDENT" || /^ *\t/.test(line)) {
    const message = "a tab is used for indentation, which YAML does not allow";
    return { code: "yaml/tab", message, hint: "use spaces" };
  }
  const closing = /end with an? ([\]}])$/.exec(error.message)?.[1];
  if (closing !== undefined) {
    return { code: "yaml/syntax", message: `a ${closing} is missing before this place` };
  }
  const code = error.code === "TAG_RESOLVE_FAILED" ? "yaml/tag" : "yaml/syntax";
  const message = syntaxWords[error.code] ?? `this is not valid YAML: ${lowerFirst(error.message)}`;
  return { code, message };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
