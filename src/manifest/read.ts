// Reads manifests, the config and the catalogue from the disk. No other file of this folder does.
import { basename, dirname, join, sep } from "node:path";
import { compareText } from "../lib/compare.ts";
import type { ReadableFiles } from "../lib/files.ts";
import { nextTurn } from "../lib/next-turn.ts";
import type { Diagnostic, Loaded, Place } from "../model/diagnostic.ts";
import { systemErrorCode, type FieldFault } from "../model/errors.ts";
import type { Topic } from "../model/topic.ts";
import { parseCatalog } from "./catalog.ts";
import type { Config } from "../model/config.ts";
import { makeConfig, makeDefaultConfig } from "./config.ts";
import { asTyped, describeRefusal, faultOf, type Target } from "./file-faults.ts";
import { locateFault, type RefusedDocument } from "./locate-fault.ts";
import { findFiles } from "./find-files.ts";
import type { ManifestFile } from "./validate.ts";

/** A manifest has a few kilobytes. The size is checked before a file is read. */
const maxFileBytes = 1024 * 1024;

/** The limit of all manifests together, because all of them are in memory at once. */
const maxTotalLength = 64 * maxFileBytes;

/** How many files are read at once: enough to keep a disk busy, and far from the limit on open files. */
const batchSize = 32;

