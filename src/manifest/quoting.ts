// Finds the numbers and booleans in a document that would be valid as text in quotes.
import { splitPointer, valueAt } from "./pointer.ts";
import type { SchemaError, SchemaValidator } from "./schema-validator.ts";

/** Returns JSON pointers. Validates a copy in which every candidate is in quotes. */
export function findQuotable(value: unknown, validate: SchemaValidator): ReadonlySet<string> {
  const candidates = (validate.errors ?? [])
    .filter(wantsText)
    .map(({ instancePath }) => instancePath)
    .filter((pointer) => isPlain(valueAt(value, pointer)) && !neverPlain.has(pointer));
  if (candidates.length === 0) return new Set();
  const quoted = structuredClone(value);
  for (const pointer of candidates) putInQuotes(quoted, pointer);
  validate(quoted);
  const faulty = new Set((validate.errors ?? []).map(({ instancePath }) => instancePath));
  return new Set(candidates.filter((pointer) => !faulty.has(pointer)));
}

/** The schema accepts any text as a region, but no region has a number or a boolean as its name. */
const neverPlain: ReadonlySet<string> = new Set(["/environment"]);

export function wantsText({ keyword, params }: Pick<SchemaError, "keyword" | "params">): boolean {
  return keyword === "type" && String(params["type"]).includes("string");
}

function isPlain(value: unknown): boolean {
  return typeof value === "number" || typeof value === "boolean";
}

function putInQuotes(document: unknown, pointer: string): void {
  const segments = splitPointer(pointer);
  const key = segments.pop();
  const parent = valueAt(document, pointer.slice(0, pointer.lastIndexOf("/")));
  if (key === undefined || typeof parent !== "object" || parent === null) return;
  const container = parent as Record<string, unknown>;
  container[key] = String(container[key]);
}
