// A disk in memory that implements all of `Files`, with failures on demand, a count of syncs, and power cuts.
import { posix } from "node:path";
import type { AppendFile, DirectoryEntry, EntryKind, FileIdentity, Files } from "../../src/lib/files.ts";

export interface MemoryFiles extends Files {
  /** Returns a file's present content. Throws ENOENT. */
  text(path: string): string;
  /** Returns the permission bits, such as 0o600. Throws ENOENT. */
  mode(path: string): number;
  /** Returns the absolute paths of all files, in order. */
  paths(): readonly string[];
  /** Replaces a whole file durably, as another process could. */
  set(path: string, content: string | Uint8Array, mode?: number): void;
  /** Removes a file, as another process could. Throws ENOENT. */
  take(path: string): void;
  /** Makes an empty directory. */
  makeDirectory(path: string): void;
  /** Makes a symbolic link; `target` is relative to the link's directory, or absolute. */
  link(path: string, target: string): void;
  /** Makes something that is neither a file nor a folder, such as a pipe. */
  makeOther(path: string): void;
  /**
   * Makes the next call of `operation` fail with an errno such as ENOSPC; an append first writes `bytesBefore` bytes.
   */
  failNext(operation: DiskOperation, code: string, bytesBefore?: number): void;
  /** Called and awaited at the start of each operation, so that a test can delay the disk. */
  before: (operation: DiskOperation, path: string) => Promise<void> | void;
  /** Returns how often `sync` has returned. */
  syncs(): number;
  /** Undoes every append and cut since a file's last sync. */
  cutPower(): void;
}

export type DiskOperation = keyof Files | keyof AppendFile;

interface Stored {
  bytes: Buffer;
  /** The length of the part of `bytes` in use; appends grow it in place. */
  sizeBytes: number;
  /** The length that remains after a power cut. */
  durableBytes: number;
  /** The content before a cut that is not synced yet, which a power cut brings back. */
  uncut: Buffer | undefined;
  mode: number;
  /** Its number on the disk, and how often it was changed. */
  readonly inode: number;
  changes: number;
}

interface Failure {
  readonly operation: DiskOperation;
  readonly code: string;
  readonly bytesBefore: number;
}

const maxLinks = 40; // as Linux: beyond it a chain of links is a loop

