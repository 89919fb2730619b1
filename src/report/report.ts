// Puts a command's result where it belongs: the result on stdout, what kept it from being made on stderr, and where
// GitHub runs it, annotations on stderr, the job's summary and outputs for the next steps.
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
  /** Null where the command did not come to a result. */
  readonly text: ShownText | null;
  /** The one line of a command that makes no plan; null for the plan's. */
  readonly headline?: string | null;
  /** Where the plan was saved. */
  readonly planFile?: string | undefined;
}

/** Of what plans or applies. Returns the exit status. */
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

/** Returns the exit status: 0, or 1 where something is wrong. */
export async function report(given: Result, options: ReportOptions, ports: ReportPorts): Promise<number> {
  const { output, text, headline = null, planFile } = options;
  const outputs = {
    changes: String(isChange(given)),
    summary: plain(headline ?? describeSummary(given)),
    ...(planFile === undefined ? {} : { plan: planFile }),
  };
  const untold = await reportToGitHub({ markdown: () => showMarkdown(given, headline), outputs }, ports);
  const result = { ...given, diagnostics: [...given.diagnostics, ...untold] };
  if (output === "json") ports.stdout.write(showJson(result));
  else if (output === "markdown") ports.stdout.write(showMarkdown(result, headline));
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
