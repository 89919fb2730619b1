// What a repository's config, hooks and attributes would have Git run: none of it runs, wherever it was planted.
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync } from "node:fs";
import { appendFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { fetchRevision } from "../../src/git/git-source.ts";
import { readProvenance, readRepository } from "../../src/git/provenance.ts";
import { openRevision } from "../../src/git/revision.ts";
import { workingTree } from "../../src/git/working-tree.ts";
import { systemClock } from "../../src/lib/clock.ts";

const command = resolve(import.meta.dirname, "../../dist/reconcile.js");
let root = "";
/** The repository, the folder of the manifests in it, what is run where it should not be, and the sign that it ran. */
const repositoryIn = (place: string): string => join(place, "repository");
const repository = (): string => repositoryIn(root);
const folder = (): string => join(repository(), "telephony");
const program = (): string => join(root, "program");
const canary = (): string => join(root, "it-ran");
const gitDirectory = (): string => join(repository(), ".git");

/** A repository with two commits, made once and copied for each test. */
let template = "";

beforeAll(() => {
  template = realpathSync(mkdtempSync(join(tmpdir(), "planted-")));
  root = template;
  put(manifestPath(), "a: 1\n");
  put(join(repository(), ".gitattributes"), "*.yaml filter=planted diff=planted\n");
  git("init", "--quiet", "--initial-branch=main");
  git("config", "user.name", "Ada");
  git("config", "user.email", "ada@example.com");
  commit("first");
  put(manifestPath(), "a: 2\n");
  commit("second");
});

afterAll(() => {
  rmSync(template, { recursive: true });
});

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "planted-")));
  cpSync(repositoryIn(template), repository(), { recursive: true });
  vi.stubEnv("GIT_CONFIG_GLOBAL", "/dev/null");
  vi.stubEnv("GIT_CONFIG_SYSTEM", "/dev/null");
  vi.stubEnv("GIT_CEILING_DIRECTORIES", root);
  vi.spyOn(process, "cwd").mockReturnValue(folder());
  put(program(), `#!/bin/sh\ntouch ${canary()}\nexit 1\n`);
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

const manifestPath = (): string => join(folder(), "subscriptions/a.yaml");

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}

function git(...words: readonly string[]): string {
  return execFileSync("git", words, { cwd: repository(), encoding: "utf8" }).trim();
}

function commit(message: string): void {
  git("add", "--all");
  git("commit", "--quiet", "--message", message);
}

/** As a partial clone that has not fetched the manifest, from a remote with the settings. */
function loseManifest(remote: string): string {
  for (const revision of ["HEAD", "HEAD~1"]) {
    const oid = git("rev-parse", `${revision}:telephony/subscriptions/a.yaml`);
    rmSync(join(gitDirectory(), "objects", oid.slice(0, 2), oid.slice(2)), { force: true });
  }
  return `[remote "origin"]\npromisor = true\npartialclonefilter = blob:none\nfetch = +refs/heads/*:refs/remotes/origin/*\n${remote}`;
}

function plantHooks(directory: string): void {
  const names = ["post-checkout", "post-index-change", "reference-transaction", "fsmonitor-watchman"];
  for (const name of names) cpSync(program(), join(directory, name));
}

/** Each gives the lines of the config. */
const plants: Readonly<Record<string, () => string>> = {
  "core.fsmonitor": () => `[core]\nfsmonitor = ${program()}\n`,
  "a promisor remote's uploadpack": () => loseManifest(`url = ${root}\nuploadpack = ${program()}\n`),
  "a promisor remote's vcs": () =>
    loseManifest(`url = ${root}\nvcs = ext\n[protocol "ext"]\nallow = always\n`),
  "a promisor remote of ext::": () =>
    loseManifest(`url = ext::${program()}\n[protocol "ext"]\nallow = always\n`),
  "url.insteadOf": () =>
    loseManifest(
      `url = https://git.example.com/a.git\n[url "ext::${program()} "]\ninsteadOf = https://git.example.com/\n[protocol "ext"]\nallow = always\n`,
    ),
  "core.sshCommand": () => loseManifest(`url = ssh://localhost/a.git\n[core]\nsshCommand = ${program()}\n`),
  "core.gitProxy": () => loseManifest(`url = git://localhost/a.git\n[core]\ngitProxy = ${program()}\n`),
  "extensions.partialClone": () =>
    loseManifest(
      `url = ${root}\nuploadpack = ${program()}\n[core]\nrepositoryformatversion = 1\n[extensions]\npartialClone = origin\n`,
    ),
  "core.hooksPath": () => {
    plantHooks(join(root, "hooks"));
    return `[core]\nhooksPath = ${join(root, "hooks")}\n`;
  },
  hooks: () => {
    plantHooks(join(gitDirectory(), "hooks"));
    return "";
  },
  "a filter": () => `[filter "planted"]\nclean = ${program()}\nsmudge = ${program()}\n`,
  "a filter that is required": () =>
    `[filter "planted"]\nclean = ${program()}\nsmudge = ${program()}\nrequired = true\n`,
  "a filter's process": () => `[filter "planted"]\nprocess = ${program()}\n`,
  "a filter with an = in its name": () => {
    put(join(repository(), ".git/info/attributes"), "*.yaml filter=a=b\n");
    return `[filter "a=b"]\nclean = ${program()}\nsmudge = ${program()}\n`;
  },
  "textconv, and a diff driver": () =>
    `[diff]\nexternal = ${program()}\n[diff "planted"]\ntextconv = ${program()}\ncommand = ${program()}\n`,
  alias: () =>
    ["status", "rev-parse", "show", "config", "restore"].reduce(
      (lines, name) => `${lines}${name} = !${program()}\n`,
      "[alias]\n",
    ),
  "core.pager": () =>
    `[core]\npager = ${program()}\n[pager]\nstatus = ${program()}\nshow = ${program()}\nconfig = ${program()}\n`,
  "core.worktree": () => `[core]\nworktree = ${root}\nfsmonitor = ${program()}\n`,
  "include.path": () => {
    put(join(root, "more"), `[core]\nfsmonitor = ${program()}\n[filter "planted"]\nclean = ${program()}\n`);
    return `[include]\npath = ${join(root, "more")}\n`;
  },
};

