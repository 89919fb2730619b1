// The reading side of the disk over a Git tree: folders, files and links as they were committed.
import { join, posix, relative, resolve, sep } from "node:path";
import type { DirectoryEntry, EntryKind, ReadableFiles } from "../lib/files.ts";
import { ReconcileError } from "../model/errors.ts";
import type { Git } from "./open-repository.ts";

export interface Revision {
  readonly commit: string;
  /** Paths are those of the work tree. */
  readonly files: ReadableFiles;
}

export interface TreePlace {
  readonly git: Git;
  readonly commit: string;
  /** The repository's folder. */
  readonly top: string;
}

interface TreeEntry {
  readonly kind: EntryKind;
  readonly oid: string;
  readonly sizeBytes: number;
}

/** As Linux: beyond it a chain of links is a loop. */
const maxLinks = 40;

/**
 * Paths are those of the work tree, relative or absolute; outside of the repository there is nothing. Errors have
 * Node's codes; what Git refuses is a ReconcileError `base/unreadable`.
 */
export function makeRevisionFiles(place: TreePlace): ReadableFiles {
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
    read: async (path) => {
      const { entry } = await find(path);
      if (entry.kind !== "file") throw diskError("EISDIR", path);
      return tree.read(entry);
    },
  };
}

const root: TreeEntry = { kind: "directory", oid: "", sizeBytes: 0 };

function partsOf(absolute: string, top: string, path: string): string[] {
  const inside = relative(top, absolute);
  if (inside === ".." || inside.startsWith(`..${sep}`) || resolve(inside) === inside) {
    throw diskError("ENOENT", path);
  }
  return inside.split(sep).filter((part) => part !== "");
}

interface Tree {
  /** Of a path that has no link among its folders. */
  entryAt(path: string): Promise<TreeEntry | null>;
  list(directory: string): Promise<readonly DirectoryEntry[]>;
  read(entry: TreeEntry): Promise<Uint8Array>;
}

/** With a path that begins with a colon nothing else is meant than that path. */
const listing = ["--literal-pathspecs", "ls-tree", "-z", "-l", "--full-tree"];

/** Each folder is listed once, with all that is below it. */
function makeTree({ git, commit }: TreePlace): Tree {
  const entries = new Map<string, TreeEntry | null>();
  const folders = new Map<string, DirectoryEntry[]>();
  const ask = async (...more: readonly string[]): Promise<[string, TreeEntry][]> =>
    parseTree((await refusing(git([...listing, ...more]))).toString("utf8"));
  const readAll = makeBlobReader(git);
  return {
    entryAt: async (path) => {
      if (!entries.has(path)) {
        const found = new Map(await ask(commit, path));
        entries.set(path, found.get(path) ?? null);
      }
      return entries.get(path) ?? null;
    },
    list: async (directory) => {
      const known = folders.get(directory);
      if (known) return known;
      const below = await ask("-r", "-t", commit, ...(directory === "" ? [] : [`${directory}/`]));
      folders.set(directory, []);
      for (const [path, entry] of below) {
        entries.set(path, entry);
        if (entry.kind === "directory") folders.set(path, []);
        const folder = posix.dirname(path);
        // On the disk a submodule is a folder.
        const kind = entry.kind === "other" ? "directory" : entry.kind;
        folders.get(folder === "." ? "" : folder)?.push({ name: posix.basename(path), kind });
      }
      return folders.get(directory) ?? [];
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
      /^(\d{6}) \w+ ([0-9a-f]+) +(\d+|-)\t([^]*)$/.exec(line) ?? [];
    if (path === "") return [];
    return [[path, { kind: kinds[mode] ?? "file", oid, sizeBytes: Number(size) || 0 }]];
  });
}

interface Waiting {
  readonly entry: TreeEntry;
  readonly give: (bytes: Uint8Array) => void;
  readonly fail: (error: unknown) => void;
}

/** Those that are wanted at the same moment are read by one process: one each would take a minute for ten thousand. */
function makeBlobReader(git: Git): (entry: TreeEntry) => Promise<Uint8Array> {
  let waiting: Waiting[] = [];
  const readThem = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    try {
      const oids = batch.map(({ entry }) => entry.oid);
      const bytes = await refusing(git(["show", "--no-ext-diff", "--no-textconv", ...oids]));
      const total = batch.reduce((sum, { entry }) => sum + entry.sizeBytes, 0);
      if (bytes.length !== total) throw unreadable(`${bytes.length} bytes came where ${total} should`);
      let start = 0;
      for (const { entry, give } of batch) give(bytes.subarray(start, (start += entry.sizeBytes)));
    } catch (error) {
      for (const { fail } of batch) fail(error);
    }
  };
  return (entry) =>
    new Promise((give, fail) => {
      if (waiting.length === 0) process.nextTick(() => void readThem());
      waiting.push({ entry, give, fail });
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
  const hint = "`git fsck` tells whether the repository is whole";
  return new ReconcileError("base/unreadable", `Git does not give the files of the revision: ${why}`, {
    hint,
    cause,
  });
}

function diskError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: '${path}'`), { code, path });
}
