// Whether a manifest is as its commit has it is told by its bytes; nothing that a repository says can hide an edit.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readProvenance } from "../../src/git/provenance.ts";
import { workingTree } from "../../src/git/working-tree.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { manifestsIn } from "../support/manifests-in.ts";

let root = "";
const folder = (): string => join(root, "repository");
const manifest = (): string => join(folder(), "subscriptions/a.yaml");
const git = (...words: readonly string[]): string =>
  execFileSync("git", words, { cwd: folder(), encoding: "utf8", stdio: "pipe" }).trim();

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "by-bytes-")));
  vi.stubEnv("GIT_CONFIG_GLOBAL", "/dev/null");
  vi.stubEnv("GIT_CONFIG_SYSTEM", "/dev/null");
  vi.stubEnv("GIT_CEILING_DIRECTORIES", root);
  vi.spyOn(process, "cwd").mockReturnValue(folder());
  mkdirSync(folder());
  git("init", "--quiet");
  git("config", "user.name", "Ada");
  git("config", "user.email", "ada@example.com");
  put(manifest(), "a: 1\n# $Id$\n");
  put(join(folder(), "other/b.yaml"), "b: 1\n");
  commit();
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function commit(): string {
  git("add", "--all");
  git("commit", "--quiet", "--allow-empty", "--message", "a commit");
  return git("rev-parse", "HEAD");
}

/** What a run would record. */
async function recorded(directory = "subscriptions"): Promise<string | null> {
  const { commit: found } = await readProvenance(manifestsIn(directory), {}, systemClock);
  return found;
}

const edited = (): Promise<readonly string[]> => workingTree.edited(["subscriptions/a.yaml"]);

/** As an editor does that keeps the size and the time. */
function editUnseen(): void {
  const { atime, mtime } = statSync(manifest());
  writeFileSync(manifest(), "a: 2\n# $Id$\n");
  utimesSync(manifest(), atime, mtime);
}

/** Each hides the edit of a manifest from `git status`. */
const hidden: Readonly<Record<string, () => void>> = {
  "assume-unchanged": () => {
    git("update-index", "--assume-unchanged", "subscriptions/a.yaml");
    writeFileSync(manifest(), "a: 2\n");
  },
  "skip-worktree": () => {
    git("update-index", "--skip-worktree", "subscriptions/a.yaml");
    writeFileSync(manifest(), "a: 2\n");
  },
  "core.ignoreStat and the same size and time": () => {
    git("config", "core.trustctime", "false");
    git("config", "core.checkStat", "minimal");
    // An index that is younger than the file takes its size and time for its content.
    utimesSync(manifest(), 1_000_000_000, 1_000_000_000);
    git("update-index", "--refresh");
    editUnseen();
  },
};

test.each(Object.entries(hidden))("an edit is seen in spite of %s", async (_, hide) => {
  hide();
  expect(git("status", "--porcelain", "--", "subscriptions")).toBe("");
  expect(await recorded()).toBe(`${git("rev-parse", "HEAD")}-dirty`);
});

test.each(["assume-unchanged", "skip-worktree", "core.ignoreStat and the same size and time"])(
  "a rollback does not write over an edit that is hidden by %s",
  async (name) => {
    hidden[name]?.();
    expect(await edited()).toEqual(["subscriptions/a.yaml"]);
  },
);

test.each([
  [".gitignore", ".gitignore", "new.yaml\n"],
  [".git/info/exclude", ".git/info/exclude", "new.yaml\n"],
  ["status.showUntrackedFiles", ".git/config", "[status]\nshowUntrackedFiles = no\n"],
])("a manifest that Git does not know is seen in spite of %s", async (_, path, text) => {
  execFileSync("sh", ["-c", `printf '%s' "$1" >> "$2"`, "sh", text, join(folder(), path)]);
  const head = commit();
  expect(await recorded()).toBe(head);
  put(join(folder(), "subscriptions/new.yaml"), "a: 1\n");
  expect(git("status", "--porcelain", "--", "subscriptions")).toBe("");
  expect(await recorded()).toBe(`${head}-dirty`);
  expect(await workingTree.edited(["subscriptions/new.yaml"])).toEqual(["subscriptions/new.yaml"]);
});

