// Writes a command's result to stdout, or to stderr the errors that prevented a result. In GitHub Actions it also writes
// annotations to stderr, the job's summary, and outputs for later steps.
import { findStaying, hasChanges, type CommandResult, type Result } from "../model/result.ts";
import { annotate, placeInRepository } from "./annotate.ts";
import { showDiagnostics } from "./diagnostics.ts";
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
  /** Text shows the counts, and no group. */
  readonly summary?: true;
  readonly detailedExitcode?: true;
}

/**
 * Reports a command that plans or applies; `planFile`: the path of the saved plan; `seen`: the plan that a person has just
 * been shown, of which the text repeats nothing but errors. Returns the exit status.
 */
export async function reportRun(
  given: Result,
  flags: ReportFlags & { readonly planFile?: string | undefined; readonly seen?: Result | undefined },
  ports: ReportPorts,
): Promise<number> {
  const { kinds } = ports;
  const { seen } = flags;
  const style = { ...styleOf(flags, ports), seen };
  const result = seen === undefined ? given : withoutWarningsOf(seen, given);
  const isPlanned = result.ok || result.groups.length + result.orphans.length > 0;
  const { output, planFile } = flags;
  const outputs = {
    changes: String(isChange(result)),
    ...(result.owner === null ? {} : { owner: result.owner }),
    ...countOrphans(result),
    summary: plain(describeSummary(result)),
    ...(planFile === undefined ? {} : { plan: planFile }),
  };
  const text = isPlanned ? showText(result, style) : null;
  const markdown = (shown: Result): string => showMarkdown({ ...shown, kinds });
  const status = await report(result, { output, text, markdown, outputs }, ports);
  const differs = hasChanges(result) || (result.dryRun && result.summary.orphans > 0);
  return status === 0 && flags.detailedExitcode && differs ? 2 : status;
}

function withoutWarningsOf(seen: Result, result: Result): Result {
  const shown = new Set(seen.diagnostics.map((diagnostic) => JSON.stringify(diagnostic)));
  const diagnostics = result.diagnostics.filter(
    (diagnostic) => diagnostic.severity === "error" || !shown.has(JSON.stringify(diagnostic)),
  );
  return { ...result, diagnostics };
}

/** Shows what a run would do, before it is decided whether it does it. */
export async function showPlan(
  planned: Result,
  flags: Pick<ReportFlags, "verbose" | "summary">,
  { stdout, kinds, files }: Pick<ReportPorts, "stdout" | "kinds" | "files">,
): Promise<void> {
  const { body, summary } = showText({ ...planned, dryRun: true }, styleOf(flags, { stdout, kinds }));
  stdout.write(`${body}${await showDiagnostics(planned.diagnostics, files, stdout)}${summary}`);
}

function styleOf(
  flags: Pick<ReportFlags, "verbose" | "summary">,
  { stdout, kinds }: Pick<ReportPorts, "stdout" | "kinds">,
): Parameters<typeof showText>[1] {
  const [verbose, summaryOnly] = [flags.verbose === true, flags.summary === true];
  return { colours: stdout.colours, verbose, summaryOnly, kinds };
}

/** Reports a command that makes no plan; `summary`: its result in one line. Returns the exit status. */
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

interface ReportOptions<T> {
  readonly output: ReportFlags["output"];
  /** Null when errors prevented a result. */
  readonly text: ShownText | null;
  readonly markdown: (result: T) => string;
  /** Outputs for later steps in GitHub Actions. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** Returns the exit status: 0, or 1 after an error. */
async function report<T extends CommandResult>(
  given: T,
  { output, text, markdown, outputs }: ReportOptions<T>,
  ports: ReportPorts,
): Promise<number> {
  // The result is complete by now, so files for GitHub that cannot be written become warnings beside it.
  const warnings = await reportToGitHub({ markdown: () => markdown(given), outputs }, ports);
  const result = { ...given, diagnostics: [...given.diagnostics, ...warnings] };
  if (output === "json") ports.stdout.write(showJson(result));
  else if (output === "markdown") ports.stdout.write(markdown(result));
  else if (output === "sarif") {
    const diagnostics = await placeInRepository(result.diagnostics, ports);
    ports.stdout.write(showSarif({ ...result, diagnostics }, ports.version));
  } else {
    const stream = text ? ports.stdout : ports.stderr;
    const diagnostics = await showDiagnostics(result.diagnostics, ports.files, stream);
    // The errors and the count come last, because the end of the output stays on the screen.
    stream.write(`${text?.body ?? ""}${diagnostics}${text?.summary ?? ""}`);
  }
  await annotate(result.diagnostics, ports);
  return result.ok ? 0 : 1;
}

/** Without --base every operation is a change. With it only those count that this change causes. */
function isChange(result: Result): boolean {
  const { base, operations } = result;
  if (!base?.change) return hasChanges(result);
  return hasChanges({ operations: operations.filter(({ origin }) => origin !== "pending") });
}

/** `newOrphans`: with --base, those of groups that this change leaves without a manifest. */
function countOrphans(result: Result): Readonly<Record<"orphans" | "newOrphans", string>> {
  const left = findStaying(result);
  const own = result.base?.change ? left.filter(({ origin }) => origin === "change") : left;
  return { orphans: String(left.length), newOrphans: String(own.length) };
}
