// The disk as a parameter. Errors are Node's own, with their `code` (ENOENT, EACCES, ENOSPC …), and ENOTFILE.
import {
  closeSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
  type BigIntStats,
} from "node:fs";
import { appendFile, mkdir, open, readdir, rename, rm, type FileHandle } from "node:fs/promises";
import { openAppendFile } from "./append-file.ts";
import { diskError } from "./disk-error.ts";
import { readBounded } from "./read-bounded.ts";
import { replaceFile, type WriteOptions } from "./replace-file.ts";

export interface Files {
  /** Lists the entries directly inside a directory; links are listed as links, not followed. */
  list(directory: string): Promise<readonly DirectoryEntry[]>;
  /** The kind of a path and its size in bytes; links are followed. */
  stat(path: string): Promise<{ readonly kind: EntryKind; readonly sizeBytes: number }>;
  /** Tells apart a file's states without reading it; links are followed. */
  identify(path: string): Promise<FileIdentity>;
  /** The kind of the path itself: a link is not followed. Null if nothing is there. */
  entryKind(path: string): Promise<EntryKind | null>;
  /** The path with every link resolved. */
  realPath(path: string): Promise<string>;
  /**
   * Reads a regular file; links are followed. Rejects with EISDIR for a folder, with ENOTFILE for a pipe, a socket or a
   * device, and with EFBIG for more than `maxBytes`, of which no more is read.
   */
  read(path: string, maxBytes: number): Promise<Uint8Array>;
  /** Reads bytes from `start` up to, not including, `end`; fewer if the file is shorter. */
  readRange(path: string, start: number, end: number): Promise<Uint8Array>;
  /**
   * Replaces the file as a whole, or leaves it as it was; makes missing directories. A link in its place is replaced, too.
   * Rejects with EISDIR or ENOTFILE if something other than a file is there.
   */
  write(path: string, text: string, options?: WriteOptions): Promise<void>;
  /** Appends to a file, and makes it if it is missing; the mode of an existing file stays. */
  append(path: string, text: string): Promise<void>;
  /**
   * Makes the file and missing directories. Rejects with EEXIST if the file exists; if the text cannot be written, no file
   * is left behind.
   */
  create(path: string, content: string | Uint8Array, options: CreateOptions): Promise<void>;
  /**
   * Gives a file another name in its folder; once it resolves, the new name would survive a power cut. Rejects with EEXIST if
   * something has that name.
   */
  rename(path: string, to: string): Promise<void>;
  /** Removes the file, or the link in its place; a missing file is no error. */
  remove(path: string): Promise<void>;
  /**
   * Opens the file for appending, and makes it and missing directories; an existing file keeps its mode. Rejects with ELOOP
   * for a link, with EISDIR or ENOTFILE for anything else that is not a file, and with EMLINK for a file with a second name.
   */
  openAppend(path: string, mode: number): Promise<AppendFile>;
}

export interface CreateOptions {
  readonly mode: number;
  /** Resolves only once the file would survive a power cut. */
  readonly isDurable?: true;
}

export type EntryKind = "file" | "directory" | "link" | "other";
export interface DirectoryEntry {
  readonly name: string;
  readonly kind: EntryKind;
}

/** What the disk says of a file. Nobody but the system sets the time of the last change, and any change of the file sets it. */
export interface FileIdentity {
  /** Its number on the disk, its size, and both of its times in ns: equal texts stand for the same file, unchanged. */
  readonly id: string;
  readonly sizeBytes: number;
  /** False on a disk that tells whole seconds only, so that two changes may have one time. */
  readonly isFine: boolean;
}

