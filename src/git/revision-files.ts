// Reads folders, files and links of a Git commit through the same interface as the disk.
import { join, posix, relative, resolve, sep } from "node:path";
import type { DirectoryEntry, EntryKind, ReadableFiles } from "../lib/files.ts";
import { isWithin } from "../lib/is-within.ts";
import { ReconcileError } from "../model/errors.ts";
import type { FindAncestry } from "./ancestry.ts";
import type { Git } from "./open-repository.ts";

export interface Revision {
  readonly commit: string;
  /** Takes paths of the work tree. */
  readonly files: ReadableFiles;
  /** Opens another commit of the same repository, by its whole hash. */
  readonly openCommit: (commit: string) => RevisionFiles;
}

export interface FetchedRevision extends Revision {
  /** Asks the repository of this commit. */
  readonly findAncestry: FindAncestry;
}

export interface RevisionFiles extends ReadableFiles {
  /** The name under which Git keeps the file's bytes. */
  blobOf(path: string): Promise<string>;
  /** Every file of the commit; links and submodules are none. */
  listFiles(): Promise<readonly FileOfCommit[]>;
}

export interface FileOfCommit {
  /** Absolute, as if the commit were checked out. */
  readonly path: string;
  /** Infinity if a partial clone lacks the file's bytes. */
  readonly sizeBytes: number;
}

export interface TreePlace {
  readonly git: Git;
  readonly commit: string;
  /** The top folder of the work tree. */
  readonly top: string;
}

interface TreeEntry {
  readonly kind: EntryKind;
  readonly oid: string;
  readonly sizeBytes: number;
}

/** As in Linux, a longer chain of links counts as a loop. */
const maxLinks = 40;

/**
 * Takes paths of the work tree, relative or absolute; a path outside of the repository does not exist. Errors have Node's
 * codes; if Git fails, the error is a ReconcileError `base/unreadable`.
 */
export function makeRevisionFiles(place: TreePlace): RevisionFiles {
  const tree = makeTree(place);
  const { top } = place;
  const find = async (path: string): Promise<{ readonly path: string; readonly entry: TreeEntry }> => {
    const parts = partsOf(resolve(path), top, path);
    let at = "";
    for (let followed = 0; parts.length > 0;) {
      const next = posix.join(at, parts.shift() ?? "");
      if (next.startsWith("..")) throw diskError("ENOENT", path);
      const entry = next === "." ? root : await tree.entryAt(next);
      if (!entry) throw diskError("ENOENT", path);
      if (entry.kind === "other" && parts.length > 0) throw diskError("ESUBMODULE", path);
      if (entry.kind !== "link") at = next === "." ? "" : next;
      else {
        if ((followed += 1) > maxLinks) throw diskError("ELOOP", path);
        const target = new TextDecoder().decode(await tree.read(entry));
        parts.unshift(...(posix.isAbsolute(target) ? partsOf(target, top, path) : target.split("/")));
        if (posix.isAbsolute(target)) at = "";
      }
    }
    const entry = at === "" ? root : await tree.entryAt(at);
    if (!entry) throw diskError("ENOENT", path);
    return { path: at, entry };
  };
  const findFile = async (path: string): Promise<TreeEntry> => {
    const { entry } = await find(path);
    if (entry.kind !== "file") throw diskError("EISDIR", path);
    return entry;
  };
  return {
    list: async (directory) => {
      const found = await find(directory);
      if (found.entry.kind === "other") throw diskError("ESUBMODULE", directory);
      if (found.entry.kind !== "directory") throw diskError("ENOTDIR", directory);
      return tree.list(found.path);
    },
    stat: async (path) => {
      const { kind, sizeBytes } = (await find(path)).entry;
      return { kind: kind === "other" ? "directory" : kind, sizeBytes };
    },
    realPath: async (path) => join(top, ...(await find(path)).path.split("/")),
    listFiles: async () =>
      (await tree.listAll()).flatMap(([path, { kind, sizeBytes }]) =>
        kind === "file" ? [{ path: join(top, ...path.split("/")), sizeBytes }] : [],
      ),
    blobOf: async (path) => (await findFile(path)).oid,
    read: async (path, maxBytes) => {
      const entry = await findFile(path);
      if (entry.sizeBytes > maxBytes) throw diskError("EFBIG", path);
      return tree.read(entry);
    },
  };
}

const root: TreeEntry = { kind: "directory", oid: "", sizeBytes: 0 };

function partsOf(absolute: string, top: string, path: string): string[] {
  if (!isWithin(absolute, top)) throw diskError("ENOENT", path);
  return relative(top, absolute)
    .split(sep)
    .filter((part) => part !== "");
}

