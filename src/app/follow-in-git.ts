// Says what Git has to do after a rollback, and what the next sync does until then.
import type { Run } from "../audit/read-run.ts";
import type { Files } from "../lib/files.ts";
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

interface RolledBack extends Pick<Plan, "operations" | "groups"> {
  readonly manifests: RunManifests;
  /** The folder of the manifests. */
  readonly folder: string;
  readonly willWrite: boolean;
  readonly files: Pick<Files, "stat">;
}

const mustFollow = { severity: "warning", code: "rollback/gitMustFollow", ...nowhere } as const;

/** The groups that the rollback does not change: their manifests still declare what is live. */
function untouchedGroups(operations: readonly Operation[]): ReadonlySet<string> {
  const touched = new Set(operations.flatMap((one) => (isUndone(one) ? [] : (one.group ?? []))));
  return new Set(operations.flatMap(({ group }) => (group === null || touched.has(group) ? [] : [group])));
}

/**
 * The warning for as long as the manifests in Git still declare what the run applied, and the rollback took back; none if
 * it did nothing but adopt groups or give them up, for which no manifest changed.
 */
export async function describeGit(
  { runId, startedAt, actor }: Run,
  { manifests, operations, groups, ...about }: RolledBack,
): Promise<readonly Diagnostic[]> {
  const { adopted, released } = manifests;
  const others = groups.filter(({ group }) => !adopted.has(group) && !released.has(group));
  if (groups.length > 0 && others.length === 0) return [];
  const without = new Set([...untouchedGroups(operations), ...adopted, ...released]);
  const { there, absent } = await findPaths(pathsOf(manifests, without), about.files);
  const named = [shortList(there), shortList(absent, "there is no ")].filter((list) => list !== "");
  const files = named.length === 0 ? "" : ` (${named.join("; ")})`;
  const message =
    `Git must follow: the manifests${files} still declare what run ${runId.slice(0, 8)} (${startedAt}, ${actor}) applied, ` +
    "so the next sync or daemon applies it again";
  const hint = about.willWrite
    ? `without --dry-run they are put back as they were${sayCommit(manifests)}; then commit them`
    : sayTakeBack(manifests, about.folder);
  return [{ ...mustFollow, message, hint }];
}

function sayTakeBack(manifests: RunManifests, folder: string): string {
  const { runCommit } = manifests;
  // Git has no commit of a run that applied edits.
  const of = runCommit !== null && isCommit(runCommit) ? ` of commit ${shortOf(runCommit)}` : "";
  const offer = `, or pass --write-manifests, which puts them back as they were${sayCommit(manifests)}`;
  return `take the change${of} back in Git and commit${findObstacle(manifests, folder) === null ? offer : ""}`;
}

function sayCommit({ commit }: RunManifests): string {
  return commit === null ? "" : ` (as at commit ${shortOf(commit)})`;
}

/** The warning of adopted groups that have no owner again, and still a manifest; none if there is no such group. */
export async function describeGivenBack(
  { runId }: Run,
  { manifests, operations, files }: RolledBack,
): Promise<readonly Diagnostic[]> {
  const untouched = untouchedGroups(operations);
  const groups = [...manifests.adopted].filter((group) => !untouched.has(group));
  const given = new Map([...manifests.files].filter(([group]) => groups.includes(group)));
  const { there } = await findPaths(pathsOf({ files: given }), files);
  const declared = [...given].flatMap(([group, path]) => (there.includes(path) ? [`"${group}"`] : []));
  if (declared.length === 0) return [];
  const isOne = declared.length === 1;
  const them = isOne ? "it" : "them";
  const message =
    `after this rollback ${isOne ? "group" : "groups"} ${shortList(declared)} ${isOne ? "has" : "have"} no owner, as before run ${runId.slice(0, 8)}: ` +
    `a sync skips ${them} and exits 1 for as long as ${shortList(there)} ${there.length === 1 ? "declares" : "declare"} ${them}`;
  const hint = `adopt ${them} again with \`reconcile sync --adopt\`, or take the ${isOne ? "manifest" : "manifests"} out`;
  return [{ ...mustFollow, message, hint }];
}

interface Paths {
  readonly there: readonly string[];
  readonly absent: readonly string[];
}

async function findPaths(paths: readonly string[], files: Pick<Files, "stat">): Promise<Paths> {
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
function shortList(paths: readonly string[], before = ""): string {
  if (paths.length === 0) return "";
  const more = paths.length - maxNamed;
  return `${before}${paths.slice(0, maxNamed).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
