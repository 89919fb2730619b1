// The repository's files as they were at a commit, put into the working tree: asked of Git, and done by it.
import type { WorkingTree } from "../app/world.ts";
import { openRepository } from "../git/open-repository.ts";

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