/** All that any command asks Git. */
async function askEverything(): Promise<void> {
  const touch = (): void => {
    utimesSync(manifestPath(), new Date(), new Date(Date.now() - 60_000));
  };
  const paths = ["subscriptions/a.yaml"];
  const asks: (() => Promise<unknown>)[] = [
    () => readProvenance("subscriptions", {}, systemClock),
    () => readRepository(folder(), systemClock),
    async () => {
      const { files } = await openRevision("HEAD", systemClock);
      await files.list("subscriptions");
      await files.read("subscriptions/a.yaml", 1024);
    },
    () => workingTree.parentOf("HEAD"),
    () => workingTree.edited(paths),
    () => workingTree.filesAt("HEAD~1", paths),
    () => workingTree.restore("HEAD~1", paths),
  ];
  for (const ask of asks) {
    touch();
    await ask().catch(() => undefined);
  }
}

test.each(Object.entries(plants))("the repository's own config names a program: %s", async (_, plant) => {
  appendFileSync(join(gitDirectory(), "config"), plant());
  await askEverything();
  expect(existsSync(canary())).toBe(false);
});

/** All that a pull request needs for Git to take a folder for a repository. */
function plantBareRepository(lines: string): void {
  for (const name of readdirSync(gitDirectory()))
    cpSync(join(gitDirectory(), name), join(folder(), name), { recursive: true });
  const worktree = `[core]\nbare = false\nworktree = ${repository()}\n`;
  appendFileSync(join(folder(), "config"), `${worktree}${lines}`);
}

test.each([
  "core.fsmonitor",
  "a promisor remote's uploadpack",
  "a promisor remote of ext::",
  "core.hooksPath",
  "hooks",
  "a filter",
  "include.path",
])("a folder that looks like a bare repository: %s", async (name) => {
  plantBareRepository(plants[name]?.() ?? "");
  await askEverything();
  expect(existsSync(canary())).toBe(false);
});

test("the repository around such a folder is the one that is asked", async () => {
  const head = git("rev-parse", "HEAD");
  plantBareRepository("");
  writeFileSync(join(folder(), "HEAD"), `${git("rev-parse", "HEAD~1")}\n`);
  const { commit: found } = await readProvenance("subscriptions", {}, systemClock);
  expect(found).toBe(head);
  expect((await readRepository(folder(), systemClock)).folder).toBe("telephony");
});

test("without a repository around it, such a folder is none", async () => {
  plantBareRepository(`[core]\nfsmonitor = ${program()}\n[user]\nname = Mallory\n`);
  rmSync(gitDirectory(), { recursive: true });
  const { actor, commit: found } = await readProvenance("subscriptions", {}, systemClock);
  expect([found, actor.includes("Mallory")]).toEqual([null, false]);
  await expect(openRevision("HEAD", systemClock)).rejects.toMatchObject({ code: "base/noRepository" });
  expect(existsSync(canary())).toBe(false);
});

test("the folder that `--git` fetches into: what its config, its hooks or its remotes name does not run", async () => {
  const directory = join(root, "state/git");
  execFileSync("git", ["init", "--quiet", "--bare", directory]);
  plantHooks(join(directory, "hooks"));
  const origin = repository();
  appendFileSync(
    join(directory, "config"),
    `[core]\nfsmonitor = ${program()}\n[remote "${origin}"]\nuploadpack = ${program()}\n[url "${root}/elsewhere"]\ninsteadOf = ${origin}\n`,
  );
  const place = { url: origin, ref: "main" };
  const revision = await fetchRevision(place, { directory, clock: systemClock });
  expect(revision.commit).toBe(git("rev-parse", "HEAD"));
  expect(existsSync(canary())).toBe(false);
});

test("no command runs what was planted beside the manifests, or in the repository's own config", () => {
  const run = (words: string): string => {
    const { PATH = "", HOME = "" } = process.env;
    const env = { PATH, HOME, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CEILING_DIRECTORIES: root };
    const { stdout, stderr } = spawnSync(process.execPath, [command, ...words.split(" ")], {
      cwd: folder(),
      env,
      encoding: "utf8",
    });
    return stdout + stderr;
  };
  rmSync(manifestPath());
  expect(run("init --owner mine")).toContain("subscriptions/example.yaml");
  commit("initialised");
  expect(run("sync --sandbox")).toContain("1 created");
  const path = join(folder(), "subscriptions/example.yaml");
  const text = execFileSync("cat", [path], { encoding: "utf8" });
  writeFileSync(path, text.replace("conversation.updated", "conversation.ended"));
  commit("edited");
  const lines = ["core.fsmonitor", "core.hooksPath", "a filter"]
    .map((name) => plants[name]?.() ?? "")
    .join("");
  appendFileSync(join(gitDirectory(), "config"), lines);
  plantBareRepository(lines);
  const said = [
    "sync --sandbox",
    "plan --sandbox --base HEAD~1",
    "doctor --sandbox",
    "validate",
    "init",
    "rollback --sandbox --last --write-manifests",
  ].map(run);
  expect(said[0]).toContain("1 updated");
  expect(existsSync(canary())).toBe(false);
}, 120_000);
