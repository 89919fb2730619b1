// Edits a manifest that holds placeholders such as `${host}`: the editor sees the texts that they stand for, and then
// each placeholder that still fits comes back.
import { isMap, isScalar, isSeq, type Document, type Scalar } from "yaml";
import { pointTo } from "./pointer.ts";
import { escapePlaceholders, fillIn, holdsPlaceholder, type ValueOptions } from "./substitute-values.ts";

interface Text {
  readonly pointer: string;
  readonly scalar: Scalar<string>;
}

interface Placeholder extends Text {
  /** The text as the file has it, and with the values in it. */
  readonly written: string;
  readonly filled: string;
}

/**
 * Puts the values into the document. Returns a function to be called after the document was edited: it puts back each
 * text with a placeholder that gives what now stands there, escapes all others, and returns the texts that it left out.
 */
export function fillDocument(document: Document, options: ValueOptions): () => readonly string[] {
  const placeholders = textsOf(document, options).flatMap((text): Placeholder[] => {
    const written = text.scalar.value;
    if (!holdsPlaceholder(written)) return [];
    const filled = fillIn(written, options.values).text;
    text.scalar.value = filled;
    return [{ ...text, written, filled }];
  });
  return () => {
    const kept = new Set<Placeholder>();
    for (const text of textsOf(document, options)) {
      const found = findFitting(text, placeholders);
      if (found) kept.add(found);
      text.scalar.value = found?.written ?? escapePlaceholders(text.scalar.value);
    }
    return placeholders.filter((one) => !kept.has(one)).map(({ written }) => written);
  };
}

/** Escapes the texts of a new document, none of which is meant as a placeholder. */
export function escapeDocument(document: Document, takesValues: ValueOptions["takesValues"]): void {
  for (const { scalar } of textsOf(document, { takesValues }))
    scalar.value = escapePlaceholders(scalar.value);
}

/** Prefers the text's own placeholder to an equal one elsewhere in the same list. */
function findFitting(
  { pointer, scalar }: Text,
  placeholders: readonly Placeholder[],
): Placeholder | undefined {
  const fitting = placeholders.filter(({ filled }) => filled === scalar.value);
  return (
    fitting.find((one) => one.scalar === scalar) ??
    fitting.find((one) => fieldOf(one.pointer) === fieldOf(pointer))
  );
}

/** Any endpoint of a pool is one field, with a weight or without. */
function fieldOf(pointer: string): string {
  return pointer.replaceAll(/\/\d+/g, "/*").replace(/\/url$/, "");
}

function textsOf({ contents }: Document, { takesValues }: Pick<ValueOptions, "takesValues">): Text[] {
  const texts: Text[] = [];
  const visit = (node: unknown, pointer: string): void => {
    if (isMap(node)) {
      for (const { key, value } of node.items)
        visit(value, pointTo(pointer, String(isScalar(key) ? key.value : key)));
    } else if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) visit(item, pointTo(pointer, String(index)));
    } else if (isText(node) && takesValues(pointer)) texts.push({ pointer, scalar: node });
  };
  visit(contents, "");
  return texts;
}

function isText(node: unknown): node is Scalar<string> {
  return isScalar(node) && typeof node.value === "string";
}
