// Says what Git has to do after a rollback, and what the next sync does until then.
import type { Run } from "../audit/read-run.ts";
import type { WorkingTree } from "../git/working-tree.ts";
import type { Files, ReadableFiles } from "../lib/files.ts";
import type { DesiredSource } from "../manifest/read-desired.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import type { Operation, Plan } from "../model/plan.ts";
import {
  findObstacle,
  isCommit,
  isUndone,
  pathsOf,
  shortOf,
  type RunManifests,
} from "./manifests-of-run.ts";

export interface RolledBack extends Pick<Plan, "operations" | "groups"> {
  readonly manifests: RunManifests;
  /** The folder of the manifests. */
  readonly folder: string;
  /** Whether this is the dry run of a rollback that puts the manifests back. */
  readonly willWrite: boolean;
  readonly desired: DesiredSource;
  readonly files: ReadableFiles;
  readonly tree: Pick<WorkingTree, "filesAt">;
}

export const mustFollow = { severity: "warning", code: "rollback/gitMustFollow", ...nowhere } as const;

/** The groups that the rollback does not change: their manifests still declare what is live. */
export function untouchedGroups(operations: readonly Operation[]): ReadonlySet<string> {
  const touched = new Set(operations.flatMap((one) => (isUndone(one) ? [] : (one.group ?? []))));
  return new Set(operations.flatMap(({ group }) => (group === null || touched.has(group) ? [] : [group])));
}

/**
 * The warning for as long as the manifests in Git still declare what the run applied, and the rollback took back; none if
 * it did nothing but adopt groups or give them up, for which no manifest changed, or delete those without a manifest.
 */
export async function describeGit(
  run: Run,
  { manifests, operations, groups, ...about }: RolledBack,
): Promise<readonly Diagnostic[]> {
  const { adopted, released } = manifests;
  const pruned = await findPruned({ manifests, groups, files: about.files });
  const without = new Set([...adopted, ...released, ...pruned]);
  if (groups.length > 0 && groups.every(({ group }) => without.has(group))) return [];
  const changed = pathsOf(manifests, new Set([...untouchedGroups(operations), ...without]));
  const { there, absent } = await findPaths(changed, about.files);
  const named = [shortList(there), shortList(absent, "there is no ")].filter((list) => list !== "");
  const files = named.length === 0 ? "" : ` (${named.join("; ")})`;
  const hint = about.willWrite
    ? `without --dry-run they are put back as they were${sayCommit(manifests)}; then commit them`
    : sayTakeBack(run, manifests, about.folder);
  return [{ ...mustFollow, message: sayMustFollow(run, files), hint }];
}

/** Whether Git followed a rollback is not on record, so of one that is taken back itself both are said. */
function sayMustFollow({ runId, startedAt, actor, rollbackOf }: Run, files: string): string {
  const run = `run ${runId.slice(0, 8)} (${startedAt}, ${actor})`;
  if (rollbackOf === null)
    return `Git must follow: the manifests${files} still declare what ${run} applied, so the next sync or daemon applies it again`;
  const before = `run ${rollbackOf.slice(0, 8)}`;
  return (
    `Git must follow only if it followed ${run}, which took ${before} back: ` +
    `if the manifests${files} are as before ${before}, the next sync or daemon takes that back again`
  );
}

function sayTakeBack({ rollbackOf }: Run, manifests: RunManifests, folder: string): string {
  const { runCommit } = manifests;
  // Git has no commit of a run that applied edits, and that of a rollback is one from before.
  const isKnown = rollbackOf === null && runCommit !== null && isCommit(runCommit);
  const change = rollbackOf === null ? "take the change" : "if they are, take what followed the rollback";
  const of = isKnown ? ` of commit ${shortOf(runCommit)}` : "";
  const offer = `, or pass --write-manifests, which puts them back as they were${sayCommit(manifests)}`;
  return `${change}${of} back in Git and commit${findObstacle(manifests, folder) === null ? offer : ""}`;
}

export function sayCommit({ commit }: RunManifests): string {
  return commit === null ? "" : ` (as at commit ${shortOf(commit)})`;
}

/**
 * The groups of a run that deleted groups without a manifest, and changed nothing else of which a manifest tells. In other
 * runs such groups are part of what Git must follow.
 */
export async function findPruned({
  manifests,
  groups,
  files,
}: Pick<RolledBack, "manifests" | "groups" | "files">): Promise<ReadonlySet<string>> {
  const { adopted, released, pruned } = manifests;
  const others = groups.flatMap(({ group }) => (adopted.has(group) || released.has(group) ? [] : group));
  if (!others.every((group) => pruned.has(group))) return new Set();
  const { there } = await findPaths(pathsOf(manifests, new Set([...adopted, ...released])), files);
  return new Set(there.length === 0 ? others : []);
}

interface Paths {
  readonly there: readonly string[];
  readonly absent: readonly string[];
}

export async function findPaths(paths: readonly string[], files: Pick<Files, "stat">): Promise<Paths> {
  const there = new Set<string>();
  for (const path of paths) if (await isThere(path, files)) there.add(path);
  return {
    there: paths.filter((path) => there.has(path)),
    absent: paths.filter((path) => !there.has(path)),
  };
}

async function isThere(path: string, files: Pick<Files, "stat">): Promise<boolean> {
  return files.stat(path).then(
    () => true,
    () => false,
  );
}

/** A sentence with more names than this is hard to read. */
const maxNamed = 5;

/** `before` stands before the first path; no paths make an empty text. */
export function shortList(paths: readonly string[], before = ""): string {
  if (paths.length === 0) return "";
  const more = paths.length - maxNamed;
  return `${before}${paths.slice(0, maxNamed).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
