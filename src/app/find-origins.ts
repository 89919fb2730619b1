// Finds for each orphan whether the manifest that it was last written from was removed: what `--prune-removed` asks.
import type { RecordOptions, RecordPorts } from "../apply/on-record.ts";
import { findCommits } from "../audit/find-commits.ts";
import type { FindAncestry } from "../git/ancestry.ts";
import type { Subscription } from "../model/subscription.ts";
import type { LiveResource } from "../model/resource.ts";
import { leaveOutShared } from "../plan/find-shared.ts";
import type { PlanOptions } from "../plan/make-plan.ts";
import { pairResources } from "../plan/pair.ts";
import type { Origin } from "../plan/prunes.ts";
import { renameGroups } from "../plan/rename-groups.ts";

interface OriginOptions extends Pick<RecordOptions, "audit"> {
  readonly plan: Pick<PlanOptions, "kinds" | "owner">;
}

interface OriginPorts extends Pick<RecordPorts, "files" | "provenance"> {
  readonly findAncestry: FindAncestry;
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
  const ours = leaveOutShared(renameGroups(live, desired, plan.owner), plan);
  const declared = new Set(desired.map(({ group }) => group));
  const orphans = pairResources(ours, declared, plan.owner).orphans;
  const records = await findCommits(
    ports.files,
    audit,
    orphans.map(({ live: { id } }) => id),
  );
  const written = orphans.flatMap(({ group, live: { id } }) => {
    const from = records.get(id);
    // A person may have written another group into the resource's description since that record.
    if (from?.group !== group || from.commit === null || !cleanCommit.test(from.commit)) return [];
    return [[id, from.commit] as const];
  });
  if (written.length === 0) return new Map();
  const present = (await ports.provenance()).commit;
  // Edits on top of a commit may have removed the manifest, or moved it away for a moment.
  if (present?.endsWith("-dirty"))
    return new Map(written.map(([id]) => [id, { code: "uncommitted", present }]));
  // No commit removed a manifest since the very commit from which it was applied: it is another folder's, or removed by an edit.
  const commits = written.filter(([, commit]) => commit !== present);
  if (present === null) return new Map(written.map(([id]) => [id, { code: "noAnswer" }]));
  const ancestry = await ports.findAncestry({ commits: commits.map(([, commit]) => commit), present });
  return new Map(
    commits.map(([id, commit]): [string, Origin] => {
      const answer = ancestry.get(commit) ?? "noAnswer";
      if (answer === "ancestor") return [id, { code: "removed" }];
      return [id, answer === "noAnswer" ? { code: answer } : { code: answer, commit, present }];
    }),
  );
}
