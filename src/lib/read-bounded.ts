// Reads a file that anybody may have put there: a pipe does not make it wait, and a device does not fill the memory.
import { closeSync, constants, fstatSync, openSync, readSync, statSync } from "node:fs";
import { diskError, requireFile } from "./disk-error.ts";

/** Throws Node's errors, EISDIR and ENOTFILE for what is not a file, and EFBIG for more than `maxBytes`. */
export function readBounded(path: string, maxBytes: number): Uint8Array {
  // To open some devices has an effect, so the kind is looked at before, and again once the file cannot be exchanged.
  requireFile(statSync(path), path);
  // Without O_NONBLOCK, opening a pipe waits until another process writes to it. Windows has no such flag.
  const handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = fstatSync(handle);
    requireFile(found, path);
    if (found.size > maxBytes) throw diskError("EFBIG", path);
    return readUpTo(handle, { path, sizeBytes: found.size, maxBytes });
  } finally {
    closeSync(handle);
  }
}

/** A file may grow while it is read, and some have content without a size, as in /proc. */
function readUpTo(
  handle: number,
  about: { readonly path: string; readonly sizeBytes: number; readonly maxBytes: number },
): Uint8Array {
  const { path, sizeBytes, maxBytes } = about;
  let bytes = new Uint8Array(Math.min(sizeBytes, maxBytes) + 1);
  let length = 0;
  for (;;) {
    const read = readSync(handle, bytes, length, bytes.length - length, null);
    length += read;
    if (read === 0) return bytes.subarray(0, length);
    if (length > maxBytes) throw diskError("EFBIG", path);
    if (length < bytes.length) continue;
    const roomier = new Uint8Array(Math.min(2 * length + 4096, maxBytes + 1));
    roomier.set(bytes);
    bytes = roomier;
  }
}
