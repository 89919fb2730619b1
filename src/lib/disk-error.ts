// Errors of the disk that Node does not make itself, in the form of Node's.
import type { Stats } from "node:fs";

/** `ENOTFILE` is no code of the system: something is there that is neither a file nor a folder. */
export function diskError(
  code: "EEXIST" | "EFBIG" | "EISDIR" | "ELOOP" | "EMLINK" | "ENOTFILE",
  path: string,
): Error {
  return Object.assign(new Error(`${code}: ${reasons[code]}, '${path}'`), { code, path });
}

const reasons = {
  EEXIST: "something has this name already",
  EFBIG: "the file is too large",
  EISDIR: "it is a folder",
  ELOOP: "it is a link",
  EMLINK: "the file has a second name (a hard link)",
  ENOTFILE: "it is not a regular file",
};

/** Throws EISDIR for a folder, and ENOTFILE for a pipe, a socket or a device. */
export function requireFile(found: Stats, path: string): void {
  if (found.isDirectory()) throw diskError("EISDIR", path);
  if (!found.isFile()) throw diskError("ENOTFILE", path);
}
