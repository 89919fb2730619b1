// Carries the last run and the figures of this machine along when the trail moves.
import { readKept } from "../audit/kept.ts";
import type { Files } from "../lib/files.ts";
import type { StatePaths } from "../state/state.ts";

/** Other machines keep theirs. A file that cannot be read stays where it is. Rejects with Node's errors of a write. */
export async function carryKept(
  { from, to }: { readonly from: StatePaths; readonly to: StatePaths },
  files: Pick<Files, "read" | "write" | "create" | "remove">,
): Promise<void> {
  if (from.kept === to.kept) return;
  const { kept } = await readKept(files, from.kept);
  if (kept) await files.write(to.kept, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
}
