// The files of a Git revision: as the disk shows them, and never an option to Git.
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openRevision } from "../../src/git/revision.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { diskFiles } from "../../src/lib/files.ts";
import { readManifests } from "../../src/manifest/read.ts";

let folder = "";
const gitIn = (cwd: string, ...words: string[]) =>
  execFileSync("git", ["-c", "protocol.file.allow=always", ...words], {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
const git = (...words: string[]) => gitIn(folder, ...words);

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "revision-")));
  vi.stubEnv("GIT_CONFIG_GLOBAL", "/dev/null");
  vi.stubEnv("GIT_CONFIG_SYSTEM", "/dev/null");
  vi.stubEnv("GIT_CEILING_DIRECTORIES", tmpdir());
  standIn(folder);
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

function standIn(place: string): void {
  vi.spyOn(process, "cwd").mockReturnValue(place);
}

async function put(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

function commit(): string {
  git("init", "-q", "-b", "main");
  git("config", "user.name", "Ada");
  git("config", "user.email", "ada@example.com");
  git("add", "-A");
  git("commit", "-q", "-m", "one");
  return git("rev-parse", "HEAD");
}

test("it is read as the work tree is: folders, empty files, links, letters of all kinds", async () => {
  await put({
    "subs/a.yaml": "a: 1\n",
    "subs/deep/ä b.yaml": "b: ü\n",
    "subs/empty.yml": "",
    "subs/.hidden/x.yaml": "x",
    "subs/notes.txt": "-",
    "outside.yaml": "secret: 1\n",
    ":(top)odd/c.yaml": "c: 3\n",
  });
  await symlink("deep/ä b.yaml", join(folder, "subs/link.yaml"));
  await symlink("subs", join(folder, "linked"));
  await symlink("../outside.yaml", join(folder, "subs/out.yaml"));
  await symlink("nowhere.yaml", join(folder, "subs/gone.yaml"));
  const head = commit();
  const { commit: found, files } = await openRevision("main", systemClock);
  expect(found).toBe(head);
  const shown = async (...asked: Parameters<typeof readManifests>) =>
    JSON.stringify(await readManifests(...asked)).replaceAll(`${folder}/`, "");
  for (const path of ["subs", "./subs/", "linked", ":(top)odd", "missing"]) {
    expect(await shown(path, files)).toBe(await shown(join(folder, path), diskFiles));
  }
  expect(await shown(join(folder, "subs"), files)).toBe(await shown("subs", files));
  expect((await readManifests("../else", files)).diagnostics).toMatchObject([{ code: "folder/missing" }]);
  // What is edited since does not count.
  await put({ "subs/a.yaml": "a: 2\n" });
  const { texts } = await readManifests("subs", (await openRevision("HEAD", systemClock)).files);
  expect(texts[0]).toEqual({ file: "subs/a.yaml", text: "a: 1\n" });
});

test("from a folder inside the repository, paths are that folder's", async () => {
  await put({ "teams/voice/subs/a.yaml": "a: 1\n" });
  commit();
  standIn(join(folder, "teams/voice"));
  const { files } = await openRevision("HEAD", systemClock);
  expect((await readManifests("subs", files)).texts).toEqual([{ file: "subs/a.yaml", text: "a: 1\n" }]);
});

test("more files than are read at a time, and none too large", async () => {
  const many = Object.fromEntries(
    Array.from({ length: 100 }, (_, index) => [`subs/${1000 + index}.yaml`, `n: ${index}\n`]),
  );
  await put({ ...many, "subs/z.yaml": "x".repeat(1024 * 1024 + 1) });
  commit();
  const { texts, diagnostics } = await readManifests(
    "subs",
    (await openRevision("HEAD", systemClock)).files,
  );
  expect(texts.map(({ text }) => text)).toEqual(Object.values(many));
  expect(diagnostics).toMatchObject([{ code: "file/tooLarge", file: "subs/z.yaml" }]);
});

test("a submodule's files are somewhere else, and that is said", async () => {
  await put({ "subs/a.yaml": "a: 1\n" });
  const head = commit();
  git("update-index", "--add", "--cacheinfo", `160000,${head},subs/shared`);
  git("commit", "-q", "-m", "two");
  const { diagnostics } = await readManifests("subs", (await openRevision("HEAD", systemClock)).files);
  expect(diagnostics.map(({ message }) => message)).toEqual([
    '"subs/shared" cannot be read: it is a submodule, whose files are in another repository',
  ]);
});

test.each([
  "-x",
  "--upload-pack=x",
  "^HEAD",
  "main..HEAD",
  "main:subs",
  ":/one",
  "a b",
  "a\u0007",
  "",
  "ma*n",
])("`%s` is no name of a revision", async (ref) => {
  commitEmpty();
  await expect(openRevision(ref, systemClock)).rejects.toMatchObject({ code: "base/malformed" });
});

function commitEmpty(): void {
  git("init", "-q", "-b", "main");
  const author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
  git(...author, "commit", "-q", "--allow-empty", "-m", "none");
}

test("a branch that only origin has is found there; in a shallow clone the way out is named", async () => {
  await put({ "a.yaml": "1\n" });
  const head = commit();
  git("branch", "release/1");
  const clone = join(folder, "clone");
  gitIn(folder, "clone", "-q", `file://${folder}`, clone);
  standIn(clone);
  expect(await openRevision("release/1", systemClock)).toMatchObject({ commit: head });
  expect(await openRevision("origin/release/1", systemClock)).toMatchObject({ commit: head });
  git("branch", "release/2");
  // A fetch of one commit would make a full clone shallow.
  const fetchAll = "git fetch origin release/2:refs/remotes/origin/release/2";
  await expect(openRevision("release/2", systemClock)).rejects.toMatchObject({
    code: "base/unknown",
    message: 'this clone does not hold the revision "release/2"',
    hint: `run \`${fetchAll}\` first`,
  });
  gitIn(clone, ...fetchAll.split(" ").slice(1));
  expect(await openRevision("release/2", systemClock)).toMatchObject({ commit: head });
  const shallow = join(folder, "shallow");
  gitIn(folder, "clone", "-q", "--depth=1", `file://${folder}`, shallow);
  standIn(shallow);
  const fetch = "git fetch --depth=1 origin release/1:refs/remotes/origin/release/1";
  await expect(openRevision("release/1", systemClock)).rejects.toMatchObject({
    code: "base/unknown",
    message: 'this clone does not hold the revision "release/1", because it is shallow',
    hint: `check out with fetch-depth: 0, or run \`${fetch}\` first`,
  });
  gitIn(shallow, ...fetch.split(" ").slice(1));
  expect(await openRevision("release/1", systemClock)).toMatchObject({ commit: head });
});

test("without a repository it says so", async () => {
  await expect(openRevision("main", systemClock)).rejects.toMatchObject({
    code: "base/noRepository",
    hint: "run it inside the repository of the manifests, with git installed",
  });
});
