// Finds for each orphan whether the manifest that it was last written from was removed: what `--prune-removed` asks.
import type { RecordOptions, RecordPorts } from "../apply/on-record.ts";
import { findCommits } from "../audit/find-commits.ts";
import type { FindAncestry } from "../git/ancestry.ts";
import type { ReadableFiles } from "../lib/files.ts";
import { ReconcileError } from "../model/errors.ts";
import type { Subscription } from "../model/subscription.ts";
import type { LiveResource } from "../model/resource.ts";
import type { PlanOptions } from "../plan/make-plan.ts";
import type { Origin } from "../plan/prunes.ts";
import { sortLive } from "../plan/sort-live.ts";
import { findDeclaring, type WrittenGroup } from "./find-declaring.ts";

interface OriginOptions extends Pick<RecordOptions, "audit"> {
  readonly plan: Pick<PlanOptions, "kinds" | "owner">;
}

interface OriginPorts extends Pick<RecordPorts, "files" | "provenance"> {
  readonly findAncestry: FindAncestry;
  readonly openCommit: (commit: string) => Promise<ReadableFiles>;
}

const cleanCommit = /^[0-9a-f]{40,64}$/;

/**
 * By id. An orphan that no sync or apply wrote from a clean commit has no origin. Throws ReconcileError
 * `audit/unreadable`, `git/…`.
 */
export async function findOrigins(
  { desired, live }: { readonly desired: readonly Subscription[]; readonly live: readonly LiveResource[] },
  { plan, audit }: OriginOptions,
  ports: OriginPorts,
): Promise<ReadonlyMap<string, Origin>> {
  const { orphans } = sortLive(live, desired, plan).pairing;
  const records = await findCommits(
    ports.files,
    audit,
    orphans.map(({ live: { id } }) => id),
  );
  const written = orphans.flatMap(({ group, live: { id } }) => {
    const from = records.get(id);
    // A person may have written another group into the resource's description since that record.
    if (from?.group !== group || from.commit === null || !cleanCommit.test(from.commit)) return [];
    return [{ id, group, commit: from.commit, file: from.file }];
  });
  if (written.length === 0) return new Map();
  const present = (await ports.provenance()).commit;
  // Edits on top of a commit may have removed the manifest, or moved it away for a moment.
  if (present?.endsWith("-dirty"))
    return new Map(written.map(({ id }) => [id, { code: "uncommitted", present }]));
  // No commit removed a manifest since the very commit from which it was applied: it is another folder's, or removed by an edit.
  const earlier = written.filter(({ commit }) => commit !== present);
  if (present === null) return new Map(written.map(({ id }) => [id, { code: "noAnswer" }]));
  const ancestry = await ports.findAncestry({ commits: earlier.map(({ commit }) => commit), present });
  const older = earlier.filter(({ commit }) => ancestry.get(commit) === "ancestor");
  const declaring = await lookInCommit(older, { present, desired }, ports);
  return new Map(
    earlier.map(({ id, group, commit }): [string, Origin] => {
      const answer = ancestry.get(commit) ?? "noAnswer";
      if (answer === "noAncestor" || answer === "cutOff") return [id, { code: answer, commit, present }];
      if (answer === "noAnswer" || declaring === null) return [id, { code: "noAnswer" }];
      const file = declaring.get(group);
      return [id, file === undefined ? { code: "removed" } : { code: "stillDeclared", file, present }];
    }),
  );
}

/** Null if Git does not show the files of the commit. */
async function lookInCommit(
  written: readonly { readonly group: string; readonly file: string | null }[],
  { present, desired }: { readonly present: string; readonly desired: readonly Subscription[] },
  { openCommit }: Pick<OriginPorts, "openCommit">,
): Promise<ReadonlyMap<string, string> | null> {
  const named = written.flatMap(({ group, file }): WrittenGroup[] =>
    file === null ? [] : [{ group, file }],
  );
  if (named.length === 0) return new Map();
  try {
    return await findDeclaring(named, desired, await openCommit(present));
  } catch (error) {
    if (error instanceof ReconcileError) return null;
    throw error;
  }
}