export interface ReadManifests {
  /** The manifests that could be read, each once, sorted by path. */
  readonly texts: readonly ManifestFile[];
  /** The errors that kept other files from being read. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads every `*.yaml` and `*.yml` under the folders, and the files that the list names; a single path must be a
 * folder. A folder without manifests is an error unless `allowEmpty`; a missing one always is.
 */
export async function readManifests(
  paths: string | readonly string[],
  files: ReadableFiles,
  {
    allowEmpty = false,
    ignore = [],
  }: { readonly allowEmpty?: boolean; readonly ignore?: readonly string[] } = {},
): Promise<ReadManifests> {
  const byRealPath = new Map<string, string>();
  const diagnostics: Diagnostic[] = [];
  for (const path of typeof paths === "string" ? [paths] : paths) {
    const { found, diagnostics: refused } = await findFiles(path, files, ignore);
    diagnostics.push(...(allowEmpty ? refused.map(askForEmptyFolder) : refused));
    if (typeof paths === "string" && [...found.values()].includes(asTyped(path)))
      diagnostics.push(fileForFolder(path));
    if (found.size === 0 && refused.length === 0 && !allowEmpty) diagnostics.push(emptyFolder(path));
    for (const [realPath, file] of found) if (!byRealPath.has(realPath)) byRealPath.set(realPath, file);
  }
  const texts = await readTexts(
    [...byRealPath].sort(([, a], [, b]) => compareText(a, b)),
    files,
    diagnostics,
  );
  return { texts, diagnostics };
}

/** Returns the defaults if the file does not exist, unless it is `required` because the user named it. */
export async function readConfig(
  path: string,
  files: ReadableFiles,
  { required }: { readonly required: boolean },
): Promise<Loaded<Config>> {
  const file = asTyped(path);
  if (await leadsAway(path, files)) {
    const message =
      "this link leads out of its folder, or to a file whose name does not end in .yaml or .yml";
    const hint = "put a copy of the file here, or name the other one with --config";
    return { ok: false, diagnostics: [faultOf(file, "link/outside", { message, hint })] };
  }
  const config = await readText(path, { kind: "config", file }, files);
  if (config.ok) return makeConfig(config.value.text, file);
  const isMissing = config.diagnostics.some(({ code }) => code === "config/missing");
  if (!isMissing || required) return config;
  const misnamed = file.replace(/\.yaml$/, ".yml");
  const other = await readText(misnamed, { kind: "config", file: misnamed }, files);
  if (!other.ok && other.diagnostics.some(({ code }) => code === "config/missing"))
    return { ok: true, value: makeDefaultConfig(file), diagnostics: [] };
  const message = `the config file is called ${file}, so this one is not read`;
  const hint = `rename it to ${file}, or pass --config ${misnamed}`;
  return { ok: false, diagnostics: [faultOf(misnamed, "config/misnamed", { message, hint })] };
}

/** Diagnostics show lines of the config, so a link that a pull request adds must not lead to another file's lines. */
async function leadsAway(path: string, files: ReadableFiles): Promise<boolean> {
  try {
    const [real, folder] = [await files.realPath(path), await files.realPath(dirname(path))];
    if (real === join(folder, basename(path))) return false;
    return !real.startsWith(join(folder, sep)) || !/\.ya?ml$/.test(real);
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return false;
  }
}

/** Returns the allowed event types. */
export async function readCatalog(path: string, files: ReadableFiles): Promise<Loaded<readonly Topic[]>> {
  const file = asTyped(path);
  const catalog = await readText(path, { kind: "catalog", file }, files);
  return catalog.ok ? parseCatalog(catalog.value.text, file) : catalog;
}

/**
 * Returns the place in the manifest of what the platform refused. The file is read again, because places are not kept.
 * If the file is gone or has become another one, returns the place of the document.
 */
export async function readFaultPlace(
  fault: FieldFault,
  refused: RefusedDocument,
  files: ReadableFiles,
): Promise<Place> {
  const { file } = refused.place;
  const manifest = await readText(file, { kind: "file", file }, files);
  return manifest.ok ? locateFault(manifest.value.text, fault, refused) : refused.place;
}

/** `found` holds pairs of a real path and the path as the user would type it. */
async function readTexts(
  found: readonly (readonly [string, string])[],
  files: ReadableFiles,
  diagnostics: Diagnostic[],
): Promise<ManifestFile[]> {
  const texts: ManifestFile[] = [];
  let total = 0;
  for (let start = 0; start < found.length; start += batchSize) {
    // Small files are read synchronously; in between, a daemon answers probes.
    if (start > 0) await nextTurn();
    const batch = found.slice(start, start + batchSize);
    const loaded = await Promise.all(
      batch.map(([realPath, file]) => readText(realPath, { kind: "file", file }, files)),
    );
    for (const text of loaded) {
      if (text.ok) texts.push(text.value);
      else diagnostics.push(...text.diagnostics);
    }
    total += loaded.reduce((sum, text) => sum + (text.ok ? text.value.text.length : 0), 0);
    if (total > maxTotalLength) {
      const message = `the manifests together are larger than ${megabytes(maxTotalLength)}`;
      diagnostics.push(faultOf(batch[0]?.[1] ?? "", "folder/tooLarge", { message }));
      break;
    }
  }
  return texts;
}

async function readText(path: string, target: Target, files: ReadableFiles): Promise<Loaded<ManifestFile>> {
  const { kind, file } = target;
  const refuse = (problem: Diagnostic): Loaded<never> => ({ ok: false, diagnostics: [problem] });
  const message = `the file is larger than ${megabytes(maxFileBytes)}`;
  const tooLarge = faultOf(file, `${kind}/tooLarge`, { message, hint: "split it" });
  try {
    const text = decode(await files.read(path, maxFileBytes));
    if (text !== null) return { ok: true, value: { file, text }, diagnostics: [] };
    const message = "the file is not text in UTF-8";
    return refuse(faultOf(file, `${kind}/notText`, { message, hint: "save it as UTF-8" }));
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === "EISDIR" || code === "ENOTFILE")
      return refuse(faultOf(file, `${kind}/unreadable`, { message: "this is not a file" }));
    return refuse(code === "EFBIG" ? tooLarge : describeRefusal(target, error));
  }
}

function decode(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function megabytes(bytes: number): string {
  return `${bytes / 1024 / 1024} MiB`;
}

/** With a single file, the groups of the files beside it would look like orphans, and a prune would delete them. */
function fileForFolder(path: string): Diagnostic {
  const message =
    "this is a file, but the folder of all manifests is needed: the groups of the other files would look deleted";
  const hint =
    "name the folder, and use --group to choose groups; only `reconcile validate` takes single files";
  return faultOf(asTyped(path), "folder/isFile", { message, hint });
}

/** With --allow-empty, a missing folder is most likely the empty one, because Git keeps no empty folders. */
function askForEmptyFolder(problem: Diagnostic): Diagnostic {
  if (problem.code !== "folder/missing") return problem;
  const hint =
    "--allow-empty allows an empty folder, but not a missing one: create it, and keep it in Git with a .gitkeep in it; " +
    "a missing one never means: delete everything";
  return { ...problem, hint };
}

function emptyFolder(path: string): Diagnostic {
  const message = "the folder holds no manifests (*.yaml, *.yml)";
  const hint =
    "an empty folder never means: delete everything; if it is empty on purpose, pass --allow-empty";
  return faultOf(asTyped(path), "folder/empty", { message, hint });
}
