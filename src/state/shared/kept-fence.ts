// Keeps the highest fence that this machine has seen beside its copy of the trail, so that a store that was restored from a
// backup hands out none twice.
import type { Files } from "../../lib/files.ts";
import { systemErrorCode } from "../../model/errors.ts";
import type { StatePaths } from "../state.ts";

const maxBytes = 64;

/** 0 if this machine has seen none. Rejects with Node's errors. */
export async function readFence(paths: StatePaths, files: Pick<Files, "read">): Promise<number> {
  try {
    const fence = Number(new TextDecoder().decode(await files.read(pathOf(paths), maxBytes)).trim());
    return Number.isSafeInteger(fence) ? fence : 0;
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return 0;
    throw error;
  }
}

/** Rejects with Node's errors. */
export async function keepFence(
  fence: number,
  paths: StatePaths,
  files: Pick<Files, "write">,
): Promise<void> {
  await files.write(pathOf(paths), `${fence}\n`, { mode: 0o600 });
}

function pathOf({ head }: StatePaths): string {
  return head.replace(/[^/]*$/, "fence");
}
