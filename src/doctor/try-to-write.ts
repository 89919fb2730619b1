// Finds out whether a folder can be written by writing to it, as a pass does. It leaves nothing behind.
import type { Files } from "../lib/files.ts";
import type { Random } from "../lib/random.ts";
import { systemErrorCode } from "../model/errors.ts";
import type { Unwritable } from "./check.ts";

/** Writes to the folder, or to the nearest existing folder above it. Null if that succeeded. */
export async function tryToWrite(
  folder: string,
  files: Files,
  random: Pick<Random, "id">,
): Promise<Unwritable | null> {
  const path = await findFolder(folder.replace(/[/\\]+$/, "") || "/", files);
  const probe = `${path === "/" ? "" : path}/.reconcile-doctor-${random.id()}`;
  return refusalOf(path === "." ? "the working directory" : path, async () => {
    await files.create(probe, "", { mode: 0o600 });
    await files.remove(probe);
  });
}

/** Opens the file as a pass does, and writes nothing. Null if that succeeded. */
export async function tryToAppend(path: string, files: Files): Promise<Unwritable | null> {
  return refusalOf(path, async () => {
    await (await files.openAppend(path, 0o600)).close();
  });
}

async function findFolder(folder: string, files: Files): Promise<string> {
  try {
    await files.stat(folder);
    return folder;
  } catch (error) {
    if (systemErrorCode(error) !== "ENOENT") return folder;
    const at = folder.search(/[/\\][^/\\]*$/);
    if (at === 0) return "/";
    return at < 0 ? "." : findFolder(folder.slice(0, at), files);
  }
}

async function refusalOf(path: string, action: () => Promise<void>): Promise<Unwritable | null> {
  try {
    await action();
    return null;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    return { path, code };
  }
}
