// Turns the errors of a JSON Schema validator into diagnostics in the user's words.
import { findNearest } from "../lib/did-you-mean.ts";
import type { Diagnostic, Fault } from "../model/diagnostic.ts";
import { invariant } from "../model/errors.ts";
import type { Format } from "./expectations.ts";
import type { YamlDocument } from "./yaml-document.ts";
import { pointTo, showPointer, splitPointer, valueAt } from "./pointer.ts";
import { errorAt } from "./problem.ts";
import { findQuotable, wantsText } from "./quoting.ts";
import { hintForQuotes, showWritten } from "./show-written.ts";
import type { SchemaError, SchemaValidator } from "./schema-validator.ts";
import { holdsPlaceholder, placesOfValues } from "./substitute-values.ts";
import { quote } from "../lib/text.ts";

export interface SchemaProblems {
  readonly diagnostics: readonly Diagnostic[];
  /** JSON pointers of the values that the schema refuses. */
  readonly faulty: ReadonlySet<string>;
}

/** Fills the defaults into the document's value, and makes one diagnostic for each mistake. */
export function checkSchema(
  document: YamlDocument,
  format: Format,
  validate: SchemaValidator,
): SchemaProblems {
  const errors = validate(document.value) ? [] : (validate.errors ?? []);
  const quotable = errors.length > 0 ? findQuotable(document, validate) : noPointers;
  const diagnostics: Diagnostic[] = [];
  const faulty = new Set<string>();
  /** Pointers of keys that are missing because they are misspelt. */
  const misspelt = new Set<string>();
  for (const { instancePath, keyword, params } of errors) {
    if (keyword !== "additionalProperties") continue;
    const key = String(params["additionalProperty"]);
    const known = findKeys(instancePath, format);
    const nearest = findNearest(key, known);
    if (nearest !== undefined) misspelt.add(pointTo(instancePath, nearest));
    const fault = unknownKey(key, { pointer: instancePath, format, known, nearest });
    diagnostics.push(errorAt(document.keyPlaceOf(pointTo(instancePath, key)), fault));
  }
  for (const { instancePath, keyword, params } of errors) {
    if (keyword === "required") {
      const pointer = pointTo(instancePath, String(params["missingProperty"]));
      if (misspelt.has(pointer)) continue;
      diagnostics.push(errorAt(document.keyPlaceOf(instancePath), missingKey(pointer, format)));
    } else if (keyword !== "additionalProperties" && !isLeftToRules(keyword, instancePath, format)) {
      if (faulty.has(instancePath)) continue;
      faulty.add(instancePath);
      const value = valueAt(document.value, instancePath);
      const source = document.sourceAt(instancePath);
      const fault = wrongValue(value, { source, pointer: instancePath, keyword, format });
      const hint =
        source !== undefined && quotable.has(instancePath)
          ? hintForQuotes(source)
          : findHint(value, { keyword, params });
      diagnostics.push(errorAt(document.placeOf(instancePath), { hint, ...fault }));
    }
  }
  return { diagnostics, faulty };
}

const noPointers: ReadonlySet<string> = new Set();

function isLeftToRules(keyword: string, pointer: string, { judgedByRules }: Format): boolean {
  return keyword === "uniqueItems" || (keyword === "pattern" && judgedByRules.has(generalise(pointer)));
}

function unknownKey(
  key: string,
  given: {
    readonly pointer: string;
    readonly format: Format;
    readonly known: readonly string[];
    readonly nearest: string | undefined;
  },
): Fault {
  const { pointer, format, known, nearest } = given;
  const where = pointer === "" ? format.kind : showPointer(pointer);
  return {
    code: `${keyOf(pointer, format)}/unknownKey`,
    message: `unknown key ${quote(key)} in ${where}`,
    hint: nearest === undefined ? nameKnown(known) : `did you mean "${nearest}"?`,
  };
}

function nameKnown(known: readonly string[]): string {
  return known.length === 1
    ? `the only key here is ${known.join()}`
    : `the keys here are ${known.join(", ")}`;
}

function missingKey(pointer: string, format: Format): Fault {
  const hint = `it must be ${expected(pointer, format)}`;
  return { code: `${keyOf(pointer, format)}/missing`, message: `${showPointer(pointer)} is missing`, hint };
}

/** Names the mistake that a keyword finds: the second half of a diagnostic's code. */
const problems: Readonly<Record<string, string>> = {
  type: "wrongType",
  const: "unknown",
  enum: "unknown",
  minimum: "outOfRange",
  maximum: "outOfRange",
  exclusiveMinimum: "outOfRange",
  minItems: "empty",
  maxItems: "tooMany",
  maxProperties: "tooMany",
};

function wrongValue(
  value: unknown,
  given: {
    readonly source: string | undefined;
    readonly pointer: string;
    readonly keyword: string;
    readonly format: Format;
  },
): Fault {
  const { source, pointer, keyword, format } = given;
  const name = pointer === "" ? "the document" : showPointer(pointer);
  const must = expected(pointer, format);
  if (value === null) {
    const code = `${keyOf(pointer, format)}/empty`;
    return { code, message: `${name} is empty`, hint: `it must be ${must}` };
  }
  const code = `${keyOf(pointer, format)}/${problems[keyword] ?? "malformed"}`;
  const size = keyword.startsWith("max") ? sizeOf(value) : undefined;
  if (size !== undefined) return { code, message: `${name} must be ${must}, but it has ${size}` };
  return { code, message: `${name} must be ${must}, not ${showWritten(value, source)}` };
}

/** The length of a text or list, or the number of a map's keys; undefined for a number. */
function sizeOf(value: unknown): number | undefined {
  if (typeof value === "string" || Array.isArray(value)) return value.length;
  return typeof value === "object" && value !== null ? Object.keys(value).length : undefined;
}

function findHint(
  value: unknown,
  { keyword, params }: Pick<SchemaError, "keyword" | "params">,
): string | null {
  if (keyword === "enum" && typeof value === "string") {
    const nearest = findNearest(value, params["allowedValues"] as readonly string[]);
    return nearest === undefined ? null : `did you mean "${nearest}"?`;
  }
  if (typeof value === "string" && holdsPlaceholder(value)) return placesOfValues;
  if (keyword !== "type" || wantsText({ keyword, params })) return null;
  const isPlain = typeof value === "string" && /^(?:\d+(?:\.\d+)?|true|false)$/.test(value);
  return isPlain ? "write it without quotes" : null;
}

function expected(pointer: string, format: Format): string {
  const words = format.expectations[generalise(pointer)];
  invariant(words !== undefined, `no words for ${pointer}`);
  return words;
}

function findKeys(pointer: string, format: Format): string[] {
  const prefix = `${generalise(pointer)}/`;
  return Object.keys(format.expectations)
    .filter((known) => known.startsWith(prefix))
    .map((known) => known.slice(prefix.length))
    .filter((key) => !key.includes("/"));
}

/** Replaces the index of an item, and a key of the user's own, by `*`. */
function generalise(pointer: string): string {
  return pointer
    .replace(/^(\/metadata\/(?:labels|annotations)|\/values)\/.*$/, "$1/*")
    .replaceAll(/\/\d+(?=\/|$)/g, "/*");
}

/** Returns the first half of a diagnostic's code: the last key of the pointer that is not an index. */
function keyOf(pointer: string, format: Format): string {
  const name = splitPointer(generalise(pointer)).findLast((segment) => segment !== "*");
  return name ?? (format.kind === "ReconcileConfig" ? "config" : "manifest");
}