interface Tree {
  /** The path must have no link among its folders. */
  entryAt(path: string): Promise<TreeEntry | null>;
  list(directory: string): Promise<readonly DirectoryEntry[]>;
  listAll(): Promise<readonly (readonly [string, TreeEntry])[]>;
  read(entry: TreeEntry): Promise<Uint8Array>;
}

/** Without --literal-pathspecs, Git would take a path that begins with a colon for a pattern. */
const listing = ["--literal-pathspecs", "ls-tree", "-z", "-l", "--full-tree"];

/** Lists each folder only once, together with everything below it. */
function makeTree({ git, commit }: TreePlace): Tree {
  const entries = new Map<string, TreeEntry | null>();
  const folders = new Map<string, DirectoryEntry[]>();
  const ask = async (...more: readonly string[]): Promise<[string, TreeEntry][]> =>
    parseTree((await refusing(git([...listing, ...more]))).toString("utf8"));
  const readAll = makeBlobReader(git);
  const list: Tree["list"] = async (directory) => {
    const known = folders.get(directory);
    if (known) return known;
    const below = await ask("-r", "-t", commit, ...(directory === "" ? [] : ["--", `${directory}/`]));
    folders.set(directory, []);
    for (const [path, entry] of below) {
      entries.set(path, entry);
      if (entry.kind === "directory") folders.set(path, []);
      const folder = posix.dirname(path);
      // On the disk, a submodule is a folder.
      const kind = entry.kind === "other" ? "directory" : entry.kind;
      folders.get(folder === "." ? "" : folder)?.push({ name: posix.basename(path), kind });
    }
    return folders.get(directory) ?? [];
  };
  return {
    entryAt: async (path) => {
      if (!entries.has(path) && !folders.has("")) {
        const found = new Map(await ask(commit, "--", path));
        entries.set(path, found.get(path) ?? null);
      }
      return entries.get(path) ?? null;
    },
    list,
    listAll: async () => {
      await list("");
      return [...entries].flatMap(([path, entry]) => (entry ? [[path, entry] as const] : []));
    },
    read: readAll,
  };
}

const kinds: Readonly<Record<string, EntryKind>> = {
  "040000": "directory",
  "120000": "link",
  "160000": "other",
};

/** `100644 blob <oid>     123<tab>path`, each ended by a NUL. */
function parseTree(text: string): [string, TreeEntry][] {
  return text.split("\0").flatMap((line): [string, TreeEntry][] => {
    const [, mode = "", oid = "", size = "", path = ""] =
      /^(\d{6}) \w+ ([0-9a-f]+) +(\d+|-|BAD)\t([^]*)$/.exec(line) ?? [];
    if (path === "") return [];
    return [
      [
        path,
        { kind: kinds[mode] ?? "file", oid, sizeBytes: size === "BAD" ? Infinity : Number(size) || 0 },
      ],
    ];
  });
}

interface PendingRead {
  readonly entry: TreeEntry;
  readonly give: (bytes: Uint8Array) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Reads all files that are requested at the same moment with one process: ten thousand processes would take a minute.
 */
function makeBlobReader(git: Git): (entry: TreeEntry) => Promise<Uint8Array> {
  let pending: PendingRead[] = [];
  const readBatch = async (): Promise<void> => {
    const batch = pending;
    pending = [];
    try {
      const oids = batch.map(({ entry }) => entry.oid);
      const bytes = await refusing(git(["show", "--no-ext-diff", "--no-textconv", ...oids]));
      const total = batch.reduce((sum, { entry }) => sum + entry.sizeBytes, 0);
      if (bytes.length !== total) throw unreadable(`${bytes.length} bytes came instead of ${total}`);
      let start = 0;
      for (const { entry, give } of batch) give(bytes.subarray(start, (start += entry.sizeBytes)));
    } catch (error) {
      for (const { fail } of batch) fail(error);
    }
  };
  return (entry) =>
    new Promise((give, fail) => {
      if (pending.length === 0) process.nextTick(() => void readBatch());
      pending.push({ entry, give, fail });
    });
}

async function refusing<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    throw unreadable(cause instanceof Error ? cause.message.trim() : String(cause), cause);
  }
}

function unreadable(why: string, cause?: unknown): ReconcileError {
  const hint = "run `git fsck` to check that the repository is whole";
  return new ReconcileError("base/unreadable", `Git could not read the files of the revision: ${why}`, {
    hint,
    cause,
  });
}

function diskError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: '${path}'`), { code, path });
}
