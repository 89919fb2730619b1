// What GitHub Actions takes of a command: the job's summary, and outputs for the steps that follow.
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import { refusalReason, systemErrorCode } from "../model/errors.ts";
import type { ReportPorts } from "./ports.ts";

/** A step's summary may have so many bytes; the Markdown of a result has far fewer. */
const maxSummaryBytes = 1024 * 1024;

export interface GitHubReport {
  /** Made only where it is shown. */
  readonly markdown: () => string;
  /** By name. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** Nothing where GitHub does not run it. What cannot be written is told as a warning: the command did its work. */
export async function reportToGitHub(
  { markdown, outputs }: GitHubReport,
  { environment, files, random }: Pick<ReportPorts, "environment" | "files" | "random">,
): Promise<readonly Diagnostic[]> {
  if (!environment["GITHUB_ACTIONS"]) return [];
  const lines = Object.entries(outputs).map(([name, value]) => {
    // Nobody can know it beforehand, so no value can end itself and begin another output.
    const delimiter = `end-${random.id()}`;
    return `${name}<<${delimiter}\n${value}\n${delimiter}\n`;
  });
  const texts = { GITHUB_STEP_SUMMARY: `${markdown()}\n`, GITHUB_OUTPUT: lines.join("") };
  const diagnostics: Diagnostic[] = [];
  for (const [variable, text] of Object.entries(texts)) {
    const path = environment[variable];
    if (!path || Buffer.byteLength(text) > maxSummaryBytes) continue;
    try {
      await files.append(path, text);
    } catch (error) {
      const code = systemErrorCode(error);
      if (code === undefined) throw error;
      const message = `GitHub is not told of the result: ${variable} cannot be written: ${refusalReason(code)}`;
      diagnostics.push({ severity: "warning", code: "github/unwritable", message, hint: null, ...nowhere });
    }
  }
  return diagnostics;
}