/** A file that only grows, except that an incomplete end may be cut off. */
export interface AppendFile {
  sizeBytes(): Promise<number>;
  identify(): Promise<FileIdentity>;
  /** Reads bytes from `start` up to, not including, `end`. */
  readRange(start: number, end: number): Promise<Uint8Array>;
  /** Never rejects: another user's file stays as it is. */
  setMode(mode: number): Promise<void>;
  truncate(sizeBytes: number): Promise<void>;
  /** Appends bytes, or text as UTF-8. */
  append(content: string | Uint8Array): Promise<void>;
  /** Resolves once everything appended would survive a power cut. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export type ReadableFiles = Pick<Files, "list" | "stat" | "realPath" | "read">;

export const diskFiles: Files = {
  list: async (directory) =>
    (await readdir(directory, { withFileTypes: true })).map((entry) => ({
      name: entry.name,
      kind: kindOf(entry),
    })),
  // These use synchronous calls, because for a small file the thread pool costs more than the reading. They are async
  // so that errors reject.
  /* eslint-disable @typescript-eslint/require-await */
  stat: async (path) => {
    const found = statSync(path);
    return { kind: kindOf(found), sizeBytes: found.size };
  },
  identify: async (path) => identityOf(statSync(path, { bigint: true })),
  entryKind: async (path) => {
    const found = lstatSync(path, { throwIfNoEntry: false });
    return found ? kindOf(found) : null;
  },
  realPath: async (path) => realpathSync.native(path),
  read: async (path, maxBytes) => readBounded(path, maxBytes),
  /* eslint-enable @typescript-eslint/require-await */
  readRange: async (path, start, end) => {
    if (end - start <= smallBytes) return readSmall(path, start, end);
    const handle = await open(path, "r");
    try {
      return await readBytes(handle, start, end);
    } finally {
      await handle.close();
    }
  },
  write: async (path, text, options = {}) => {
    await mkdir(directoryOf(path), { recursive: true });
    await replaceFile(path, text, options);
  },
  append: (path, text) => appendFile(path, text),
  create: async (path, content, { mode, isDurable = false }) => {
    const directory = directoryOf(path);
    await mkdir(directory, { recursive: true });
    const handle = await open(path, "wx", mode);
    try {
      await handle.writeFile(content);
      if (isDurable) await handle.sync();
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
    if (isDurable) await syncDirectory(directory);
  },
  rename: async (path, to) => {
    if (lstatSync(to, { throwIfNoEntry: false })) throw diskError("EEXIST", to);
    await rename(path, to);
    await syncDirectory(directoryOf(to));
  },
  remove: (path) => rm(path, { force: true }),
  openAppend: async (path, mode) => {
    const directory = directoryOf(path);
    await mkdir(directory, { recursive: true });
    const handle = await openAppendFile(path, mode);
    await syncDirectory(directory);
    return {
      sizeBytes: async () => (await handle.stat()).size,
      identify: async () => identityOf(await handle.stat({ bigint: true })),
      readRange: (start, end) => readBytes(handle, start, end),
      setMode: (mode) => handle.chmod(mode).catch(() => undefined),
      truncate: (sizeBytes) => handle.truncate(sizeBytes),
      append: (content) => handle.appendFile(content),
      sync: () => handle.datasync(),
      close: () => handle.close(),
    };
  },
};

/** A stretch of this size is read at once: the thread pool takes ten times as long for it. */
const smallBytes = 64 * 1024;

function readSmall(path: string, start: number, end: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(0, end - start));
  const file = openSync(path, "r");
  try {
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, start));
  } finally {
    closeSync(file);
  }
}

function identityOf({ ino, size, mtimeNs, ctimeNs }: BigIntStats): FileIdentity {
  const id = [ino, size, mtimeNs, ctimeNs].join(":");
  return { id, sizeBytes: Number(size), isFine: ctimeNs % 1_000_000_000n !== 0n };
}

async function readBytes(handle: FileHandle, start: number, end: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(Math.max(0, end - start));
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
  return bytes.subarray(0, bytesRead);
}

/** A new file survives a power cut only once its folder is written to the disk, too. */
async function syncDirectory(directory: string): Promise<void> {
  // Windows cannot open a folder, and does not need this.
  const handle = await open(directory, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

interface FileType {
  isSymbolicLink(): boolean;
  isDirectory(): boolean;
  isFile(): boolean;
}
function kindOf(entry: FileType): EntryKind {
  if (entry.isSymbolicLink()) return "link";
  if (entry.isDirectory()) return "directory";
  return entry.isFile() ? "file" : "other";
}

function directoryOf(path: string): string {
  return path.replace(/[^/\\]*$/, "") || ".";
}
