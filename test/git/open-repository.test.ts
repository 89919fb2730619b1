// Which repository is asked: the one whose `.git` is nearest, if Git itself accepts it.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readProvenance } from "../../src/git/provenance.ts";
import { openRevision } from "../../src/git/revision.ts";
import { openRepository } from "../../src/git/open-repository.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { manifestsIn } from "../support/manifests-in.ts";

let root = "";
const top = (): string => join(root, "repository");

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "open-")));
  mkdirSync(join(top(), "a/b"), { recursive: true });
  vi.stubEnv("GIT_CONFIG_GLOBAL", "/dev/null");
  vi.stubEnv("GIT_CONFIG_SYSTEM", "/dev/null");
  vi.stubEnv("GIT_CEILING_DIRECTORIES", root);
  git("init", "--quiet", "--initial-branch=main");
  git("config", "user.name", "Ada");
  git("config", "user.email", "ada@example.com");
  git("commit", "--quiet", "--allow-empty", "--message", "one");
  standIn("repository/a/b");
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

function git(...words: readonly string[]): string {
  return execFileSync("git", words, { cwd: top(), encoding: "utf8", stdio: "pipe" }).trim();
}

function standIn(path: string): void {
  vi.spyOn(process, "cwd").mockReturnValue(join(root, path));
}

async function headOf(): Promise<string> {
  const repository = await openRepository();
  return (await repository.git(["rev-parse", "HEAD"])).toString("utf8").trim();
}

/** A Git before the real one, which first does as the shell lines say. */
function putGitBefore(lines: string): void {
  const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
  writeFileSync(join(root, "git"), `#!/bin/sh\n${lines}\nexec ${real} "$@"\n`, { mode: 0o755 });
  vi.stubEnv("PATH", `${root}:${process.env["PATH"] ?? ""}`);
}

test("from a folder inside, from a worktree and from a submodule, whose `.git` are files", async () => {
  expect((await openRepository()).top).toBe(top());
  git("worktree", "add", "--quiet", "../worktree");
  writeFileSync(join(root, "worktree/file"), "");
  execFileSync("git", ["add", "."], { cwd: join(root, "worktree") });
  execFileSync("git", ["commit", "--quiet", "--message", "two"], { cwd: join(root, "worktree") });
  standIn("worktree");
  expect((await openRepository()).top).toBe(join(root, "worktree"));
  expect(await headOf()).toBe(git("rev-parse", "worktree"));
  git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "-b", "worktree", top(), "sub");
  standIn("repository/sub");
  expect((await openRepository()).top).toBe(join(top(), "sub"));
  expect(await headOf()).toBe(git("rev-parse", "worktree"));
});

test("GIT_CEILING_DIRECTORIES ends the search, but not in the folder where it starts", async () => {
  for (const [ceilings, isFound] of [
    [`/nowhere:${top()}`, false],
    [join(top(), "a"), false],
    [join(top(), "a/b"), true],
    [root, true],
  ] as const) {
    vi.stubEnv("GIT_CEILING_DIRECTORIES", ceilings);
    const found = await openRepository().then(
      () => true,
      () => false,
    );
    expect([ceilings, found]).toEqual([ceilings, isFound]);
  }
});

test("the environment's own GIT_DIR, GIT_WORK_TREE and the like change nothing", async () => {
  const head = git("rev-parse", "HEAD");
  vi.stubEnv("GIT_DIR", "/nowhere");
  vi.stubEnv("GIT_WORK_TREE", "/nowhere");
  vi.stubEnv("GIT_INDEX_FILE", "/nowhere");
  vi.stubEnv("GIT_EXTERNAL_DIFF", "/nowhere");
  expect(await headOf()).toBe(head);
});

test("an empty `.git` is passed over, and one that Git cannot read is refused in its words", async () => {
  mkdirSync(join(top(), "a/.git"));
  expect((await openRepository()).top).toBe(top());
  writeFileSync(join(top(), "a/b/.git"), "not a gitfile\n");
  await expect(openRepository()).rejects.toThrow("invalid gitfile format");
});

test("a repository of another user is refused, unless safe.directory names it", async () => {
  putGitBefore("export GIT_TEST_ASSUME_DIFFERENT_OWNER=1");
  await expect(openRepository()).rejects.toThrow("dubious ownership");
  const hint = expect.stringContaining(`--add safe.directory '${top()}'`) as string;
  await expect(openRevision("main", systemClock)).rejects.toMatchObject({ code: "git/refused", hint });
  expect(await readProvenance(manifestsIn("."), {}, systemClock)).toMatchObject({
    commit: null,
    refusal: { code: "git/refused", hint },
  });
  writeFileSync(join(root, "config"), `[safe]\ndirectory = ${top()}\n`);
  vi.stubEnv("GIT_CONFIG_GLOBAL", join(root, "config"));
  expect((await openRepository()).top).toBe(top());
});

test("a Git that could fetch by itself is asked nothing in a partial clone, and elsewhere as ever", async () => {
  putGitBefore(
    `echo "$@" >> ${join(root, "asked")}\nfor word; do [ "$word" = version ] && echo git version 2.30.2 && exit; done`,
  );
  expect((await openRepository()).top).toBe(top());
  for (const [key, value] of [
    ["remote.origin.promisor", "true"],
    ["remote.origin.partialCloneFilter", "blob:none"],
    ["extensions.partialClone", "origin"],
  ] as const) {
    git("config", "remote.origin.url", root);
    git("config", key, value);
    const refusal = {
      code: "git/tooOld",
      message: expect.stringContaining("git version 2.30.2 is too old for a partial clone") as string,
    };
    await expect(openRepository()).rejects.toMatchObject(refusal);
    await expect(openRevision("main", systemClock)).rejects.toMatchObject(refusal);
    const { actor, commit, refusal: why } = await readProvenance(manifestsIn("."), {}, systemClock);
    expect([commit, actor.includes("Ada"), why]).toEqual([null, false, expect.objectContaining(refusal)]);
    git("config", "--unset", key);
  }
  expect(await headOf()).toBe(git("rev-parse", "HEAD"));
});
