// Parses and writes the catalogue of event types, and finds out whether an event type is in it.
import type { Diagnostic, Loaded } from "../model/diagnostic.ts";
import { errorAt, limitDiagnostics, startOf } from "./problem.ts";

/** Two or more parts separated by dots, as in a manifest; `{id}` stands for any one part. */
const entryForm = /^(?=.{1,256}$)[A-Za-z0-9_{}*-]+(?:\.[A-Za-z0-9_{}*-]+)+$/;

/**
 * Reads one entry from each line; blank lines and text after a `#` do not count. A catalogue without entries is an
 * error.
 */
export function parseCatalog(text: string, file: string): Loaded<readonly string[]> {
  const entries = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    const entry = line.replace(/#.*$/, "").trim();
    if (entry === "") continue;
    if (entryForm.test(entry)) entries.add(entry);
    else {
      const place = { file, line: index + 1, column: line.indexOf(entry) + 1 };
      // The message does not quote the line, because a wrong path may lead to a file with secrets.
      const message = "this line is not an event type";
      const hint = "write one a line, such as routing.queue.conversation.created";
      diagnostics.push(errorAt(place, { code: "catalog/malformed", message, hint }));
    }
  }
  if (entries.size === 0 && diagnostics.length === 0) {
    const hint = "list the allowed event types, one a line, or set catalog: null to allow any";
    const message = "the catalogue names no event types, so no manifest could be valid";
    diagnostics.push(errorAt(startOf(file), { code: "catalog/empty", message, hint }));
  }
  if (diagnostics.length > 0) return { ok: false, diagnostics: limitDiagnostics(diagnostics) };
  return { ok: true, value: [...entries], diagnostics: [] };
}

/** True if a catalogue or a manifest may hold the text as an event type. */
export function isEventType(text: string): boolean {
  return entryForm.test(text);
}

/** Makes a catalogue's text: `heading` is its first line, and each `remark` follows its entry as a comment. */
export function formatCatalog(
  heading: string,
  entries: readonly { readonly entry: string; readonly remark: string }[],
): string {
  const lines = entries.map(({ entry, remark }) => (remark === "" ? entry : `${entry}  # ${remark}`));
  return [`# ${heading}`, ...lines, ""].join("\n");
}

interface Branch {
  readonly parts: Map<string, Branch>;
  /** The branches below a placeholder such as `{id}`, by its spelling. */
  readonly placeholders: Map<string, Branch>;
  /** The entry that ends with this part; null if none does. */
  entry: string | null;
}

export interface CatalogMatcher {
  /** True if an entry matches the event type. A placeholder matches itself, `{id}`, and an identifier with a digit. */
  readonly has: (eventType: string) => boolean;
  /** Finds an entry for "did you mean": here a placeholder matches any part, such as `{ID}`, `*` or `id`. */
  readonly findLike: (eventType: string) => string | undefined;
}

/** The time of a lookup depends on the length of the event type, not on the size of the catalogue. */
export function makeCatalogMatcher(catalog: readonly string[]): CatalogMatcher {
  const root = makeBranch();
  for (const entry of catalog) {
    let branch = root;
    for (const part of entry.split(".")) {
      const below = isPlaceholder(part) ? branch.placeholders : branch.parts;
      const next = below.get(part) ?? makeBranch();
      below.set(part, next);
      branch = next;
    }
    branch.entry = entry;
  }
  return {
    has: (eventType) => findEntry(root, eventType, isPlaceholderFor) !== undefined,
    findLike: (eventType) => findEntry(root, eventType, () => true),
  };
}

function makeBranch(): Branch {
  return { parts: new Map(), placeholders: new Map(), entry: null };
}

function isPlaceholder(part: string): boolean {
  return /^\{.*\}$/.test(part);
}

function isPlaceholderFor(placeholder: string, part: string): boolean {
  return part === placeholder || part === "{id}" || /^[A-Za-z0-9_-]*\d[A-Za-z0-9_-]*$/.test(part);
}

/** `fits` decides whether a placeholder may stand for the part. */
function findEntry(
  root: Branch,
  eventType: string,
  fits: (placeholder: string, part: string) => boolean,
): string | undefined {
  let branches: readonly Branch[] = [root];
  for (const part of eventType.split(".")) {
    branches = branches.flatMap(({ parts, placeholders }) => [
      ...[parts.get(part) ?? []].flat(),
      ...[...placeholders].flatMap(([placeholder, branch]) => (fits(placeholder, part) ? [branch] : [])),
    ]);
  }
  return branches.find(({ entry }) => entry !== null)?.entry ?? undefined;
}
