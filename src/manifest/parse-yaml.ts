// Parses YAML text into documents with positions, or diagnostics. It refuses whatever could be read in two ways.
import { Composer, isScalar, Lexer, LineCounter, Parser, type Document, type YAMLError } from "yaml";
import type { Diagnostic, Fault, Place } from "../model/diagnostic.ts";
import { isSafelyNested } from "./nesting.ts";
import { errorAt } from "./problem.ts";
import { readPlain } from "./read-plain.ts";
import { urlSecrets } from "../lib/text.ts";
import { makeYamlDocument, type YamlDocument } from "./yaml-document.ts";
import { makeYamlNode, type YamlNode } from "./yaml-node.ts";

export interface ParsedYaml {
  /** The documents that could be read; a faulty one does not keep the others from being read. */
  readonly documents: readonly YamlDocument[];
  /** All diagnostics are errors. */
  readonly diagnostics: readonly Diagnostic[];
}

/** A file with more documents is a mistake, and reading each of them would take time. */
const maxDocuments = 1000;

/** A full MiB of manifests has fewer tokens (words, blanks and signs). Each fault among them costs the parser time. */
const maxTokens = 300_000;

/** Never throws. Aliases, custom tags, merge keys, duplicate keys and keys that are not text are errors. */
export function parseYaml(text: string, file: string): ParsedYaml {
  const content = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const documents: YamlDocument[] = [];
  const diagnostics: Diagnostic[] = [];
  const placeAt = makePlaceFinder(content, file);
  const plain = readPlainDocuments(content);
  if (plain) {
    const readable = plain.map(({ root, start }) =>
      makeYamlDocument(root, (offset) => placeAt(start + offset)),
    );
    return { documents: readable, diagnostics };
  }
  const report = (offset: number, fault: Fault): void => {
    diagnostics.push(errorAt(placeAt(offset), fault));
  };
  if (!isSafelyNested(content)) report(0, tooDeep);
  else {
    for (const { composed, source, start } of composeDocuments(content, report)) {
      // A fault at the end of a document, such as a missing bracket, is shown behind its last word.
      const end = source.trimEnd().length;
      const inFile = (offset: number): number => start + Math.min(offset, end);
      const root = readDocument(composed, source, (offset, fault) => {
        report(inFile(offset), fault);
      });
      if (root) documents.push(makeYamlDocument(root, (offset) => placeAt(inFile(offset))));
    }
    if (documents.length === 0 && diagnostics.length === 0) report(0, emptyFile);
  }
  return { documents, diagnostics };
}

/** Returns null unless all documents are plain. */
function readPlainDocuments(content: string): readonly { root: YamlNode; start: number }[] | null {
  const plain: { root: YamlNode; start: number }[] = [];
  for (const { source, start } of splitDocuments(content)) {
    const root = plain.length < maxDocuments ? readPlain(source) : null;
    if (!root) return null;
    plain.push({ root, start });
  }
  return plain;
}

function makePlaceFinder(content: string, file: string): (offset: number) => Place {
  const lines = new LineCounter();
  for (let start = 0; start >= 0; start = content.indexOf("\n", start) + 1 || -1) lines.addNewLine(start);
  return (offset) => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
}

type Report = (offset: number, fault: Fault) => void;

interface ComposedDocument {
  readonly composed: Document.Parsed;
  /** The part of the file that it was composed from, and the offset at which that starts. */
  readonly source: string;
  readonly start: number;
}

/** Yields one document at a time, so that the parser gives up early on a file that holds too much. */
function* composeDocuments(content: string, report: Report): Generator<ComposedDocument> {
  const rest = { documents: maxDocuments, tokens: maxTokens };
  for (const { source, start } of splitDocuments(content)) {
    for (const composed of compose(source, rest)) {
      rest.documents -= 1;
      if (rest.documents >= 0) yield { composed, source, start };
    }
    if (rest.documents < 0 || rest.tokens < 0) {
      report(0, tooLong);
      return;
    }
  }
}

/**
 * Splits at each line with `---`, which no document can contain, so that an open quote does not swallow the next one.
 */
function* splitDocuments(content: string): Generator<{ readonly source: string; readonly start: number }> {
  let start = 0;
  for (const { index } of content.matchAll(/(?<=\n)---(?=\s|$)/g)) {
    yield { source: content.slice(start, index), start };
    start = index;
  }
  yield { source: content.slice(start), start };
}

function* compose(source: string, rest: { tokens: number }): Generator<Document.Parsed> {
  const [parser, composer] = [new Parser(), new Composer(composerOptions)];
  for (const token of new Lexer().lex(source)) {
    rest.tokens -= 1;
    if (rest.tokens < 0) return;
    for (const part of parser.next(token)) yield* composer.next(part);
  }
  for (const part of parser.end()) yield* composer.next(part);
  yield* composer.end();
}

const composerOptions = {
  schema: "core",
  // `makeYamlNode` checks that keys are unique, because the library's own check takes quadratic time.
  uniqueKeys: false,
  resolveKnownTags: false,
} as const;

/** Returns undefined and reports one fault if the document is not valid YAML. */
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

const tooDeep: Fault = {
  code: "yaml/tooDeep",
  message: "the file is nested too deeply",
  hint: "a manifest needs no more than 6 levels",
};

const tooLong: Fault = {
  code: "yaml/tooLong",
  message: `the file has more than ${maxDocuments} documents, or is far longer than any manifest`,
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

/** Replaces those of the library's messages that use terms of YAML's grammar. */
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
  const message =
    findMisindented(error, content) ??
    syntaxWords[error.code] ??
    `this is not valid YAML: ${shortened(error.message)}`;
  return { code, message, hint: findSyntaxHint(error, content) };
}

/** Returns a hint for mistakes that are frequent in manifests. */
function findSyntaxHint({ code, pos: [offset] }: YAMLError, content: string): string | null {
  const [rest = ""] = content.slice(offset).split("\n", 1);
  const before = content.slice(content.lastIndexOf("\n", offset - 1) + 1, offset);
  if (
    code === "BLOCK_AS_IMPLICIT_KEY" &&
    /\b(?:endpointUrl|url): +$/.test(before) &&
    /^[a-z]+: /.test(rest)
  )
    return "remove the space after the endpoint's colon";
  if (content.slice(offset - 1).startsWith("${"))
    return 'within [ ] and { }, put a text with ${ } in quotes, such as "${name}"';
  if (code === "MISSING_CHAR" && content.slice(offset - 1).startsWith(".{"))
    return 'within [ ], put event types with { } in quotes, such as "v2.users.{id}.presence"';
  return null;
}

/** The library reports a wrongly indented line as a key with two values. */
function findMisindented({ code, message, pos }: YAMLError, content: string): string | undefined {
  if (code !== "BLOCK_AS_IMPLICIT_KEY") return undefined;
  if (message.startsWith("A block sequence"))
    return "this list item is indented differently from those above";
  const [rest = ""] = content.slice(pos[0]).split("\n", 1);
  return /:(?:\s|$)/.test(rest) ? undefined : "the line below this one is indented differently from it";
}

/** Shortens the library's message, because it can quote the file at any length, secrets included. */
function shortened(message: string): string {
  const shown = message.replaceAll(urlSecrets, "…").slice(0, maxMessageLength);
  return shown.charAt(0).toLowerCase() + shown.slice(1);
}

/** The length of one or two lines on a terminal. */
const maxMessageLength = 160;
