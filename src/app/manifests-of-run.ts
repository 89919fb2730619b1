// Git must follow a rollback. This file finds the manifests that the run came from, and with --write-manifests puts them
// into the working tree as they were before the run.
import { posix } from "node:path";
import type { Run } from "../audit/read-run.ts";
import { compareText } from "../lib/compare.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import { errorText } from "../model/errors.ts";
import { isDone, type Operation, type Plan } from "../model/plan.ts";
import { ownerOf } from "../model/ownership.ts";
import type { ResourceDocument } from "../model/resource.ts";
import type { RunChange } from "../model/run-changes.ts";
import type { WorkingTree } from "../git/working-tree.ts";

export interface RunManifests {
  /** The file of each group, as far as the trail names it. */
  readonly files: ReadonlyMap<string, string>;
  /** The commit before the run; null if it is not known. */
  readonly commit: string | null;
  /** The commit that the run applied. */
  readonly runCommit: string | null;
  /** The groups that the run adopted; without --adopt no sync does that again. */
  readonly adopted: ReadonlySet<string>;
  /** The groups that the run gave up, which no manifest asked for. */
  readonly released: ReadonlySet<string>;
  /** The groups of which the run did nothing but delete resources: most of them have no manifest any more. */
  readonly pruned: ReadonlySet<string>;
}

/**
 * The commit before the run is that of the run before it. If the trail has none, it is the parent of the run's own commit,
 * or the own commit itself if the run applied uncommitted edits.
 */
export async function findManifests(run: Run, { groups }: Plan, tree: WorkingTree): Promise<RunManifests> {
  const files = new Map(
    groups.flatMap(({ group }) => {
      const source = run.sources.get(group);
      return source ? [[group, source.file] as const] : [];
    }),
  );
  const own = run.commit;
  const commit =
    run.formerCommit ??
    (own === null ? null : own.endsWith(dirty) ? own.slice(0, -dirty.length) : await parentOf(own, tree));
  const adopted = groupsOf(
    run,
    ({ before, after }) => isMarked(before) === false && isMarked(after) === true,
  );
  const released = groupsOf(
    run,
    ({ before, after }) => isMarked(before) === true && isMarked(after) === false,
  );
  const rest = groupsOf(run, ({ after }) => after !== null);
  const pruned = groupsOf(run, ({ group }) => group !== null && !rest.has(group));
  return { files, commit, runCommit: own, adopted, released, pruned };
}

function groupsOf({ changes }: Run, isSuch: (change: RunChange) => boolean): ReadonlySet<string> {
  return new Set(changes.filter(isSuch).flatMap(({ group }) => group ?? []));
}

/** Null if there is no resource. */
function isMarked(document: ResourceDocument | null): boolean | null {
  return document && ownerOf(document) !== null;
}

const dirty = "-dirty";

async function parentOf(commit: string, tree: WorkingTree): Promise<string | null> {
  return isCommit(commit) ? tree.parentOf(commit) : null;
}

/** The trail may have been edited, and this text becomes an argument of Git's command line. */
export function isCommit(text: string): boolean {
  return /^[0-9a-f]{40,64}$/.test(text);
}

/** Returns what prevents writing the manifests, and writes nothing. They must be in `folder`. */
export async function checkManifests(
  manifests: RunManifests,
  folder: string,
  tree: WorkingTree,
): Promise<readonly Diagnostic[]> {
  const { commit } = manifests;
  const paths = pathsOf(manifests);
  const refuse = (message: string, hint: string): readonly Diagnostic[] => [
    {
      ...problem("error", "rollback/manifests"),
      message: `the manifests cannot be written: ${message}`,
      hint,
    },
  ];
  const obstacle = findObstacle(manifests, folder);
  if (obstacle !== null || commit === null)
    return refuse(
      obstacle ?? "",
      `leave out --write-manifests: ${commit === null || isCommit(commit) ? byHand : putBack}`,
    );
  try {
    await tree.filesAt(commit, paths);
    const edited = await tree.edited(paths);
    if (edited.length === 0) return [];
    return refuse(
      `${edited.join(", ")} has edits that are not committed`,
      "commit or stash them, and try again",
    );
  } catch (error) {
    const hint =
      "the commit must be in this clone (in a shallow one `git fetch --unshallow` gets all commits); or leave out --write-manifests";
    return refuse(`Git cannot read commit ${shortOf(commit)}: ${firstLine(errorText(error))}`, hint);
  }
}

