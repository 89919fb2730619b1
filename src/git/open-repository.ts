// Finds the repository around the working directory. Git itself must not look for it: it takes any folder that holds
// HEAD, config, objects/ and refs/ for a repository, and a pull request can add such a folder.
import { readdir, realpath, stat } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { ReconcileError } from "../model/errors.ts";
import { findGitHint, gitReason } from "./git-hint.ts";
import { canStayOffline } from "./git-version.ts";
import { runGit } from "./run-git.ts";

export type Git = (words: readonly string[], abort?: AbortSignal) => Promise<Buffer>;

export interface OpenRepository {
  /** The top folder of the work tree. */
  readonly top: string;
  /** Rejects with Git's own message. */
  readonly git: Git;
}

/**
 * Rejects with Git's own message if there is no repository, or Git refuses it; with ReconcileError `git/refused` if
 * it refuses for a reason that has a way out, such as another owner; and with `git/tooOld` if this Git could run programs
 * that the repository's config names, in order to fetch missing files.
 */
export async function openRepository(abort?: AbortSignal): Promise<OpenRepository> {
  const abortable = abort ? { abort } : {};
  const top = await findTop();
  if (top === null) throw new Error("fatal: not a git repository (or any of the parent directories): .git");
  // Git looks only at this folder, and checks who owns the repository; it would not check that if GIT_DIR were set.
  const answer = await runGit(["-C", top, "rev-parse", "--absolute-git-dir"], {
    variables: { GIT_CEILING_DIRECTORIES: dirname(top) },
    ...abortable,
  }).catch((error: unknown) => {
    const hint = findGitHint(error);
    throw hint === null
      ? error
      : new ReconcileError("git/refused", gitReason(error), { hint, cause: error });
  });
  const directory = answer.toString("utf8").trim();
  if (directory === "" || directory === top) throw new Error(`fatal: not a git repository: ${top}`);
  const variables = { GIT_DIR: directory, GIT_WORK_TREE: top };
  const listed = await runGit(["config", "--list", "--name-only", "-z"], { variables, ...abortable });
  const names = listed.toString("utf8").split("\0");
  await requireOffline(names, abort);
  const settings = disableFilters(names);
  return {
    top,
    git: (words, until) => runGit(words, { variables, settings, ...(until ? { abort: until } : {}) }),
  };
}

/** The nearest folder upward with a `.git`; GIT_CEILING_DIRECTORIES ends the search as it ends Git's own. */
async function findTop(): Promise<string | null> {
  const start = await realpath(process.cwd());
  const ceilings = await readCeilings();
  for (let folder = start; folder === start || !ceilings.has(folder); folder = dirname(folder)) {
    if (await isRepository(join(folder, ".git"))) return folder;
    if (dirname(folder) === folder) return null;
  }
  return null;
}

async function readCeilings(): Promise<ReadonlySet<string>> {
  const given = (process.env["GIT_CEILING_DIRECTORIES"] ?? "").split(delimiter).filter(Boolean);
  const real = given.map((folder) => realpath(folder).catch(() => folder));
  return new Set([...given, ...(await Promise.all(real))]);
}

/** A worktree and a submodule have a file there, which names the repository's folder. */
async function isRepository(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory()) return (await readdir(path).catch(() => ["HEAD"])).includes("HEAD");
  return found?.isFile() ?? false;
}

/**
 * In a partial clone, Git fetches a missing object when a command needs it; a Git that cannot turn this off is
 * refused.
 */
async function requireOffline(names: readonly string[], abort?: AbortSignal): Promise<void> {
  const isPartial = names.some((name) =>
    /^(?:remote\.[^]*\.(?:promisor|partialclonefilter)|extensions\.partialclone)$/.test(name),
  );
  if (!isPartial) return;
  const version = (await runGit(["version"], abort ? { abort } : {})).toString("utf8").trim();
  if (canStayOffline(version)) return;
  const message = `${version} is too old for a partial clone: to read a file, it could run programs that the clone's config names`;
  const hint = "install Git 2.45.1 or newer, or clone without --filter";
  throw new ReconcileError("git/tooOld", message, { hint });
}

/**
 * Settings that empty each filter's programs, so that Git runs none of them. Git then refuses a file with a required
 * filter, and leaves the others as they are.
 */
function disableFilters(names: readonly string[]): readonly string[] {
  const programs = names.filter((name) => /^filter\.[^]*\.(?:clean|smudge|process)$/.test(name));
  const unsafe = programs.find((name) => name.includes("="));
  if (unsafe !== undefined)
    throw new Error(`fatal: the filter of ${unsafe} cannot be switched off, because its name holds a =`);
  return programs.map((name) => `${name}=`);
}
