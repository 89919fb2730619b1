// Parses and writes the catalogue of event types.
import type { Diagnostic, Loaded } from "../model/diagnostic.ts";
import { knownTransports, type Topic } from "../model/topic.ts";
import { errorAt, limitDiagnostics, startOf } from "./problem.ts";

/** Two or more parts separated by dots, as in a manifest; `{id}` stands for any one part. */
const entryForm = /^(?=.{1,256}$)[A-Za-z0-9_{}*-]+(?:\.[A-Za-z0-9_{}*-]+)+$/;

/**
 * Reads one entry from each line; blank lines do not count. The text after a `#` counts only if it is a list of
 * transports, as `catalog pull` writes it. A catalogue without entries is an error.
 */
export function parseCatalog(content: string, file: string): Loaded<readonly Topic[]> {
  const entries = new Map<string, Topic>();
  const diagnostics: Diagnostic[] = [];
  const lines = content.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    const [text = ""] = line.split("#", 1);
    const entry = text.trim();
    if (entry === "") continue;
    if (entryForm.test(entry)) {
      const transports = parseTransports(line.slice(text.length + 1));
      if (transports.length > 0 || !entries.has(entry)) entries.set(entry, { id: entry, transports });
    } else {
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
  return { ok: true, value: [...entries.values()], diagnostics: [] };
}

/** Returns the names in a comment such as `Websocket, EventBridge`; none if the comment is anything else. */
function parseTransports(comment: string): readonly string[] {
  const names = comment.split(",").map((name) => name.trim());
  const isList = names.every((name) => /^\w{1,64}$/.test(name)) && names.some((name) => known.has(name));
  return isList ? names : [];
}

const known: ReadonlySet<string> = new Set(knownTransports);

/** True if a catalogue or a manifest may hold the text as an event type. */
export function isEventType(text: string): boolean {
  return entryForm.test(text);
}

/**
 * Makes a catalogue's text: `heading` is its first line, and the transports of each topic follow it as a comment. `kept`
 * are event types that the platform does not list.
 */
export function formatCatalog(
  heading: string,
  topics: readonly Topic[],
  kept: readonly string[] = [],
): string {
  const lines = topics.map(({ id, transports }) =>
    transports.length === 0 ? id : `${id}  # ${transports.join(", ")}`,
  );
  const more =
    kept.length === 0 ? [] : ["# Not listed by the platform; kept because manifests use them:", ...kept];
  return [`# ${heading}`, ...lines, ...more, ""].join("\n");
}