/** Paths are POSIX; relative ones start at `/`. A directory exists if a file is below it, or if it was made. */
export function makeMemoryFiles(initial: Readonly<Record<string, string>> = {}): MemoryFiles {
  const disk = new Map<string, Stored>();
  const directories = new Set<string>(["/"]);
  const links = new Map<string, string>();
  const others = new Set<string>();
  const failures: Failure[] = [];
  let syncs = 0;
  let inodes = 0;

  const kindOf = (path: string): EntryKind | undefined => {
    if (links.has(path)) return "link";
    if (disk.has(path)) return "file";
    if (others.has(path)) return "other";
    const below = path === "/" ? "/" : `${path}/`;
    const isDirectory =
      directories.has(path) ||
      [...disk.keys(), ...directories, ...links.keys(), ...others].some((other) => other.startsWith(below));
    return isDirectory ? "directory" : undefined;
  };
  const resolve = (path: string): string => {
    let real = "/";
    const parts = posix.resolve("/", path).split("/").filter(Boolean);
    for (let followed = 0; parts.length > 0;) {
      const next = posix.join(real, parts.shift() ?? "");
      const target = links.get(next);
      if (target === undefined) real = next;
      else {
        if ((followed += 1) > maxLinks) throw diskError("ELOOP", path);
        parts.unshift(...posix.resolve(real, target).split("/").filter(Boolean));
        real = "/";
      }
    }
    return real;
  };
  /** The path with the links of its folders resolved, but not its last part. */
  const place = (path: string): string => {
    const at = posix.resolve("/", path);
    return at === "/" ? at : posix.join(resolve(posix.dirname(at)), posix.basename(at));
  };
  const find = (path: string): Stored => {
    const stored = disk.get(resolve(path));
    if (stored) return stored;
    refuseOthers(resolve(path), path);
    throw diskError("ENOENT", path);
  };
  const refuseOthers = (at: string, path: string): void => {
    if (kindOf(at) === "directory") throw diskError("EISDIR", path);
    if (kindOf(at) === "other") throw diskError("ENOTFILE", path);
  };
  const store = (path: string, bytes: Buffer, mode: number): Stored => {
    const real = resolve(path);
    refuseOthers(real, path);
    for (let above = posix.dirname(real); above !== "/"; above = posix.dirname(above)) {
      if (disk.has(above)) throw diskError("ENOTDIR", path);
      directories.add(above);
    }
    const stored = {
      ...{ bytes, sizeBytes: bytes.length, durableBytes: bytes.length, uncut: undefined, mode },
      ...{ inode: (inodes += 1), changes: 0 },
    };
    disk.set(real, stored);
    return stored;
  };
  const takeFailure = (operation: DiskOperation): Failure | undefined => {
    const index = failures.findIndex((failure) => failure.operation === operation);
    return index < 0 ? undefined : failures.splice(index, 1)[0];
  };
  /** Runs at the start of each operation: delays it, or lets it fail, if a test asked for that. */
  const begin = async (operation: DiskOperation, path: string): Promise<void> => {
    await files.before(operation, path);
    const failure = takeFailure(operation);
    if (failure) throw diskError(failure.code, path);
  };

  const openStored = (stored: Stored, path: string): AppendFile => ({
    sizeBytes: async () => {
      await begin("sizeBytes", path);
      return stored.sizeBytes;
    },
    identify: async () => {
      await begin("identify", path);
      return identityOf(stored);
    },
    readRange: async (start, end) => {
      await begin("readRange", path);
      return new Uint8Array(used(stored).subarray(start, Math.max(start, end)));
    },
    setMode: async (mode) => {
      await begin("setMode", path);
      stored.mode = mode;
      stored.changes += 1;
    },
    truncate: async (sizeBytes) => {
      await begin("truncate", path);
      stored.changes += 1;
      stored.uncut ??= Buffer.from(used(stored));
      stored.sizeBytes = Math.min(stored.sizeBytes, sizeBytes);
    },
    append: async (content) => {
      await files.before("append", path);
      const failure = takeFailure("append");
      grow(stored, Buffer.from(content).subarray(0, failure?.bytesBefore));
      if (failure) throw diskError(failure.code, path);
    },
    sync: async () => {
      await begin("sync", path);
      stored.durableBytes = stored.sizeBytes;
      stored.uncut = undefined;
      syncs += 1;
    },
    close: () => begin("close", path),
  });

  const files: MemoryFiles = {
    list: async (directory) => {
      await begin("list", directory);
      const real = resolve(directory);
      const kind = kindOf(real);
      if (kind !== "directory") throw diskError(kind ? "ENOTDIR" : "ENOENT", directory);
      const below = real === "/" ? "/" : `${real}/`;
      const names = [...disk.keys(), ...directories, ...links.keys(), ...others]
        .filter((path) => path.startsWith(below) && path !== below)
        .map((path) => path.slice(below.length).split("/")[0] ?? "");
      return [...new Set(names)].sort().map((name): DirectoryEntry => ({
        name,
        kind: kindOf(below + name) ?? "other",
      }));
    },
    stat: async (path) => {
      await begin("stat", path);
      const kind = kindOf(resolve(path));
      if (kind === undefined) throw diskError("ENOENT", path);
      return { kind, sizeBytes: disk.get(resolve(path))?.sizeBytes ?? 0 };
    },
    identify: async (path) => {
      await begin("identify", path);
      return identityOf(find(path));
    },
    entryKind: async (path) => {
      await begin("entryKind", path);
      return kindOf(place(path)) ?? null;
    },
    realPath: async (path) => {
      await begin("realPath", path);
      const real = resolve(path);
      if (kindOf(real) === undefined) throw diskError("ENOENT", path);
      return real;
    },
    read: async (path, maxBytes) => {
      await begin("read", path);
      const stored = find(path);
      if (stored.sizeBytes > maxBytes) throw diskError("EFBIG", path);
      return new Uint8Array(used(stored));
    },
    readRange: async (path, start, end) => {
      await begin("readRange", path);
      return new Uint8Array(used(find(path)).subarray(start, Math.max(start, end)));
    },
    write: async (path, text, { mode, throughLinks = false } = {}) => {
      await begin("write", path);
      if (!throughLinks || kindOf(resolve(path)) === undefined) links.delete(place(path));
      store(path, Buffer.from(text), mode ?? disk.get(resolve(path))?.mode ?? 0o644);
    },
    append: async (path, text) => {
      await begin("append", path);
      grow(disk.get(resolve(path)) ?? store(path, Buffer.alloc(0), 0o644), Buffer.from(text));
    },
    create: async (path, content, { mode, isDurable = false }) => {
      await begin("create", path);
      if (kindOf(place(path)) !== undefined) throw diskError("EEXIST", path);
      if (isDurable) await begin("sync", path);
      store(path, Buffer.from(content), mode);
    },
    rename: async (path, to) => {
      await begin("rename", path);
      const stored = find(path);
      if (kindOf(place(to)) !== undefined) throw diskError("EEXIST", to);
      disk.delete(place(path));
      disk.set(place(to), stored);
    },
    remove: async (path) => {
      await begin("remove", path);
      const at = place(path);
      if (kindOf(at) === "directory") throw diskError("EISDIR", path);
      if (!links.delete(at) && !others.delete(at)) disk.delete(at);
    },
    openAppend: async (path, mode) => {
      await begin("openAppend", path);
      if (kindOf(place(path)) === "link") throw diskError("ELOOP", path);
      refuseOthers(place(path), path);
      return openStored(disk.get(place(path)) ?? store(path, Buffer.alloc(0), mode), path);
    },

    text: (path) => used(find(path)).toString(),
    mode: (path) => find(path).mode,
    paths: () => [...disk.keys()].sort(),
    set: (path, content, mode = 0o644) => void store(path, Buffer.from(content), mode),
    take: (path) => {
      const at = posix.resolve("/", path);
      if (!links.delete(at) && !disk.delete(at) && !directories.delete(at) && !others.delete(at))
        throw diskError("ENOENT", path);
    },
    makeDirectory: (path) => void directories.add(resolve(path)),
    makeOther: (path) => void others.add(resolve(path)),
    link: (path, target) => void links.set(posix.resolve("/", path), target),
    failNext: (operation, code, bytesBefore = 0) => void failures.push({ operation, code, bytesBefore }),
    before: () => undefined,
    syncs: () => syncs,
    cutPower: () => {
      for (const stored of disk.values()) {
        stored.bytes = stored.uncut ?? stored.bytes;
        stored.sizeBytes = stored.durableBytes;
        stored.uncut = undefined;
        stored.changes += 1;
      }
    },
  };
  for (const [path, text] of Object.entries(initial)) files.set(path, text);
  return files;
}

/** The disk's clock stands still: each change shows in the number of changes. */
function identityOf({ inode, sizeBytes, changes }: Stored): FileIdentity {
  return { id: `${inode}:${sizeBytes}:${changes}`, sizeBytes, isFine: true };
}

function used(stored: Stored): Buffer {
  return stored.bytes.subarray(0, stored.sizeBytes);
}

/** Doubles the buffer when it is full, so that many appends to a long file stay quick. */
function grow(stored: Stored, more: Buffer): void {
  const sizeBytes = stored.sizeBytes + more.length;
  if (sizeBytes > stored.bytes.length) {
    const roomier = Buffer.alloc(Math.max(sizeBytes, stored.bytes.length * 2));
    used(stored).copy(roomier);
    stored.bytes = roomier;
  }
  more.copy(stored.bytes, stored.sizeBytes);
  stored.sizeBytes = sizeBytes;
  stored.changes += 1;
}

function diskError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: '${path}'`), { code, path });
}
