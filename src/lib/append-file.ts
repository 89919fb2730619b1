// Opens a file to append to it, and nothing that only has its name.
import { constants } from "node:fs";
import { lstat, open, type FileHandle } from "node:fs/promises";
import { diskError, requireFile } from "./disk-error.ts";

const flags =
  constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Makes the file with `mode` if it is missing. Rejects with ELOOP for a link, EISDIR for a folder, ENOTFILE for a pipe, a
 * socket or a device, and EMLINK if the file has a second name, through which others may change it.
 */
export async function openAppendFile(path: string, mode: number): Promise<FileHandle> {
  const before = await lstat(path).catch(() => null);
  if (before?.isSymbolicLink()) throw diskError("ELOOP", path);
  if (before) requireFile(before, path);
  const handle = await open(path, flags, mode);
  try {
    const found = await handle.stat();
    requireFile(found, path);
    if (found.nlink > 1) throw diskError("EMLINK", path);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}
