// Walks through the folders that the user named, and finds the files that are manifests.
import { posix, sep } from "node:path";
import { compareText } from "../lib/compare.ts";
import type { Files } from "../lib/files.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { asTyped, describeRefusal, faultOf, type Target } from "./file-faults.ts";
import { isIgnored } from "./is-ignored.ts";

/** No organisation has this many consumer groups, so a folder with more files is the wrong folder. */
const maxFiles = 10_000;

/** How many levels below the folder that the user named are searched. */
const maxFolderDepth = 16;

export type SearchableFiles = Pick<Files, "list" | "stat" | "realPath">;

export interface FoundFiles {
  /** Real path → path as the user would type it. */
  readonly found: ReadonlyMap<string, string>;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Finds the manifests under a folder, without those that a pattern of `ignore` fits, or the file that the path names. A
 * folder without manifests is no error here.
 */
export async function findFiles(
  path: string,
  files: SearchableFiles,
  ignore: readonly string[] = [],
): Promise<FoundFiles> {
  const isSkipped = (file: string): boolean =>
    ignore.length > 0 && isIgnored(posix.relative(asTyped(path), file), ignore);
  const search: Search = {
    ...{ files, isSkipped, found: new Map(), visited: new Set(), links: [], diagnostics: [] },
  };
  const kind = isYaml(path) ? "file" : "folder";
  await attempt({ kind, file: asTyped(path) }, search.diagnostics, () => searchPath(path, search));
  return search;
}

interface Search {
  readonly files: SearchableFiles;
  /** Takes a path as the user would type it. */
  readonly isSkipped: (path: string) => boolean;
  /** Real path → path as the user would type it. */
  readonly found: Map<string, string>;
  /** Real paths of folders, so that links cannot lead in a circle. */
  readonly visited: Set<string>;
  /** Links are followed last, so that a file with two names is shown under its own. */
  readonly links: FolderEntry[];
  readonly diagnostics: Diagnostic[];
}

interface FolderEntry {
  readonly path: string;
  readonly realPath: string;
  readonly depth: number;
}

async function searchPath(path: string, search: Search): Promise<void> {
  const { files, found, links, diagnostics } = search;
  const [{ kind }, root] = [await files.stat(path), await files.realPath(path)];
  if (kind !== "directory") {
    if (isYaml(path) && !isYaml(root)) diagnostics.push(notYaml(asTyped(path)));
    else found.set(root, asTyped(path));
    return;
  }
  await searchFolder({ path: asTyped(path), realPath: root, depth: 0 }, search);
  for (let link = links.shift(); link; link = links.shift()) {
    const entry = link;
    await attempt({ kind: "link", file: entry.path }, diagnostics, () => followLink(entry, root, search));
  }
}

async function searchFolder(folder: FolderEntry, search: Search): Promise<void> {
  const { files, isSkipped, found, visited, links, diagnostics } = search;
  if (visited.has(folder.realPath)) return;
  visited.add(folder.realPath);
  if (folder.depth > maxFolderDepth) {
    const message = `the folder is more than ${maxFolderDepth} levels deep`;
    diagnostics.push(faultOf(folder.path, "folder/tooDeep", { message }));
    return;
  }
  const entries = [...(await files.list(folder.realPath))].sort((a, b) => compareText(a.name, b.name));
  for (const { name, kind } of entries) {
    if (name.startsWith(".") || name === "node_modules") continue;
    const entry = makeEntry(folder, name);
    if (isSkipped(entry.path)) continue;
    if (kind === "link") links.push(entry);
    else if (kind === "directory") {
      await attempt({ kind: "folder", file: entry.path }, diagnostics, () => searchFolder(entry, search));
    } else if (isYaml(name)) found.set(entry.realPath, entry.path);
    else if (isYaml(name.toLowerCase())) diagnostics.push(misspelt(entry.path));
    if (found.size + links.length > maxFiles) {
      const message = `the folder holds more than ${maxFiles} manifests`;
      diagnostics.push(
        faultOf(folder.path, "folder/tooManyFiles", { message, hint: "is it the right folder?" }),
      );
      return;
    }
  }
}

function makeEntry({ path, realPath, depth }: FolderEntry, name: string): FolderEntry {
  return { path: posix.join(path, name), realPath: `${realPath}${sep}${name}`, depth: depth + 1 };
}

/** Kubernetes mounts a ConfigMap as links through a hidden folder beside them. A link out of the root is an error. */
async function followLink(link: FolderEntry, root: string, search: Search): Promise<void> {
  const { files, found, diagnostics } = search;
  const [{ kind }, realPath] = [await files.stat(link.realPath), await files.realPath(link.realPath)];
  if (kind !== "directory" && !isYaml(link.path)) {
    if (isYaml(link.path.toLowerCase())) diagnostics.push(misspelt(link.path));
    return;
  }
  if (!`${realPath}${sep}`.startsWith(root.endsWith(sep) ? root : `${root}${sep}`)) {
    const message = "this link leads out of the manifests folder";
    const hint = "put a copy of the file here, or name the other folder as well";
    diagnostics.push(faultOf(link.path, "link/outside", { message, hint }));
  } else if (kind === "directory") await searchFolder({ ...link, realPath }, search);
  else if (!isYaml(realPath)) diagnostics.push(notYaml(link.path));
  else if (!found.has(realPath)) found.set(realPath, link.path);
}

/** Runs the action, and turns an error of the disk into a diagnostic. */
async function attempt(
  target: Target,
  diagnostics: Diagnostic[],
  action: () => Promise<void>,
): Promise<void> {
  try {
    await action();
  } catch (error) {
    diagnostics.push(describeRefusal(target, error));
  }
}

/** Diagnostics show lines of a manifest, so a link that leads to another sort of file, such as `.env`, is not read. */
function notYaml(file: string): Diagnostic {
  const message = "this link leads to a file whose name does not end in .yaml or .yml";
  return faultOf(file, "link/notYaml", { message, hint: "put a copy of the file here" });
}

/** If the file were skipped without an error, its group would look as if it had no manifest any more. */
function misspelt(file: string): Diagnostic {
  const message = "this file is not read, because its name ends in capital letters";
  return faultOf(file, "file/misnamed", { message, hint: "rename it so that it ends in .yaml" });
}

function isYaml(name: string): boolean {
  return /\.ya?ml$/.test(name);
}
