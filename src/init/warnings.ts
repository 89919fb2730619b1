// The warnings of `reconcile init`, and the lines that people must fill in.
import { configPath, examplePath, type InitOptions } from "./starting-files.ts";
import type { Kind } from "../model/kind.ts";
import { sourceLine, sourceLines } from "./workflow-steps.ts";
import { makeWorkflows, workflowFolder } from "./workflows.ts";

export interface InitState {
  /** The files of the list that existed before. */
  readonly existing: ReadonlySet<string>;
  readonly isExampleWanted: boolean;
  /** True if nobody chose the kind. */
  readonly isDefault: boolean;
  /** False if a config that existed before does not choose the kind. */
  readonly isConfigFit: boolean;
  /** Makes a name fit for a terminal. */
  readonly plain: (name: string) => string;
}

export function warningsOf(
  options: InitOptions,
  { existing, isExampleWanted, isDefault, isConfigFit, plain }: InitState,
): readonly string[] {
  const { owner, folder, kind, manifests, from } = options;
  const kept = from === "" ? [] : workflowPaths(options).filter((path) => existing.has(path));
  const isExampleNew = isExampleWanted && !existing.has(examplePath(manifests));
  return [
    ...(owner === "default" && !existing.has(configPath) ? [defaultOwner] : []),
    ...(folder === "" ? [] : [inSubfolder(plain(folder))]),
    // A user who chose a scheme by a flag must learn that no manifest was written for it.
    ...(isDefault || isExampleNew ? [] : [noExample(kind, plain(manifests))]),
    ...(isConfigFit ? [] : [otherConfig(kind)]),
    ...(kept.length === 0 ? [] : [keptWorkflows(kept, sourceLine(options))]),
  ];
}

const defaultOwner = `warning: "default" is an owner that other repositories may have, too
  = with --prune each would delete the other's webhooks: give this repository an owner of its own with --owner, or in ${configPath}
`;

/** The lines of which the workflows need one; none if --from, or a person since, has filled it in. */
export async function linesToFillIn(
  options: InitOptions,
  readText: (path: string) => Promise<string>,
): Promise<readonly string[]> {
  if (options.from !== "") return [];
  const texts = await Promise.all(workflowPaths(options).map(readText));
  return texts.some((text) => text.includes(sourceLine(options))) ? sourceLines : [];
}

function workflowPaths(options: InitOptions): readonly string[] {
  return Object.keys(makeWorkflows(options));
}

function keptWorkflows(paths: readonly string[], line: string): string {
  return `warning: --from does not change a workflow that exists already: ${paths.join(", ")}
  = write ${line} at the top of each
`;
}

function otherConfig({ nouns, start: { config } }: Kind): string {
  const { key, lines } = config ?? { key: "", lines: "" };
  const shown = lines.split("\n").filter((line) => line !== "" && !/^ *#/.test(line));
  return `warning: ${configPath} was kept, and does not ask for ${nouns}
  = write ${key} into it:
${shown.map((line) => `      ${line}\n`).join("")}`;
}

function noExample({ scheme }: Kind, manifests: string): string {
  return `warning: no manifest with ${scheme} was written, because ${manifests} already holds manifests
  = to get one, move them away and run init again, or run it in an empty folder
`;
}

function inSubfolder(folder: string): string {
  return `warning: GitHub looks for workflows at the root of the repository, not in ${folder}/${workflowFolder}
  = move them to ${workflowFolder} at the root; there they need \`working-directory: ${folder}\`, which new ones have
  = two installations in one repository need different owners (--owner), and different file names for their workflows
`;
}
