// Tells which files differ from a commit, by their bytes. `git status` and `git diff` would go by the index, which can
// hide an edit, and by filters, which are programs that the repository's config names.
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { diskFiles, type ReadableFiles } from "../lib/files.ts";
import { isWithin } from "../lib/is-within.ts";
import { systemErrorCode } from "../model/errors.ts";
import type { OpenRepository } from "./open-repository.ts";
import { makeRevisionFiles, type RevisionFiles } from "./revision-files.ts";

/** Finds the manifests, on the disk or in a commit: real path → path as the user would type it. */
export type FindManifests = (
  files: ReadableFiles,
) => Promise<{ readonly found: ReadonlyMap<string, string> }>;

interface Compared {
  readonly repository: OpenRepository;
  readonly commit: string;
}

/**
 * Null if it cannot be told: a manifest lies outside of the repository or in a submodule, or an attribute has Git keep
 * other bytes than those of the file. Rejects with Git's message.
 */
export async function areManifestsChanged(
  { repository, commit }: Compared,
  find: FindManifests,
): Promise<boolean | null> {
  const files = makeRevisionFiles({ ...repository, commit });
  const [onDisk, inCommit] = await Promise.all([find(diskFiles), find(files)]);
  if ([...onDisk.found.keys()].some((path) => !isWithin(path, repository.top))) return null;
  const edited: string[] = [];
  for (const path of new Set([...onDisk.found.values(), ...inCommit.found.values()])) {
    const difference = await compare(path, files);
    if (difference === "in a submodule") return null;
    if (difference === "on one side only") return true;
    if (difference === "other bytes") edited.push(path);
  }
  if (edited.length === 0) return false;
  return (await areConverted(edited.slice(0, enough), repository)) ? null : true;
}

/** Fewer than a command line takes. */
const enough = 100;

/** The paths that differ from the commit, or that it does not have. Rejects with Git's message. */
export async function findChanged(
  { repository, commit }: Compared,
  paths: readonly string[],
): Promise<readonly string[]> {
  const files = makeRevisionFiles({ ...repository, commit });
  const differences = await Promise.all(paths.map((path) => compare(path, files)));
  return paths.filter((_, index) => differences[index] !== "none");
}

/** Far more than any manifest; a larger file is not compared, so that its commit is unknown. */
const maxComparedBytes = 16 * 1024 * 1024;

type Difference = "none" | "other bytes" | "on one side only" | "in a submodule";

async function compare(path: string, files: RevisionFiles): Promise<Difference> {
  const bytes = await unlessAbsent(diskFiles.read(resolve(path), maxComparedBytes));
  const blob = await unlessAbsent(files.blobOf(path));
  if (blob === "in a submodule" || bytes === "in a submodule") return "in a submodule";
  if (bytes === null || blob === null) return bytes === blob ? "none" : "on one side only";
  return isBlob(bytes, blob) ? "none" : "other bytes";
}

const absent = new Set(["ENOENT", "ENOTDIR", "EISDIR", "ELOOP"]);

async function unlessAbsent<T>(answer: Promise<T>): Promise<T | "in a submodule" | null> {
  try {
    return await answer;
  } catch (error) {
    const code = systemErrorCode(error) ?? "";
    if (code === "ESUBMODULE") return "in a submodule";
    if (absent.has(code)) return null;
    throw error;
  }
}

/** YAML reads both line ends alike, and Git may be set to write the other one. */
function isBlob(bytes: Uint8Array, blob: string): boolean {
  if (nameBlob(bytes, blob.length) === blob) return true;
  const text = Buffer.from(bytes).toString("latin1");
  if (!text.includes("\r\n")) return false;
  return nameBlob(Buffer.from(text.replaceAll("\r\n", "\n"), "latin1"), blob.length) === blob;
}

/** Names the bytes as Git does; the length of a name tells which hash this repository uses. */
function nameBlob(bytes: Uint8Array, nameLength: number): string {
  const hash = createHash(nameLength === 40 ? "sha1" : "sha256");
  return hash.update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

/** By these attributes Git keeps other bytes than those of the file. To ask for them runs no filter. */
const converting = ["filter", "ident", "working-tree-encoding"];

/** True if each of the files has such an attribute. */
async function areConverted(paths: readonly string[], { git }: OpenRepository): Promise<boolean> {
  const answer = await git(["--literal-pathspecs", "check-attr", "-z", ...converting, "--", ...paths]);
  // A path, an attribute and its value, in turn.
  const words = answer.toString("utf8").split("\0");
  const converted = words.filter((_, index) => {
    const value = words[index + 2];
    return index % 3 === 0 && value !== undefined && value !== "unspecified" && value !== "unset";
  });
  return new Set(converted).size === new Set(paths).size;
}
