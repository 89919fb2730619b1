// Finds for each orphan whether the manifest that it was last written from was removed: what `--prune-removed` asks.
import { relative, resolve } from "node:path";
import type { RecordOptions, RecordPorts } from "../apply/on-record.ts";
import type { CountedTrail } from "../audit/belongs.ts";
import { findCommits } from "../audit/find-commits.ts";
import type { FindAncestry } from "../git/ancestry.ts";
import type { RevisionFiles } from "../git/revision-files.ts";
import type { ReadableFiles } from "../lib/files.ts";
import { groupBy } from "../lib/group-by.ts";
import { asTyped } from "../manifest/file-faults.ts";
import { ReconcileError, systemErrorCode } from "../model/errors.ts";
import type { Subscription } from "../model/subscription.ts";
import type { LiveResource } from "../model/resource.ts";
import type { PlanOptions } from "../plan/make-plan.ts";
import type { Origin } from "../plan/prunes.ts";
import { sortLive } from "../plan/sort-live.ts";
import { findDeclaring } from "./find-declaring.ts";

interface OriginOptions extends Pick<RecordOptions, "audit"> {
  readonly plan: Pick<PlanOptions, "kinds" | "owner">;
}

interface OriginPorts extends Pick<RecordPorts, "files" | "provenance"> {
  readonly findAncestry: FindAncestry;
  readonly openCommit: (commit: string) => Promise<RevisionFiles>;
}

interface OriginFacts {
  readonly desired: readonly Subscription[];
  readonly live: readonly LiveResource[];
  readonly counts: CountedTrail["counts"];
  readonly index: CountedTrail["index"];
}

const cleanCommit = /^[0-9a-f]{40,64}$/;

/**
 * By id. An orphan that no sync or apply wrote from a clean commit has no origin. Throws ReconcileError
 * `audit/unreadable`, `git/…`.
 */
export async function findOrigins(
  { desired, live, counts, index }: OriginFacts,
  { plan, audit }: OriginOptions,
  ports: OriginPorts,
): Promise<ReadonlyMap<string, Origin>> {
  const { orphans } = sortLive(live, desired, plan).pairing;
  const records = await findCommits(
    ports.files,
    { path: audit.path, counts, index },
    orphans.map(({ live: { id } }) => id),
  );
  const written = orphans.flatMap(({ group, live: { id } }): Written[] => {
    const from = records.get(id);
    // A person may have written another group into the resource's description since that record.
    if (from?.group !== group || from.commit === null || !cleanCommit.test(from.commit)) return [];
    return from.file === null ? [] : [{ id, group, commit: from.commit, file: from.file }];
  });
  if (written.length === 0) return new Map();
  const present = (await ports.provenance()).commit;
  // Edits on top of a commit may have removed the manifest, or moved it away for a moment.
  if (present?.endsWith("-dirty"))
    return new Map(written.map(({ id }) => [id, { code: "uncommitted", present }]));
  // No commit removed a manifest since the very commit from which it was applied: it is another folder's, or removed by an edit.
  const earlier = written.filter(({ commit }) => commit !== present);
  if (present === null) return new Map(written.map(({ id }) => [id, { code: "noAnswer" }]));
  const origins = new Map<string, Origin>(earlier.map(({ id }) => [id, { code: "noAnswer" }]));
  const ancestry = await ports.findAncestry({ commits: earlier.map(({ commit }) => commit), present });
  for (const { id, commit } of earlier) {
    const answer = ancestry.get(commit);
    if (answer === "noAncestor" || answer === "cutOff") origins.set(id, { code: answer, commit, present });
  }
  const older = earlier.filter(({ commit }) => ancestry.get(commit) === "ancestor");
  try {
    await lookInCommits(older, { present, desired, origins }, ports);
  } catch (error) {
    // Git does not show the files of a commit.
    if (!(error instanceof ReconcileError)) throw error;
  }
  return origins;
}

interface Written {
  readonly id: string;
  readonly group: string;
  readonly commit: string;
  /** The manifest from which the group was last written. */
  readonly file: string;
}

interface Looking {
  readonly present: string;
  readonly desired: readonly Subscription[];
  readonly origins: Map<string, Origin>;
}

/** Sets the origins of orphans that were written from ancestors of the present commit. */
async function lookInCommits(
  written: readonly Written[],
  { present, desired, origins }: Looking,
  { openCommit }: Pick<OriginPorts, "openCommit">,
): Promise<void> {
  if (written.length === 0) return;
  const now = await openCommit(present);
  const own = new Set(desired.map(({ place }) => resolve(place.file)));
  const declaring = await findDeclaring(new Set(written.map(({ group }) => group)), own, now);
  if (declaring === null) return;
  for (const [commit, fromIt] of groupBy(written, (one) => one.commit)) {
    const then = await openCommit(commit);
    // After this one question, Git need not be asked for each path.
    await then.listFiles();
    for (const { id, group, file } of fromIt) {
      const declared = declaring.get(group);
      if (declared !== undefined)
        origins.set(id, { code: "stillDeclared", file: asTyped(relative(".", declared)), present });
      else if ((await look(file, now)) === "hidden")
        origins.set(id, { code: "unseen", file, commit: present, why: "submodule" });
      else if ((await look(file, then)) !== "there")
        origins.set(id, { code: "unseen", file, commit, why: "missing" });
      else origins.set(id, { code: "removed" });
    }
  }
}

async function look(file: string, files: ReadableFiles): Promise<"there" | "gone" | "hidden"> {
  try {
    await files.stat(file);
    return "there";
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    return code === "ESUBMODULE" ? "hidden" : "gone";
  }
}
