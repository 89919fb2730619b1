// Git must follow a rollback. This file finds the manifests that the run came from, and with --write-manifests puts them
// into the working tree as they were before the run.
import { posix } from "node:path";
import type { Run } from "../audit/read-run.ts";
import { compareText } from "../lib/compare.ts";
import type { Files } from "../lib/files.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import { errorText } from "../model/errors.ts";
import { isDone, type Operation, type Plan } from "../model/plan.ts";
import type { WorkingTree } from "../git/working-tree.ts";

export interface RunManifests {
  /** The file of each group, as far as the trail names it. */
  readonly files: ReadonlyMap<string, string>;
  /** The commit before the run; null if it is not known. */
  readonly commit: string | null;
  /** The commit that the run applied. */
  readonly runCommit: string | null;
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
  return { files, commit, runCommit: own };
}

const dirty = "-dirty";

async function parentOf(commit: string, tree: WorkingTree): Promise<string | null> {
  return isCommit(commit) ? tree.parentOf(commit) : null;
}

/** The trail may have been edited, and this text becomes an argument of Git's command line. */
function isCommit(text: string): boolean {
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
  const strange = paths.find((path) => !isInside(path, folder));
  if (strange !== undefined)
    return refuse(
      `the trail names ${strange}, which is not a manifest in ${folder}/`,
      `leave out --write-manifests: ${byHand}`,
    );
  if (paths.length === 0)
    return refuse("the trail does not name their files", `leave out --write-manifests: ${byHand}`);
  if (commit === null)
    return refuse("the commit before the run is not known", `leave out --write-manifests: ${byHand}`);
  if (!isCommit(commit)) {
    const why = `before the run they had uncommitted edits on top of commit ${shortOf(commit)}, and no record holds these edits`;
    return refuse(why, `leave out --write-manifests: ${byHand}`);
  }
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

const byHand = "put them back by hand, as with git revert";

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
    const hint = "look at git diff, and commit: until then a sync of the last commit applies the run again";
    return [{ ...problem("warning", "rollback/manifestsWritten"), message, hint }];
  } catch (error) {
    const message = `the webhooks are rolled back, the manifests are not: ${firstLine(errorText(error))}`;
    return [{ ...problem("error", "rollback/manifests"), message, hint: byHand }];
  }
}

function failedGroups(operations: readonly Operation[]): ReadonlySet<string> {
  const failed = operations.filter((operation) => !isDone(operation));
  return new Set(failed.flatMap(({ group }) => group ?? []));
}

/** The groups that the rollback does not change: their manifests still declare what is live. */
function untouchedGroups(operations: readonly Operation[]): ReadonlySet<string> {
  const touched = new Set(operations.flatMap((one) => (isUndone(one) ? [] : (one.group ?? []))));
  return new Set(operations.flatMap(({ group }) => (group === null || touched.has(group) ? [] : [group])));
}

export function isUndone({ status }: Operation): boolean {
  return status === "skipped" || status === "failed";
}

/** The warning for as long as the manifests in Git still declare what the run applied, and the rollback took back. */
export async function describeGit(
  { runId, startedAt, actor }: Run,
  manifests: RunManifests,
  about: {
    readonly operations: readonly Operation[];
    readonly willWrite: boolean;
    readonly files: Pick<Files, "stat">;
  },
): Promise<Diagnostic> {
  const paths = pathsOf(manifests, untouchedGroups(about.operations));
  const there = new Set<string>();
  for (const path of paths) if (await isThere(path, about.files)) there.add(path);
  const named = [
    shortList(paths.filter((path) => there.has(path))),
    shortList(
      paths.filter((path) => !there.has(path)),
      "there is no ",
    ),
  ].filter((list) => list !== "");
  const commit = manifests.runCommit === null ? "" : ` of commit ${shortOf(manifests.runCommit)}`;
  const files = named.length === 0 ? "" : ` (${named.join("; ")})`;
  const message =
    `Git must follow: the manifests${files} still declare what run ${runId.slice(0, 8)} (${startedAt}, ${actor}) applied, ` +
    "so the next sync or daemon applies it again";
  const to = manifests.commit === null ? "" : ` (as at commit ${shortOf(manifests.commit)})`;
  const hint = about.willWrite
    ? `without --dry-run they are put back as they were${to}; then commit them`
    : `take the change${commit} back in Git and commit, or pass --write-manifests, which puts them back as they were${to}`;
  return { ...problem("warning", "rollback/gitMustFollow"), message, hint };
}

/** A sentence with more names than this is hard to read. */
const maxNamed = 5;

/** `before` stands before the first path; no paths make an empty text. */
function shortList(paths: readonly string[], before = ""): string {
  if (paths.length === 0) return "";
  const more = paths.length - maxNamed;
  return `${before}${paths.slice(0, maxNamed).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

async function isThere(path: string, files: Pick<Files, "stat">): Promise<boolean> {
  return files.stat(path).then(
    () => true,
    () => false,
  );
}

function pathsOf({ files }: RunManifests, without: ReadonlySet<string> = new Set()): readonly string[] {
  const kept = [...files].filter(([group]) => !without.has(group)).map(([, file]) => file);
  return [...new Set(kept)].sort(compareText);
}

function isInside(path: string, folder: string): boolean {
  const below = posix.relative(folder, path);
  return /\.ya?ml$/.test(path) && !below.startsWith("..") && !posix.isAbsolute(below);
}

function shortOf(commit: string): string {
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
