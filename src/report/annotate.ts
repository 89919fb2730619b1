// Says where a diagnostic's file lies in the repository, to those who look from its root: GitHub and code scanning.
import { posix } from "node:path";
import type { Diagnostic } from "../model/diagnostic.ts";
import { showAnnotations } from "./diagnostics.ts";
import type { ReportPorts } from "./ports.ts";

/** In GitHub Actions, writes an annotation for each diagnostic to stderr. */
export async function annotate(
  diagnostics: readonly Diagnostic[],
  ports: Pick<ReportPorts, "environment" | "repository" | "stderr">,
): Promise<void> {
  if (ports.environment["GITHUB_ACTIONS"])
    ports.stderr.write(showAnnotations(await placeInRepository(diagnostics, ports)));
}

/** The paths of diagnostics lead from the working directory, which may be a folder of the repository. */
export async function placeInRepository(
  diagnostics: readonly Diagnostic[],
  { repository }: Pick<ReportPorts, "repository">,
): Promise<readonly Diagnostic[]> {
  if (diagnostics.every(({ file }) => file === null)) return diagnostics;
  const { folder } = await repository();
  return diagnostics.map((one) =>
    one.file === null || posix.isAbsolute(one.file) ? one : { ...one, file: posix.join(folder, one.file) },
  );
}
