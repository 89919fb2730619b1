// The disk as a parameter. Errors are Node's own, with their `code` (ENOENT, EACCES, ENOSPC …).
import { readFileSync, realpathSync, statSync } from "node:fs";
import { appendFile, mkdir, open, readdir, rm, type FileHandle } from "node:fs/promises";
import writeFileAtomic from "write-file-atomic";

export interface Files {
  /** Lists the entries directly inside a directory; links are listed as links, not followed. */
  list(directory: string): Promise<readonly DirectoryEntry[]>;
  /** The kind of a path and its size in bytes; links are followed. */
  stat(path: string): Promise<{ readonly kind: EntryKind; readonly sizeBytes: number }>;
  /** The path with every link resolved. */
  realPath(path: string): Promise<string>;
  read(path: string): Promise<Uint8Array>;
  /** Reads bytes from `start` up to, not including, `end`; fewer if the file is shorter. */
  readRange(path: string, start: number, end: number): Promise<Uint8Array>;
  /** Replaces the file as a whole, or leaves it as it was; makes missing directories. */
  write(path: string, text: string, mode?: number): Promise<void>;
  /** Appends to a file, and makes it if it is missing; the mode of an existing file stays. */
  append(path: string, text: string): Promise<void>;
  /**
   * Makes the file and missing directories. Rejects with EEXIST if the file exists; if the text cannot be written, no file
   * is left behind.
   */
  create(path: string, text: string, mode: number): Promise<void>;
  /** Removes the file; a missing file is no error. */
  remove(path: string): Promise<void>;
  /** Opens the file for appending, and makes it and missing directories; an existing file gets `mode`, too. */
  openAppend(path: string, mode: number): Promise<AppendFile>;
}

export type EntryKind = "file" | "directory" | "link" | "other";
export interface DirectoryEntry {
  readonly name: string;
  readonly kind: EntryKind;
}

/** A file that only grows, except that an incomplete end may be cut off. */
export interface AppendFile {
  sizeBytes(): Promise<number>;
  /** Reads bytes from `start` up to, not including, `end`. */
  readRange(start: number, end: number): Promise<Uint8Array>;
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
  realPath: async (path) => realpathSync.native(path),
  read: async (path) => readFileSync(path),
  /* eslint-enable @typescript-eslint/require-await */
  readRange: async (path, start, end) => {
    const handle = await open(path, "r");
    try {
      return await readBytes(handle, start, end);
    } finally {
      await handle.close();
    }
  },
  write: async (path, text, mode) => {
    await mkdir(directoryOf(path), { recursive: true });
    await writeFileAtomic(path, text, mode === undefined ? {} : { mode });
  },
  append: (path, text) => appendFile(path, text),
  create: async (path, text, mode) => {
    await mkdir(directoryOf(path), { recursive: true });
    const handle = await open(path, "wx", mode);
    try {
      await handle.writeFile(text, "utf8");
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
  },
  remove: (path) => rm(path, { force: true }),
  openAppend: async (path, mode) => {
    const directory = directoryOf(path);
    await mkdir(directory, { recursive: true });
    const handle = await open(path, "a+", mode);
    // An existing file may be readable by other users. The chmod fails if another user owns the file, which then stays
    // as it is.
    await handle.chmod(mode).catch(() => undefined);
    await syncDirectory(directory);
    return {
      sizeBytes: async () => (await handle.stat()).size,
      readRange: (start, end) => readBytes(handle, start, end),
      truncate: (sizeBytes) => handle.truncate(sizeBytes),
      append: (content) => handle.appendFile(content),
      sync: () => handle.datasync(),
      close: () => handle.close(),
    };
  },
};

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
