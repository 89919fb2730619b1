// Writes what GitHub Actions reads after a command: the job's summary, and the outputs for later steps.
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import { refusalReason, systemErrorCode } from "../model/errors.ts";
import type { ReportPorts } from "./ports.ts";

/** GitHub's limit for a step's summary; the Markdown of a result is far shorter. */
const maxSummaryBytes = 1024 * 1024;

export interface GitHubReport {
  /** Called only in GitHub Actions. */
  readonly markdown: () => string;
  /** The values by their names. */
  readonly outputs: Readonly<Record<string, string>>;
}

/**
 * Does nothing outside GitHub Actions. A file that cannot be written is only a warning, because the command itself has
 * done its work.
 */
export async function reportToGitHub(
  { markdown, outputs }: GitHubReport,
  { environment, files, random }: Pick<ReportPorts, "environment" | "files" | "random">,
): Promise<readonly Diagnostic[]> {
  if (!environment["GITHUB_ACTIONS"]) return [];
  const lines = Object.entries(outputs).map(([name, value]) => {
    // The delimiter cannot be guessed, so no value can end itself early and begin another output.
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
      const message = `the result was not handed to GitHub: the file that ${variable} names cannot be written: ${refusalReason(code)}`;
      diagnostics.push({ severity: "warning", code: "github/unwritable", message, hint: null, ...nowhere });
    }
  }
  return diagnostics;
}
