// Manifests as they were at a commit, by a real Git.
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { workingTree } from "../../src/git/working-tree.ts";

let root = "";
let folder = "";
const git = (...words: string[]) => execFileSync("git", words, { cwd: root, encoding: "utf8" }).trim();
const put = (name: string, text: string) => writeFile(join(folder, name), text);
const paths = ["s/kept.yaml", "s/made.yaml", "s/gone.yaml"];
const commits: string[] = [];

/** In a folder of a repository, two commits: the second edits one file, adds one and removes one. */
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "tree-"));
  folder = join(root, "telephony");
  await mkdir(join(folder, "s"), { recursive: true });
  vi.stubEnv("GIT_CONFIG_GLOBAL", "/dev/null");
  vi.stubEnv("GIT_CONFIG_SYSTEM", "/dev/null");
  vi.stubEnv("GIT_CEILING_DIRECTORIES", tmpdir());
  vi.spyOn(process, "cwd").mockReturnValue(folder);
  git("init", "-q");
  git("config", "user.name", "Ada");
  git("config", "user.email", "ada@example.com");
  await put("s/kept.yaml", "1\n");
  await put("s/gone.yaml", "1\n");
  await commit("first");
  await put("s/kept.yaml", "2\n");
  await put("s/made.yaml", "2\n");
  await rm(join(folder, "s/gone.yaml"));
  await commit("second");
});

async function commit(message: string): Promise<void> {
  git("add", "-A");
  git("commit", "-q", "-m", message);
  commits.push(git("rev-parse", "HEAD"));
  await Promise.resolve();
}

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  commits.length = 0;
  await rm(root, { recursive: true });
});

test("restored: files are written, and removed, as the commit has them; the index stays", async () => {
  const [first = "", second = ""] = commits;
  expect(await workingTree.parentOf(second)).toBe(first);
  expect(await workingTree.parentOf(first)).toBeNull();
  expect(await workingTree.filesAt(first, paths)).toEqual(["s/gone.yaml", "s/kept.yaml"]);
  expect(await workingTree.edited(paths)).toEqual([]);
  await workingTree.restore(first, [...paths, "s/never.yaml"]);
  expect(await readFile(join(folder, "s/kept.yaml"), "utf8")).toBe("1\n");
  expect(git("status", "--short")).toBe(
    "M telephony/s/kept.yaml\n D telephony/s/made.yaml\n?? telephony/s/gone.yaml",
  );
  await workingTree.restore(first, ["s/never.yaml"]);
});

test("edited: changed, removed, staged and untracked files, and no others", async () => {
  await put("s/kept.yaml", "3\n");
  await put("s/gone.yaml", "mine\n");
  await put("other.yaml", "3\n");
  expect(await workingTree.edited(paths)).toEqual(["s/kept.yaml", "s/gone.yaml"]);
  git("add", "-A");
  expect(await workingTree.edited(paths)).toEqual(["s/kept.yaml", "s/gone.yaml"]);
  await rm(join(folder, "s/made.yaml"));
  expect(await workingTree.edited(["s/made.yaml"])).toEqual(["s/made.yaml"]);
});

test("a path is a name and no pattern; a commit that is not there is Git's refusal", async () => {
  const [first = ""] = commits;
  await workingTree.restore(first, ["s/*.yaml", ":(top)telephony/s/kept.yaml"]);
  expect(git("status", "--short")).toBe("");
  await expect(workingTree.filesAt("f".repeat(40), paths)).rejects.toThrow("not a tree object");
  vi.spyOn(process, "cwd").mockReturnValue(tmpdir());
  await expect(workingTree.edited(paths)).rejects.toThrow("not a git repository");
});