/** Returns why no state of the working tree lets the manifests be written; null if nothing in the trail prevents it. */
export function findObstacle(manifests: RunManifests, folder: string): string | null {
  const { commit } = manifests;
  const paths = pathsOf(manifests);
  const strange = paths.find((path) => !isInside(path, folder));
  if (strange !== undefined) return `the trail names ${strange}, which is not a manifest in ${folder}/`;
  if (paths.length === 0) return "the trail does not name their files";
  if (commit === null) return "the commit before the run is not known";
  if (isCommit(commit)) return null;
  return `before the run they had uncommitted edits on top of commit ${shortOf(commit)}, and no record holds these edits`;
}

const putBack = "put them back by hand";
const byHand = `${putBack}, as with git revert`;

/** Writes the manifests of the groups that were rolled back as they were before the run; returns what the user must know. */
export async function writeManifests(
  manifests: RunManifests,
  done: Plan["operations"],
  tree: WorkingTree,
): Promise<readonly Diagnostic[]> {
  const { commit } = manifests;
  const paths = pathsOf(manifests, failedGroups(done));
  if (commit === null || paths.length === 0) return [];
  try {
    const there = new Set(await tree.filesAt(commit, paths));
    await tree.restore(commit, paths);
    const kept = paths.filter((path) => there.has(path));
    const removed = paths.filter((path) => !there.has(path));
    const words = [
      ...(kept.length > 0 ? [kept.join(", ")] : []),
      ...(removed.length > 0 ? [`removed ${removed.join(", ")}`] : []),
    ];
    const message = `Git must follow: the manifests are as at commit ${shortOf(commit)} (${words.join("; ")})`;
    const hint = `look at git diff, and commit${sayUntil(manifests)}`;
    return [{ ...problem("warning", "rollback/manifestsWritten"), message, hint }];
  } catch (error) {
    const message = `the webhooks are rolled back, the manifests are not: ${firstLine(errorText(error))}`;
    return [{ ...problem("error", "rollback/manifests"), message, hint: byHand }];
  }
}

/** Returns what a sync does until somebody commits the manifests. */
function sayUntil({ files, adopted, released, pruned }: RunManifests): string {
  const groups = [...files.keys()].filter((group) => !adopted.has(group));
  if (groups.length === 0) return " what it shows";
  return groups.every((group) => released.has(group) || pruned.has(group))
    ? ": until then a sync of the last commit that prunes deletes each group that the commit does not declare"
    : ": until then a sync of the last commit applies the run again";
}

function failedGroups(operations: readonly Operation[]): ReadonlySet<string> {
  const failed = operations.filter((operation) => !isDone(operation));
  return new Set(failed.flatMap(({ group }) => group ?? []));
}

export function isUndone({ status }: Operation): boolean {
  return status === "skipped" || status === "failed";
}

export function pathsOf(
  { files }: Pick<RunManifests, "files">,
  without: ReadonlySet<string> = new Set(),
): readonly string[] {
  const kept = [...files].filter(([group]) => !without.has(group)).map(([, file]) => file);
  return [...new Set(kept)].sort(compareText);
}

function isInside(path: string, folder: string): boolean {
  const below = posix.relative(folder, path);
  return /\.ya?ml$/.test(path) && !below.startsWith("..") && !posix.isAbsolute(below);
}

export function shortOf(commit: string): string {
  return commit.replace(/^([0-9a-f]{12})[0-9a-f]+/, "$1");
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}

function problem(
  severity: Diagnostic["severity"],
  code: string,
): Pick<Diagnostic, "severity" | "code"> & typeof nowhere {
  return { severity, code, ...nowhere };
}
