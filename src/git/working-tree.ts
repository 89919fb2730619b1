// Has Git compare the working tree with a commit, and restore files of the commit in it.
import { findChanged } from "./compare-with-commit.ts";
import { openRepository } from "./open-repository.ts";

/** Paths are relative to the working directory. If Git fails, the calls reject with its message. */
export interface WorkingTree {
  /** Returns the commit's first parent; null if this clone has none. Never rejects. */
  parentOf(commit: string): Promise<string | null>;
  /** Returns the files of the list that differ from the last commit, or that it does not have. */
  edited(paths: readonly string[]): Promise<readonly string[]>;
  /** Returns the files of the list that the commit has. */
  filesAt(commit: string, paths: readonly string[]): Promise<readonly string[]>;
  /** Restores the files as they are in the commit, and removes those that the commit does not have. */
  restore(commit: string, paths: readonly string[]): Promise<void>;
}

export const workingTree: WorkingTree = {
  parentOf: async (commit) => {
    const parent = await git("rev-parse", "--verify", "--quiet", `${commit}^`).catch(() => "");
    return parent.trim() === "" ? null : parent.trim();
  },
  edited: async (paths) => {
    const repository = await openRepository();
    const answer = await repository.git(["rev-parse", "--verify", "HEAD^{commit}"]);
    return findChanged({ repository, commit: answer.toString("utf8").trim() }, paths);
  },
  filesAt: async (commit, paths) =>
    lines(await git("ls-tree", "--name-only", "-z", commit, "--", ...paths)),
  restore: async (commit, paths) => {
    const tracked = lines(await git("ls-files", "-z", "--", ...paths));
    const there = lines(await git("ls-tree", "--name-only", "-z", commit, "--", ...paths));
    const known = paths.filter((path) => tracked.includes(path) || there.includes(path));
    if (known.length === 0) return;
    await git("restore", `--source=${commit}`, "--worktree", "--no-recurse-submodules", "--", ...known);
  },
};

/** Takes paths literally, never as patterns. Rejects with Git's message. */
async function git(...words: readonly string[]): Promise<string> {
  const repository = await openRepository();
  return (await repository.git(["--literal-pathspecs", ...words])).toString("utf8");
}

function lines(text: string): readonly string[] {
  return text.split("\0").filter((line) => line !== "");
}
