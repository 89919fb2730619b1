// Keeps content that cannot be used, in a file beside its own.
import type { Files } from "./files.ts";

/** Only this user may read it: what it was taken from may hold whole endpoints. */
const asideMode = 0o600;
/** So many faults go unnoticed by nobody. */
const maxNames = 1_000;

/**
 * Writes the content to `path`, or to the first of `<path>.2`, `<path>.3` and so on that does not exist, and returns the
 * name. Resolves once the file would survive a power cut. Rejects with Node's errors.
 */
export async function setAside(
  files: Pick<Files, "create">,
  path: string,
  content: string | Uint8Array,
): Promise<string> {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? path : `${path}.${number}`;
    try {
      await files.create(name, content, { mode: asideMode, isDurable: true });
      return name;
    } catch (error) {
      const isTaken = error instanceof Error && "code" in error && error.code === "EEXIST";
      if (!isTaken || number >= maxNames) throw error;
    }
  }
}
