// Shows the result of `catalog pull`, as text or as JSON.
import { count } from "../lib/count.ts";
import type { Topic } from "../model/topic.ts";
import type { CommandResult } from "../model/result.ts";
import { annotate } from "./annotate.ts";
import { showDiagnostics } from "./diagnostics.ts";
import { plain, plainJson } from "../lib/plain.ts";
import type { ReportPorts } from "./ports.ts";

export interface PulledCatalog {
  readonly file: string;
  readonly topics: readonly Topic[];
  /** Event types that the file did not hold before. */
  readonly added: readonly string[];
  /** Event types that the file held before. */
  readonly removed: readonly string[];
  /** Event types that the file held with other transports before. */
  readonly otherTransports: readonly string[];
  readonly dryRun: boolean;
  /** The config names this file as its catalogue. */
  readonly isNamed: boolean;
  /** The path of the schema from which editors complete these event types, if it changed; else null. */
  readonly schema: string | null;
}

/** `pulled`: null when an error kept the command from reading the topics. Returns the exit status. */
export async function reportCatalog(
  { result, pulled }: { readonly result: CommandResult; readonly pulled: PulledCatalog | null },
  ports: ReportPorts,
  output: "text" | "json",
): Promise<number> {
  if (output === "json") ports.stdout.write(showJson(result, pulled));
  else {
    const stream = pulled ? ports.stdout : ports.stderr;
    const diagnostics = await showDiagnostics(result.diagnostics, ports.files, stream);
    stream.write(`${pulled ? showBody(result, pulled) : ""}${diagnostics}`);
  }
  await annotate(result.diagnostics, ports);
  return result.ok ? 0 : 1;
}

/** The output stays readable with this many lines; the file's diff has all changes. */
const maxShown = 20;

function showBody(result: CommandResult, pulled: PulledCatalog): string {
  const { file, topics, added, removed, otherTransports, dryRun, isNamed, schema } = pulled;
  const isFirst = added.length === topics.length && removed.length === 0;
  const isSame = added.length + removed.length + otherTransports.length === 0;
  const verb = isSame ? "unchanged" : dryRun ? "would write" : "written";
  const others = otherTransports.length === 0 ? "" : `, ${otherTransports.length} with other transports`;
  const changes = `${added.length} new, ${removed.length} gone${others}`;
  const lines = [
    ...(result.environment === null ? [] : [`${plain(result.environment)}\n`]),
    `${verb}  ${plain(file)}  ${count(topics.length, "event type")}${isSame ? "" : `: ${changes}`}`,
    ...(isFirst ? [] : showList("new", added)),
    ...showList("gone", removed),
    ...(schema === null
      ? []
      : [`${dryRun ? "would write" : "written"}  ${plain(schema)}  editors complete event types from it`]),
  ];
  const next = isNamed
    ? "`reconcile validate` checks every manifest against it, offline."
    : "To have `reconcile validate` check every manifest against it, name it in reconcile.yaml:\n" +
      `  catalog: ${plain(file)}`;
  return `${lines.join("\n")}\n\n${next}\n`;
}

function showList(word: string, ids: readonly string[]): readonly string[] {
  const rest = ids.length - maxShown;
  const shown = ids.slice(0, maxShown).map((id) => `  ${word}  ${plain(id)}`);
  return rest > 0 ? [...shown, `  and ${rest} more`] : shown;
}

/** Ends with a line break. */
function showJson(result: CommandResult, pulled: PulledCatalog | null): string {
  const { formatVersion, dryRun, ok, runId, environment, traffic, diagnostics } = result;
  const { file = null, topics = [], added = [], removed = [], schema = null } = pulled ?? {};
  const object = {
    ...{ formatVersion, dryRun, ok, runId, environment, file, topics, added, removed, schema },
    ...{ traffic, diagnostics },
  };
  return `${plainJson(JSON.stringify(object, null, 2))}\n`;
}
