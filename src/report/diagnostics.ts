// Shows diagnostics as text, with the source line and the hint, and as annotations of GitHub.
import pc from "picocolors";
import type { Files } from "../lib/files.ts";
import { codeFrame } from "../manifest/code-frame.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { systemErrorCode } from "../model/errors.ts";
import type { Output } from "../lib/output.ts";
import { plain, plainLines } from "../lib/plain.ts";
import { columnsOf, wrap } from "../lib/wrap.ts";

/** No manifest or config that is read is larger. */
const maxQuotedBytes = 1024 * 1024;

/** Reads each file once, to quote its lines. */
export async function showDiagnostics(
  diagnostics: readonly Diagnostic[],
  files: Pick<Files, "read">,
  output: Pick<Output, "colours" | "isTerminal" | "columns">,
): Promise<string> {
  const paint = pc.createColors(output.colours);
  const columns = columnsOf(output);
  const texts = new Map<string, string>();
  let shown = "";
  for (const { severity, code, message, hint, file, line, column } of diagnostics) {
    const label = severity === "error" ? paint.red("error") : paint.yellow("warning");
    const tag = `[${code}]`;
    const headline = wrap(`${plain(message)} ${tag}`, {
      columns,
      before: severity.length + 2,
      indent: "  ",
    });
    shown += `${label}: ${paint.bold(headline.slice(0, -tag.length))}${paint.dim(tag)}\n`;
    if (file !== null) {
      const quoted = isQuoted(code, file);
      if (quoted && !texts.has(file)) texts.set(file, await readText(file, files));
      const text = quoted ? (texts.get(file) ?? "") : "";
      shown += `  ${paint.dim("-->")} ${plain(file)}:${line ?? 1}:${column ?? 1}\n`;
      if (text !== "") shown += `${plainLines(codeFrame(text, line ?? 1, column ?? 1)).trimEnd()}\n`;
    }
    if (hint !== null)
      shown += `  ${paint.cyan("=")} ${wrap(plain(hint), { columns, before: 4, indent: "    " })}\n`;
    shown += "\n";
  }
  return shown;
}

/** Shows a warning that has no code, because it is about no fault that a user looks up. */
export function showWarning(message: string): string {
  return `warning: ${plain(message)}\n`;
}

/** Returns one workflow command of GitHub for each diagnostic, one a line. */
export function showAnnotations(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .map(({ severity, message, hint, file, line, column }) => {
      const at = file === null ? [] : [`file=${property(file)}`, `line=${line ?? 1}`, `col=${column ?? 1}`];
      const text = hint === null ? message : `${message} (${hint})`;
      return `::${severity}${at.length > 0 ? ` ${at.join(",")}` : ""}::${data(text)}\n`;
    })
    .join("");
}

function data(text: string): string {
  return plainLines(text).replaceAll("%", "%25").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/**
 * Only manifests and configs are quoted, because a refused link or a wrong path may lead to a file with secrets. The
 * place of a failed write or of a group is the manifest's first line, which would explain nothing.
 */
function isQuoted(code: string, file: string): boolean {
  return /\.ya?ml$/i.test(file) && !/^(link|file|folder|operation|group|plan|rollback|audit)\//.test(code);
}

async function readText(file: string, files: Pick<Files, "read">): Promise<string> {
  try {
    return new TextDecoder().decode(await files.read(file, maxQuotedBytes));
  } catch (error) {
    if (systemErrorCode(error) !== undefined) return "";
    throw error;
  }
}