test("of a manifest in a submodule, which is not entered, the commit is unknown", async () => {
  const inner = join(folder(), "subscriptions/inner");
  put(join(inner, "c.yaml"), "c: 1\n");
  const own = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
  for (const words of [
    ["init", "--quiet"],
    ["add", "."],
    [...own, "commit", "--quiet", "-m", "inner"],
  ])
    execFileSync("git", words, { cwd: inner });
  git("config", "diff.ignoreSubmodules", "all");
  commit();
  writeFileSync(join(inner, "c.yaml"), "c: 2\n");
  expect(git("status", "--porcelain", "--", "subscriptions")).toBe("");
  expect(await recorded()).toBeNull();
});

test("of manifests that lie outside of the repository, the commit is unknown", async () => {
  put(join(root, "outside/a.yaml"), "a: 3\n");
  renameSync(join(folder(), "subscriptions"), join(root, "was"));
  symlinkSync(join(root, "outside"), join(folder(), "subscriptions"));
  expect(await recorded()).toBeNull();
  commit();
  expect(git("status", "--porcelain", "--", "subscriptions")).toBe("");
  expect(await recorded()).toBeNull();
  expect(await recorded("../outside")).toBeNull();
});

test("a folder that is a link inside the repository is compared where it leads", async () => {
  symlinkSync("other", join(folder(), "linked"));
  const head = commit();
  expect(await recorded("linked")).toBe(head);
  expect(git("status", "--porcelain", "--", "linked")).toBe("");
  writeFileSync(join(folder(), "other/b.yaml"), "b: 2\n");
  expect(await recorded("linked")).toBe(`${head}-dirty`);
});

test("what replaces the commit, or its parents, in this clone alone does not count", async () => {
  const first = git("rev-parse", "HEAD");
  writeFileSync(manifest(), "a: 2\n");
  const second = commit();
  writeFileSync(manifest(), "a: 3\n");
  const third = commit();
  git("replace", third, first);
  writeFileSync(manifest(), "a: 1\n# $Id$\n");
  expect(await recorded()).toBe(`${third}-dirty`);
  git("replace", "--delete", third);
  writeFileSync(join(folder(), ".git/info/grafts"), `${third} ${first}\n`);
  expect(await workingTree.parentOf(third)).toBe(second);
});

test("line ends alone are no edit, since YAML reads them alike", async () => {
  const head = git("rev-parse", "HEAD");
  writeFileSync(manifest(), "a: 1\r\n# $Id$\r\n");
  expect(await recorded()).toBe(head);
  expect(await edited()).toEqual([]);
  writeFileSync(manifest(), "a: 1\r\r\n# $Id$\r\n");
  expect(await recorded()).toBe(`${head}-dirty`);
});

test("other files beside the manifests do not count", async () => {
  put(join(folder(), "subscriptions/README.md"), "notes\n");
  expect(await recorded()).toBe(git("rev-parse", "HEAD"));
});

test.each(["filter=crypt", "ident", "working-tree-encoding=UTF-16"])(
  "where %s makes a manifest another than its blob, the commit is unknown",
  async (attribute) => {
    writeFileSync(join(folder(), ".gitattributes"), `*.yaml ${attribute}\n`);
    git("add", ".gitattributes");
    git("commit", "--quiet", "--message", "attributes");
    const head = git("rev-parse", "HEAD");
    expect(await recorded()).toBe(head);
    writeFileSync(manifest(), "a: 1\n# $Id: 123$\n");
    expect(await recorded()).toBeNull();
    expect(await edited()).toEqual(["subscriptions/a.yaml"]);
    rmSync(manifest());
    expect(await recorded()).toBe(`${head}-dirty`);
  },
);

test("a repository that names its objects by SHA-256", async () => {
  rmSync(join(folder(), ".git"), { recursive: true });
  git("init", "--quiet", "--object-format=sha256");
  git("config", "user.name", "Ada");
  git("config", "user.email", "ada@example.com");
  const head = commit();
  expect(head).toHaveLength(64);
  expect(await recorded()).toBe(head);
  writeFileSync(manifest(), "a: 2\n");
  expect(await recorded()).toBe(`${head}-dirty`);
});
