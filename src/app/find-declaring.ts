// Looks in a commit for the manifests that `--prune-removed` takes for removed: they may have moved, or another config of
// the same owner may read them.
import { nextTurn } from "../lib/next-turn.ts";
import type { FileOfCommit, RevisionFiles } from "../git/revision-files.ts";
import { findDeclared } from "../manifest/declares-group.ts";

/** What Git is asked for at once: as many names as a command line takes, and as many bytes as an answer may have. */
const batch = { files: 400, bytes: 32 * 1024 * 1024 };

/**
 * Returns by group a file of the commit that declares it, by its absolute path; files of `own` do not count. Null if a
 * file is too large to tell. Throws ReconcileError `base/unreadable`.
 */
export async function findDeclaring(
  groups: ReadonlySet<string>,
  own: ReadonlySet<string>,
  files: RevisionFiles,
): Promise<ReadonlyMap<string, string> | null> {
  const found = new Map<string, string>();
  if (groups.size === 0) return found;
  const others = (await files.listFiles()).filter(({ path }) => /\.ya?ml$/.test(path) && !own.has(path));
  if (others.some(({ sizeBytes }) => sizeBytes > batch.bytes)) return null;
  for (const some of divide(others)) {
    const read = await Promise.all(some.map(({ path }) => files.read(path, batch.bytes)));
    for (const [index, bytes] of read.entries()) {
      await nextTurn();
      for (const group of findDeclared(new TextDecoder().decode(bytes), groups))
        found.set(group, found.get(group) ?? some[index]?.path ?? "");
    }
  }
  return found;
}

function divide(files: readonly FileOfCommit[]): readonly (readonly FileOfCommit[])[] {
  const batches: FileOfCommit[][] = [];
  let bytes = Infinity;
  for (const file of files) {
    bytes += file.sizeBytes;
    const last = batches.at(-1);
    if (last && last.length < batch.files && bytes <= batch.bytes) last.push(file);
    else {
      batches.push([file]);
      bytes = file.sizeBytes;
    }
  }
  return batches;
}
