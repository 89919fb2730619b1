// Finds the numbers and booleans in a document that would be valid as text in quotes.
import { isPlain } from "./show-written.ts";
import type { YamlDocument } from "./yaml-document.ts";
import { splitPointer, valueAt } from "./pointer.ts";
import type { SchemaError, SchemaValidator } from "./schema-validator.ts";

/**
 * Returns JSON pointers. Validates a copy in which every candidate is in quotes, as the file writes it: text that was
 * made of the value could be another one, as `1.1` is of `1.10`.
 */
export function findQuotable(
  { value, sourceAt }: YamlDocument,
  validate: SchemaValidator,
): ReadonlySet<string> {
  const candidates = (validate.errors ?? [])
    .filter(wantsText)
    .map(({ instancePath }) => instancePath)
    .filter((pointer) => isPlain(valueAt(value, pointer)) && !neverPlain.has(pointer));
  if (candidates.length === 0) return new Set();
  const quoted = structuredClone(value);
  for (const pointer of candidates) replaceAt(quoted, pointer, sourceAt(pointer));
  validate(quoted);
  const faulty = new Set((validate.errors ?? []).map(({ instancePath }) => instancePath));
  return new Set(candidates.filter((pointer) => !faulty.has(pointer)));
}

/** The schema accepts any text as a region, but no region has a number or a boolean as its name. */
const neverPlain: ReadonlySet<string> = new Set(["/environment"]);

export function wantsText({ keyword, params }: Pick<SchemaError, "keyword" | "params">): boolean {
  return keyword === "type" && String(params["type"]).includes("string");
}

function replaceAt(document: unknown, pointer: string, text: string | undefined): void {
  const key = splitPointer(pointer).at(-1);
  const parent = valueAt(document, pointer.slice(0, pointer.lastIndexOf("/")));
  if (key === undefined || typeof parent !== "object" || parent === null) return;
  (parent as Record<string, unknown>)[key] = text;
}
