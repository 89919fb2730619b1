// What `reconcile init` warns of, and the lines that it leaves to people.
import { configPath, examplePath, type Start } from "./starting-files.ts";
import type { StartScheme } from "./starting-manifest.ts";
import { sourceLine, sourceLines } from "./workflow-steps.ts";
import { makeWorkflows, workflowFolder } from "./workflows.ts";

interface Found {
  /** The files that were there already. */
  readonly there: ReadonlySet<string>;
  readonly isExampleWanted: boolean;
  /** Makes a name fit for a terminal. */
  readonly plain: (name: string) => string;
}

export function warningsOf(start: Start, { there, isExampleWanted, plain }: Found): readonly string[] {
  const { owner, folder, scheme, manifests, from } = start;
  const kept = from === "" ? [] : workflowPaths(start).filter((path) => there.has(path));
  const isExampleNew = isExampleWanted && !there.has(examplePath(manifests));
  return [
    ...(owner === "default" && !there.has(configPath) ? [defaultOwner] : []),
    ...(folder === "" ? [] : [inSubfolder(plain(folder))]),
    // What somebody asked for by a flag, and did not get, is not passed over in silence.
    ...(scheme === "https" || isExampleNew ? [] : [noExample(scheme, plain(manifests))]),
    ...(kept.length === 0 ? [] : [keptWorkflows(kept, sourceLine(start))]),
  ];
}

const defaultOwner = `warning: "default" is an owner that other repositories may use as well
  = with --prune each would delete the other's webhooks: name this one's with --owner, or in ${configPath}
`;

/** One of them is missing in the workflows that were written just now. */
export function linesToFillIn(start: Start, there: ReadonlySet<string>): readonly string[] {
  const isUnfilled = start.from === "" && workflowPaths(start).some((path) => !there.has(path));
  return isUnfilled ? sourceLines : [];
}

function workflowPaths(start: Start): readonly string[] {
  return Object.keys(makeWorkflows(start));
}

function keptWorkflows(paths: readonly string[], line: string): string {
  return `warning: --from changes no workflow that is there already: ${paths.join(", ")}
  = write ${line} at the top of each
`;
}

function noExample(scheme: StartScheme, manifests: string): string {
  return `warning: no manifest with ${scheme}: is written, for ${manifests} holds manifests already
  = to get one, move them away and run init again, or run it in an empty folder
`;
}

function inSubfolder(folder: string): string {
  return `warning: GitHub looks for workflows at the root of the repository, not in ${folder}/${workflowFolder}
  = move them to ${workflowFolder} at the root; there they need \`working-directory: ${folder}\`, which new ones have
  = two installations in one repository need different owners (--owner), and their workflows different file names
`;
}
