// The folder of the store's own repository: who may use it, and what is cleared out of it.
import { lstat, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { ReconcileError, refusalReason, systemErrorCode } from "../../model/errors.ts";

/** Longer than any process works with the store's folder without touching its own part of it. */
const abandonedMs = 24 * 60 * 60 * 1000;
/** Each push adds six files, of 4 KiB on disk; to fetch all anew, without its history, costs less than to tidy up. */
const mostFiles = 6_000;

/**
 * Makes the folder if it is missing. Takes out what processes that were killed left there, and links, through which Git
 * would write elsewhere; a pull request can add such a link.
 */
export async function prepareFolder(
  directory: string,
  { nowMs, kept }: { readonly nowMs: number; readonly kept: readonly string[] },
): Promise<void> {
  const found = await lstat(directory).catch(() => null);
  if (found && !found.isDirectory()) {
    const message = `${directory} is ${found.isSymbolicLink() ? "a link" : "no folder"}, but the Git store keeps a repository in a folder of its own there`;
    throw new ReconcileError("state/refused", message, {
      hint: `remove ${directory}, and the next run makes the folder`,
    });
  }
  // The records hold whole endpoints.
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const { name } of await readdir(directory, { withFileTypes: true }))
    if (!kept.includes(name) && (await isAbandoned(join(directory, name), nowMs)))
      await rm(join(directory, name), { recursive: true, force: true });
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  for (const entry of entries)
    if (entry.isSymbolicLink()) await rm(join(entry.parentPath, entry.name), { force: true });
  // Alternates would have Git read the objects of another folder.
  await rm(join(directory, "objects", "info"), { recursive: true, force: true });
  if (entries.length > mostFiles)
    for (const name of kept) await rm(join(directory, name), { recursive: true, force: true });
}

async function isAbandoned(path: string, nowMs: number): Promise<boolean> {
  const found = await lstat(path).catch(() => null);
  return found !== null && nowMs - found.mtimeMs > abandonedMs;
}

/** Rejects with ReconcileError `state/refused` where the disk refuses. */
export async function refuseUnwritable<T>(directory: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    throw new ReconcileError("state/refused", `${directory} cannot be written: ${refusalReason(code)}`, {
      hint: "the Git store keeps what it fetched there: make the folder writable, or free space on its disk",
      cause: error,
    });
  }
}
