// Replaces a file as a whole: a new file is written beside it, and takes its name once it is on the disk.
import type { Stats } from "node:fs";
import { lstat, open, realpath, rename, rm, type FileHandle } from "node:fs/promises";
import { requireFile } from "./disk-error.ts";

export interface WriteOptions {
  /** Without it, an existing file keeps its mode. */
  readonly mode?: number;
  /** Follows a link to the file that it names, which is then replaced; for paths that the user typed. */
  readonly throughLinks?: true;
}

/** More files than this are left behind by no number of crashes. */
const maxNames = 10_000;

/** Rejects with EISDIR or ENOTFILE if something other than a file or a link is there. */
export async function replaceFile(path: string, text: string, options: WriteOptions): Promise<void> {
  const target = options.throughLinks ? await followLinks(path) : path;
  const before = await findEntry(target);
  if (before && !before.isSymbolicLink()) requireFile(before, path);
  const kept = before?.isFile() ? before : null;
  const { handle, name } = await createBeside(target, options.mode ?? (kept ? kept.mode & 0o777 : 0o666));
  try {
    try {
      await handle.writeFile(text, "utf8");
      // The umask may have taken away what the file had, or was to get.
      if (options.mode !== undefined || kept) await handle.chmod(options.mode ?? (kept?.mode ?? 0) & 0o777);
      // Another user's file stays that user's, if we may give it away.
      if (kept) await handle.chown(kept.uid, kept.gid).catch(() => undefined);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(name, target);
  } catch (error) {
    await rm(name, { force: true });
    throw error;
  }
}

async function followLinks(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (isMissing(error)) return path;
    throw error;
  }
}

async function findEntry(path: string): Promise<Stats | null> {
  try {
    return await lstat(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** A name that exists, as a link too, is not opened, so that no prepared file is written. */
async function createBeside(
  path: string,
  mode: number,
): Promise<{ readonly handle: FileHandle; readonly name: string }> {
  for (let number = 1; ; number += 1) {
    const name = `${path}.${number}.tmp`;
    try {
      return { handle: await open(name, "wx", mode), name };
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      if (number >= maxNames) throw error;
    }
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
