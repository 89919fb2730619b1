// Parses and writes the catalogue of event types.
import type { Diagnostic, Loaded } from "../model/diagnostic.ts";
import { errorAt, limitDiagnostics, startOf } from "./problem.ts";

/** Two or more parts separated by dots, as in a manifest; `{id}` stands for any one part. */
const entryForm = /^(?=.{1,256}$)[A-Za-z0-9_{}*-]+(?:\.[A-Za-z0-9_{}*-]+)+$/;

/**
 * Reads one entry from each line; blank lines and text after a `#` do not count. A catalogue without entries is an
 * error.
 */
export function parseCatalog(content: string, file: string): Loaded<readonly string[]> {
  const entries = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  const lines = content.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    const [text = ""] = line.split("#", 1);
    const entry = text.trim();
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
