// The repository's files as they were at a commit, put into the working tree: asked of Git, and done by it.
import { openRepository } from "./open-repository.ts";

/** Paths are relative to the working directory. All reject with Git's words where it does not do as asked. */
export interface WorkingTree {
  /** The commit's first parent; null where it has none here. Never rejects. */
  parentOf(commit: string): Promise<string | null>;
  /** Which of the files differ from the last commit, or are not in Git. */
  edited(paths: readonly string[]): Promise<readonly string[]>;
  /** Which of the files the commit has. */
  filesAt(commit: string, paths: readonly string[]): Promise<readonly string[]>;
  /** Puts the files as the commit has them; those that it does not have are removed. */
  restore(commit: string, paths: readonly string[]): Promise<void>;
}

export const workingTree: WorkingTree = {
  parentOf: async (commit) => {
    const parent = await git("rev-parse", "--verify", "--quiet", `${commit}^`).catch(() => "");
    return parent.trim() === "" ? null : parent.trim();
  },
  edited: async (paths) => {
    // In this order: outside of a repository, `diff` would only tell how it is used.
    const untracked = await git("ls-files", "--others", "-z", "--", ...paths);
    const compare = ["diff", "--no-ext-diff", "--no-textconv", "--name-only", "--relative", "-z"];
    const changed = await git(...compare, "HEAD", "--", ...paths);
    return [...lines(changed), ...lines(untracked)];
  },
  filesAt: async (commit, paths) =>
    lines(await git("ls-tree", "--name-only", "-z", commit, "--", ...paths)),
  restore: async (commit, paths) => {
    const tracked = lines(await git("ls-files", "-z", "--", ...paths));
    const there = lines(await git("ls-tree", "--name-only", "-z", commit, "--", ...paths));
    const known = paths.filter((path) => tracked.includes(path) || there.includes(path));
    if (known.length > 0) await git("restore", `--source=${commit}`, "--worktree", "--", ...known);
  },
};

/** Paths are names here, never patterns. Rejects with Git's words. */
async function git(...words: readonly string[]): Promise<string> {
  const repository = await openRepository();
  return (await repository.git(["--literal-pathspecs", ...words])).toString("utf8");
}

function lines(text: string): readonly string[] {
  return text.split("\0").filter((line) => line !== "");
}
