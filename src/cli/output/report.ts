// Puts a command's result where it belongs: the result on stdout, what kept it from being made on stderr, and
// annotations on stderr when GitHub runs it.
import { hasChanges, type Result } from "../../model/result.ts";
import type { RunFlags } from "../pass-settings.ts";
import type { World } from "../world.ts";
import { showAnnotations, showDiagnostics } from "./diagnostics.ts";
import { showJson } from "./json.ts";
import { showMarkdown } from "./markdown.ts";
import { showText, type ShownText } from "./text.ts";

export interface ReportOptions {
  readonly output: "text" | "json" | "markdown";
  /** Null where the command did not come to a result. */
  readonly text: ShownText | null;
}

/** Of what plans or applies. Returns the exit status. */
export async function reportRun(
  result: Result,
  flags: Pick<RunFlags, "output" | "verbose" | "detailedExitcode">,
  world: World,
): Promise<number> {
  const style = { colours: world.stdout.colours, verbose: flags.verbose === true };
  const isPlanned = result.ok || result.groups.length + result.orphans.length > 0;
  const text = isPlanned ? showText(result, style) : null;
  const status = await report(result, { output: flags.output, text }, world);
  return status === 0 && flags.detailedExitcode && hasChanges(result) ? 2 : status;
}

/** Returns the exit status: 0, or 1 where something is wrong. */
export async function report(result: Result, options: ReportOptions, world: World): Promise<number> {
  const { output, text } = options;
  if (output === "json") world.stdout.write(showJson(result));
  else if (output === "markdown") world.stdout.write(showMarkdown(result));
  else {
    const stream = text ? world.stdout : world.stderr;
    const diagnostics = await showDiagnostics(result.diagnostics, world.files, stream.colours);
    // What a reader looks for stands last: every refusal, then the count.
    stream.write(`${text?.body ?? ""}${diagnostics}${text?.summary ?? ""}`);
  }
  if (world.environment["GITHUB_ACTIONS"]) world.stderr.write(showAnnotations(result.diagnostics));
  return result.ok ? 0 : 1;
}
