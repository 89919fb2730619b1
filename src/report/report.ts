// Writes a command's result to stdout, or to stderr the errors that prevented a result. In GitHub Actions it also writes
// annotations to stderr, the job's summary, and outputs for later steps.
import { hasChanges, type Result } from "../model/result.ts";
import { showAnnotations, showDiagnostics } from "./diagnostics.ts";
import { reportToGitHub } from "./github.ts";
import { showJson } from "./json.ts";
import { showMarkdown } from "./markdown.ts";
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

export interface ReportOptions {
  readonly output: ReportFlags["output"];
  /** Null when errors prevented a result. */
  readonly text: ShownText | null;
  /** One line from a command that makes no plan; null makes it from the plan. */
  readonly headline?: string | null;
  /** The path of the saved plan. */
  readonly planFile?: string | undefined;
}

/** Reports the result of a command that plans or applies. Returns the exit status. */
export async function reportRun(
  result: Result,
  flags: ReportFlags & Pick<ReportOptions, "planFile">,
  ports: ReportPorts,
): Promise<number> {
  const style = { colours: ports.stdout.colours, verbose: flags.verbose === true };
  const isPlanned = result.ok || result.groups.length + result.orphans.length > 0;
  const text = isPlanned ? showText(result, style) : null;
  const options = { output: flags.output, text, planFile: flags.planFile };
  const status = await report(result, options, ports);
  return status === 0 && flags.detailedExitcode && hasChanges(result) ? 2 : status;
}

/** Returns the exit status: 0, or 1 after an error. */
export async function report(
  commandResult: Result,
  options: ReportOptions,
  ports: ReportPorts,
): Promise<number> {
  const { output, text, headline = null, planFile } = options;
  const outputs = {
    changes: String(isChange(commandResult)),
    summary: plain(headline ?? describeSummary(commandResult)),
    ...(planFile === undefined ? {} : { plan: planFile }),
  };
  const markdown = (): string => showMarkdown(commandResult, headline);
  const warnings = await reportToGitHub({ markdown, outputs }, ports);
  const result = { ...commandResult, diagnostics: [...commandResult.diagnostics, ...warnings] };
  if (output === "json") ports.stdout.write(showJson(result));
  else if (output === "markdown") ports.stdout.write(showMarkdown(result, headline));
  else if (output === "sarif") ports.stdout.write(showSarif(result, ports.version));
  else {
    const stream = text ? ports.stdout : ports.stderr;
    const diagnostics = await showDiagnostics(result.diagnostics, ports.files, stream.colours);
    // The errors and the count come last, because the end of the output stays on the screen.
    stream.write(`${text?.body ?? ""}${diagnostics}${text?.summary ?? ""}`);
  }
  if (ports.environment["GITHUB_ACTIONS"]) ports.stderr.write(showAnnotations(result.diagnostics));
  return result.ok ? 0 : 1;
}

/**
 * Without --base every operation or orphan is a change. With it only those that this change causes count, also a group
 * that it leaves without a manifest.
 */
function isChange(result: Result): boolean {
  const { base, operations, orphans } = result;
  if (!base?.change) return hasChanges(result);
  const own = operations.filter(({ origin }) => origin !== "pending");
  return hasChanges({ operations: own }) || orphans.some(({ origin }) => origin === "change");
}
