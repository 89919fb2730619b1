// The folder of `--git`, a bare repository of the daemon's own. All in it can be fetched again, except which commit was
// applied last: a file in the folder holds that.
import { lstat, mkdir, open, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gitReason } from "./git-hint.ts";
import { ReconcileError, systemErrorCode } from "../model/errors.ts";
import type { Git } from "./open-repository.ts";
import { gitRan } from "./run-git.ts";

/**
 * The repository's config is written anew before each fetch, so a program or another address that someone added to it
 * has no effect.
 */
const ownConfig = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n";

/**
 * Makes the folder if it is missing. Removes links in it, which Git does not make and through which it would write
 * elsewhere, and refuses a link in its place.
 */
export async function prepareFolder(directory: string): Promise<void> {
  const found = await lstatOrNull(directory);
  if (found && !found.isDirectory()) {
    const what = found.isSymbolicLink() ? "a link" : "no folder";
    const message = `${directory} is ${what}, but --git keeps the repository in a folder of its own there`;
    throw new ReconcileError("git/notAFolder", message, {
      hint: `remove ${directory}, and the next pass makes the folder`,
    });
  }
  await mkdir(directory, { recursive: true });
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true }))
    if (entry.isSymbolicLink()) await rm(join(entry.parentPath, entry.name));
  const config = join(directory, "config");
  await rm(config, { force: true, recursive: true });
  await writeFile(config, ownConfig, { flag: "wx" });
}

/**
 * Returns what is wrong with the repository, in a few words; null if nothing is, or if Git could not find out. No other
 * process uses the folder, so a lock in it was left behind by a Git that was killed.
 */
export async function findDamage(directory: string, git: Git, abort: AbortSignal): Promise<string | null> {
  const names = await readdir(directory, { recursive: true }).catch(() => []);
  const lock = names.find((name) => name.endsWith(".lock"));
  if (lock !== undefined) return `${lock} is left over from a Git that was killed`;
  try {
    await git(["fsck", "--connectivity-only", "--no-dangling", "--no-progress"], abort);
    return null;
  } catch (error) {
    return gitRan(error) ? gitReason(error) : null;
  }
}

/** Removes everything but the file that names the commit that was applied last. */
export async function emptyFolder(directory: string): Promise<void> {
  for (const name of await readdir(directory))
    if (name !== followedFile) await rm(join(directory, name), { recursive: true, force: true });
}

const followedFile = "reconcile-followed";
const hash = /^[0-9a-f]{40,64}$/;
/** A hash and a line end, and room for what an editor may add. */
const mostBytes = 100;

/** Returns the commit that was applied last; null if none was, and "unreadable" if the file holds none. */
export async function readFollowed(directory: string): Promise<string | null> {
  const path = join(directory, followedFile);
  const found = await lstatOrNull(path);
  if (!found) return null;
  if (!found.isFile() || found.size > mostBytes) return "unreadable";
  const text = (await readFile(path, "utf8")).trim();
  return hash.test(text) ? text : "unreadable";
}

/** Resolves once the file would survive a power cut. */
export async function writeFollowed(directory: string, commit: string): Promise<void> {
  const path = join(directory, followedFile);
  const fresh = `${path}.new`;
  await rm(fresh, { force: true, recursive: true });
  const handle = await open(fresh, "wx");
  try {
    await handle.writeFile(`${commit}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(fresh, path);
}

async function lstatOrNull(path: string): Promise<Awaited<ReturnType<typeof lstat>> | null> {
  try {
    return await lstat(path);
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return null;
    throw error;
  }
}
