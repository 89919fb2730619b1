// Looks in a commit for the manifests that `--prune-removed` takes for removed: another config of the same owner may have
// its manifests in another folder.
import { posix } from "node:path";
import type { ReadableFiles } from "../lib/files.ts";
import { declaresGroup } from "../manifest/declares-group.ts";
import { readManifests } from "../manifest/read.ts";
import type { Subscription } from "../model/subscription.ts";

export interface WrittenGroup {
  readonly group: string;
  /** The manifest from which the group was last written. */
  readonly file: string;
}

/**
 * Returns by group the file that still declares it: that from which it was last written, or one beside or below it. The
 * pass's own manifests, `desired`, do not declare it.
 */
export async function findDeclaring(
  written: readonly WrittenGroup[],
  desired: readonly Subscription[],
  files: ReadableFiles,
): Promise<ReadonlyMap<string, string>> {
  const folderOf = (file: string): string => posix.dirname(file);
  const places = written.map(({ file }) => (folderOf(file) === "." ? file : folderOf(file)));
  const { texts, diagnostics } = await readManifests([...new Set(places)], files);
  const own = new Set(desired.map(({ place }) => place.file));
  const others = texts.filter(({ file }) => !own.has(file));
  const unread = new Set(
    diagnostics.flatMap(({ code, file }) => (code.endsWith("/missing") ? [] : (file ?? []))),
  );
  return new Map(
    written.flatMap(({ group, file }) => {
      const near = others.filter(
        (other) => other.file.startsWith(`${folderOf(file)}/`) || other.file === file,
      );
      const found =
        near.find((other) => declaresGroup(other, group))?.file ?? (unread.has(file) ? file : undefined);
      return found === undefined ? [] : [[group, found] as const];
    }),
  );
}
