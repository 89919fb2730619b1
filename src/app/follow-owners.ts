// Says what the next sync does with groups that got or lost their owner by a rollback.
import type { Run } from "../audit/read-run.ts";
import type { WorkingTree } from "../git/working-tree.ts";
import { compareText } from "../lib/compare.ts";
import { groupBy } from "../lib/group-by.ts";
import { readDesired } from "../manifest/read-desired.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import {
  findPaths,
  findPruned,
  mustFollow,
  sayCommit,
  shortList,
  untouchedGroups,
  type RolledBack,
} from "./follow-in-git.ts";
import { isCommit, pathsOf, shortOf, type RunManifests } from "./manifests-of-run.ts";

/** The warnings of groups that have an owner after the rollback, or have none, and whose manifest does not fit that. */
export async function describeOwners(run: Run, rolledBack: RolledBack): Promise<readonly Diagnostic[]> {
  const { manifests, operations, groups } = rolledBack;
  const untouched = untouchedGroups(operations);
  const touched = groups.flatMap(({ group }) => (untouched.has(group) ? [] : group));
  const pruned = await findPruned(rolledBack);
  const given = touched.filter((group) => manifests.adopted.has(group));
  const owned = touched.filter((group) => manifests.released.has(group) || pruned.has(group));
  if (given.length + owned.length === 0) return [];
  const declared = await findDeclared([...given, ...owned], rolledBack);
  const givenBack = given.flatMap((group) => {
    const file = declared.get(group);
    return file === undefined ? [] : [{ group, file }];
  });
  const undeclared = owned.filter((group) => !declared.has(group));
  return [
    ...(await describeGivenBack(run, givenBack, rolledBack)),
    ...(await describeUndeclared(run, undeclared, rolledBack)),
  ];
}

/** Returns the manifest of each group that has one. If some are invalid, a file that is there counts as it was last read. */
async function findDeclared(
  groups: readonly string[],
  { manifests, desired, files }: RolledBack,
): Promise<ReadonlyMap<string, string>> {
  const read = await readDesired(desired, files);
  const valid = new Map(
    (read.ok ? read.value : read.faultless).map(({ group, place }) => [group, place.file]),
  );
  const isWhole = read.ok || read.diagnostics.every(({ code }) => code === "folder/missing");
  const { there } = await findPaths(isWhole ? [] : pathsOf(manifests), files);
  return new Map(
    groups.flatMap((group) => {
      const last = manifests.files.get(group);
      const file = valid.get(group) ?? (last !== undefined && there.includes(last) ? last : undefined);
      return file === undefined ? [] : [[group, file]];
    }),
  );
}

interface DeclaredGroup {
  readonly group: string;
  readonly file: string;
}

/** Adopted groups that have no owner again, and still a manifest. */
async function describeGivenBack(
  { runId }: Run,
  groups: readonly DeclaredGroup[],
  { manifests, willWrite, tree }: RolledBack,
): Promise<readonly Diagnostic[]> {
  const files = [...new Set(groups.map(({ file }) => file))].sort(compareText);
  const written = willWrite ? files.filter((file) => pathsOf(manifests).includes(file)) : [];
  const there = await findAt(manifests.commit, written, tree);
  const removed = written.filter((file) => !there.includes(file));
  const kept = files.filter((file) => !removed.includes(file));
  const declared = groups.flatMap(({ group, file }) => (kept.includes(file) ? `"${group}"` : []));
  return [
    ...(removed.length > 0 ? [sayWrite(`removes ${shortList(removed)}`, manifests)] : []),
    ...(declared.length > 0 ? [sayGivenBack(runId, declared, kept)] : []),
  ];
}

function sayGivenBack(runId: string, groups: readonly string[], files: readonly string[]): Diagnostic {
  const isOne = groups.length === 1;
  const them = isOne ? "it" : "them";
  const message =
    `after this rollback ${isOne ? "group" : "groups"} ${shortList(groups)} ${isOne ? "has" : "have"} no owner, as before run ${runId.slice(0, 8)}: ` +
    `a sync skips ${them} and exits 1 for as long as ${shortList(files)} ${files.length === 1 ? "declares" : "declare"} ${them}`;
  const hint = `adopt ${them} again with \`reconcile sync --adopt\`, or take the ${isOne ? "manifest" : "manifests"} out`;
  return { ...mustFollow, message, hint };
}

/** Returns what `rollback --dry-run --write-manifests` says of a file that the real run would change. */
function sayWrite(does: string, manifests: RunManifests): Diagnostic {
  const message = `Git must follow: without --dry-run the rollback ${does}${sayCommit(manifests)}`;
  return { ...mustFollow, message, hint: "then commit that" };
}

/** Groups that have an owner again, and no manifest: their manifests were removed when they were given up or deleted. */
async function describeUndeclared(
  { sources }: Run,
  groups: readonly string[],
  { manifests, willWrite, tree }: RolledBack,
): Promise<readonly Diagnostic[]> {
  const paths = pathsOf({
    files: new Map([...manifests.files].filter(([group]) => groups.includes(group))),
  });
  const written = willWrite ? await findAt(manifests.commit, paths, tree) : [];
  const left = groups.filter((group) => !written.includes(manifests.files.get(group) ?? ""));
  const byCommit = groupBy(left, (group) => sources.get(group)?.commit ?? null);
  const warnings = [...byCommit].map(async ([commit, some]) => {
    const last = [...new Set(some.flatMap((group) => manifests.files.get(group) ?? []))].sort(compareText);
    const isKnown = last.length > 0 && (await findAt(commit, last, tree)).length === last.length;
    return sayUndeclared(some, commit !== null && isKnown ? { commit, files: last } : null);
  });
  return [
    ...(written.length > 0 ? [sayWrite(`puts ${shortList(written)} back`, manifests)] : []),
    ...(await Promise.all(warnings)),
  ];
}

/** `last`: where Git has their manifests; null if that is not known. */
function sayUndeclared(
  groups: readonly string[],
  last: { readonly commit: string; readonly files: readonly string[] } | null,
): Diagnostic {
  const names = groups.map((group) => `"${group}"`);
  const isOne = groups.length === 1;
  const [have, them, manifests] = isOne ? ["has", "it", "manifest"] : ["have", "them", "manifests"];
  const message =
    `after this rollback ${isOne ? "group" : "groups"} ${shortList(names)} ${have} an owner again and no ${manifests}: ` +
    `a sync that prunes deletes ${them} (--prune, --prune-removed or \`prune: true\`)`;
  const back = last
    ? `put ${shortList(last.files)} back as at commit ${shortOf(last.commit)}`
    : `put the ${manifests} back`;
  const hint = `${back} and commit, or give ${them} up again with \`reconcile release\``;
  return { ...mustFollow, message, hint };
}

/** Returns the paths that the commit has; none if Git does not know it. */
async function findAt(
  commit: string | null,
  paths: readonly string[],
  tree: Pick<WorkingTree, "filesAt">,
): Promise<readonly string[]> {
  if (commit === null || !isCommit(commit) || paths.length === 0) return [];
  return tree.filesAt(commit, paths).catch(() => []);
}
