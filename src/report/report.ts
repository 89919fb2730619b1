// Puts a command's result where it belongs: the result on stdout, what kept it from being made on stderr, and where
// GitHub runs it, annotations on stderr, the job's summary and outputs for the next steps.
import { hasChanges, type CommandResult, type Result } from "../model/result.ts";
import { showAnnotations, showDiagnostics } from "./diagnostics.ts";
import { reportToGitHub } from "./github.ts";
import { showJson } from "./json.ts";
import { showCommandMarkdown, showMarkdown } from "./markdown.ts";
import { plain } from "../lib/plain.ts";
import { showSarif } from "./sarif.ts";
import { describeSummary } from "./summary.ts";
import { showText, type ShownText } from "./text.ts";
import type { ReportPorts } from "./ports.ts";

export interface ReportFlags {
  readonly output: "text" | "json" | "markdown" | "sarif";
  readonly verbose?: true;
  readonly detailedExitcode?: true;
}

/** Of what plans or applies; `planFile`: where the plan was saved. Returns the exit status. */
export async function reportRun(
  result: Result,
  flags: ReportFlags & { readonly planFile?: string | undefined },
  ports: ReportPorts,
): Promise<number> {
  const style = { colours: ports.stdout.colours, verbose: flags.verbose === true };
  const isPlanned = result.ok || result.groups.length + result.orphans.length > 0;
  const { output, planFile } = flags;
  const outputs = {
    changes: String(isChange(result)),
    summary: plain(describeSummary(result)),
    ...(planFile === undefined ? {} : { plan: planFile }),
  };
  const text = isPlanned ? showText(result, style) : null;
  const status = await report(result, { output, text, markdown: showMarkdown, outputs }, ports);
  return status === 0 && flags.detailedExitcode && hasChanges(result) ? 2 : status;
}

/** Of a command that makes no plan; `summary`: what it came to, a line. Returns the exit status. */
export async function reportCommand(
  result: CommandResult,
  { output, summary }: Pick<ReportFlags, "output"> & { readonly summary: string },
  ports: ReportPorts,
): Promise<number> {
  const headline = summary.trimEnd();
  const text = { body: "", summary };
  const markdown = (shown: CommandResult): string => showCommandMarkdown(shown, headline);
  const outputs = { changes: "false", summary: plain(headline) };
  return report(result, { output, text, markdown, outputs }, ports);
}

interface Shown<T> {
  readonly output: ReportFlags["output"];
  /** Null where the command did not come to a result. */
  readonly text: ShownText | null;
  readonly markdown: (result: T) => string;
  /** For the next steps on GitHub. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** The exit status: 0, or 1 where something is wrong. */
async function report<T extends CommandResult>(
  given: T,
  { output, text, markdown, outputs }: Shown<T>,
  ports: ReportPorts,
): Promise<number> {
  // The result is sealed by then: what GitHub was not told of it stands beside it, as warnings.
  const untold = await reportToGitHub({ markdown: () => markdown(given), outputs }, ports);
  const result = { ...given, diagnostics: [...given.diagnostics, ...untold] };
  if (output === "json") ports.stdout.write(showJson(result));
  else if (output === "markdown") ports.stdout.write(markdown(result));
  else if (output === "sarif") ports.stdout.write(showSarif(result, ports.version));
  else {
    const stream = text ? ports.stdout : ports.stderr;
    const diagnostics = await showDiagnostics(result.diagnostics, ports.files, stream.colours);
    // What a reader looks for stands last: every refusal, then the count.
    stream.write(`${text?.body ?? ""}${diagnostics}${text?.summary ?? ""}`);
  }
  if (ports.environment["GITHUB_ACTIONS"]) ports.stderr.write(showAnnotations(result.diagnostics));
  return result.ok ? 0 : 1;
}

/** With --base what this change does counts, a group that it leaves without a manifest too; else whatever is to be done. */
function isChange(result: Result): boolean {
  const { base, operations, orphans } = result;
  if (!base?.change) return hasChanges(result);
  const own = operations.filter(({ origin }) => origin !== "pending");
  return hasChanges({ operations: own }) || orphans.some(({ origin }) => origin === "change");
}
