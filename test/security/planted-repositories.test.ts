// What a repository's config, hooks and attributes would have Git run: none of it runs, wherever it was planted.
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync } from "node:fs";
import { appendFileSync, readFileSync, renameSync, rmSync, symlinkSync, utimesSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { fetchRevision } from "../../src/git/git-source.ts";
import { readProvenance, readRepository } from "../../src/git/provenance.ts";
import { openRevision } from "../../src/git/revision.ts";
import { workingTree } from "../../src/git/working-tree.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { manifestsIn } from "../support/manifests-in.ts";

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

function commitIn(inner: string): void {
  const author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
  execFileSync("git", ["add", "--all"], { cwd: inner });
  execFileSync("git", [...author, "commit", "--quiet", "--message", "inner"], { cwd: inner });
}

/** As a partial clone that has not fetched the manifest, from a remote with the settings. */
function loseManifest(remote: string): string {
  for (const revision of ["HEAD", "HEAD~1"]) {
    const oid = git("rev-parse", `${revision}:telephony/subscriptions/a.yaml`);
    rmSync(join(gitDirectory(), "objects", oid.slice(0, 2), oid.slice(2)), { force: true });
  }
  return `[remote "origin"]\npromisor = true\npartialclonefilter = blob:none\nfetch = +refs/heads/*:refs/remotes/origin/*\n${remote}`;
}

/** The filter that `.gitattributes` names. */
function planted(): string {
  return `[filter "planted"]\nclean = ${program()}\nsmudge = ${program()}\nprocess = ${program()}\n`;
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
  "a submodule's fsmonitor, filter and hooks": () => {
    const inner = join(folder(), "subscriptions/inner");
    put(join(inner, "c.yaml"), "c: 1\n");
    put(join(inner, ".gitattributes"), "*.yaml filter=inner\n");
    execFileSync("git", ["init", "--quiet"], { cwd: inner });
    commitIn(inner);
    put(
      join(repository(), ".gitmodules"),
      `[submodule "inner"]\npath = telephony/subscriptions/inner\nurl = ${inner}\nupdate = !${program()}\n`,
    );
    commit("a submodule");
    appendFileSync(
      join(inner, ".git/config"),
      `[core]\nfsmonitor = ${program()}\n[filter "inner"]\nclean = ${program()}\nsmudge = ${program()}\n`,
    );
    plantHooks(join(inner, ".git/hooks"));
    utimesSync(join(inner, "c.yaml"), new Date(), new Date(0));
    return `[submodule]\nrecurse = true\n[submodule "inner"]\nactive = true\nupdate = !${program()}\n[status]\nsubmoduleSummary = true\n[diff]\nsubmodule = diff\n`;
  },
  "a worktree's own config": () => {
    put(join(gitDirectory(), "config.worktree"), `[core]\nfsmonitor = ${program()}\n${planted()}`);
    return "[core]\nrepositoryformatversion = 1\n[extensions]\nworktreeConfig = true\n";
  },
  "includeIf of the folder and the branch": () => {
    put(join(root, "more"), `[core]\nfsmonitor = ${program()}\n${planted()}`);
    return `[includeIf "gitdir:${root}/"]\npath = ${join(root, "more")}\n[includeIf "onbranch:main"]\npath = ${join(root, "more")}\n`;
  },
  "credential.helper, core.askPass and core.editor": () =>
    loseManifest(
      `url = https://user@localhost:1/a.git\n[core]\naskPass = ${program()}\neditor = ${program()}\n[sequence]\neditor = ${program()}\n[credential]\nhelper = !${program()}\n`,
    ),
  "gpg.program and log.showSignature": () =>
    `[log]\nshowSignature = true\n[gpg]\nprogram = ${program()}\n[gpg "ssh"]\nprogram = ${program()}\n[commit]\ngpgSign = true\n`,
  "interactive.diffFilter, diff.tool, merge drivers and trailers": () =>
    `[interactive]\ndiffFilter = ${program()}\n[diff]\ntool = planted\n[difftool "planted"]\ncmd = ${program()}\n[merge "planted"]\ndriver = ${program()} %A\n[trailer "planted"]\ncmd = ${program()}\n`,
  "gc, maintenance and core.alternateRefsCommand": () => {
    put(join(gitDirectory(), "objects/info/alternates"), `${join(gitDirectory(), "objects")}\n`);
    return `[core]\nalternateRefsCommand = ${program()}\n[gc]\nauto = 1\nautoDetach = false\nrecentObjectsHook = ${program()}\n[maintenance]\nauto = true\n`;
  },
  "uploadpack.packObjectsHook": () =>
    loseManifest(`url = ${repository()}\n[uploadpack]\npackObjectsHook = ${program()}\n`),
  "core.virtualFilesystem and the untracked cache": () =>
    `[core]\nuntrackedCache = true\nvirtualFilesystem = ${program()}\nsplitIndex = true\n[feature]\nmanyFiles = true\n`,
  "trace2, which writes a file": () =>
    `[trace2]\nnormalTarget = ${canary()}\neventTarget = ${canary()}\nperfTarget = ${canary()}\n`,
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
    () => readProvenance(manifestsIn("subscriptions"), {}, systemClock),
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

test.each(["core.fsmonitor", "a filter", "hooks", "a promisor remote's uploadpack"])(
  "a `.git` file that leads to a planted repository: %s",
  async (name) => {
    renameSync(gitDirectory(), join(root, "elsewhere"));
    put(gitDirectory(), `gitdir: ${join(root, "elsewhere")}\n`);
    appendFileSync(
      join(root, "elsewhere/config"),
      `[core]\nfsmonitor = ${program()}\n[filter "planted"]\nclean = ${program()}\n[remote "origin"]\nurl = ${root}\nuploadpack = ${program()}\npromisor = true\n`,
    );
    if (name === "hooks") plantHooks(join(root, "elsewhere/hooks"));
    await askEverything();
    expect(existsSync(canary())).toBe(false);
  },
);

test("the repository around such a folder is the one that is asked", async () => {
  const head = git("rev-parse", "HEAD");
  plantBareRepository("");
  writeFileSync(join(folder(), "HEAD"), `${git("rev-parse", "HEAD~1")}\n`);
  const { commit: found } = await readProvenance(manifestsIn("subscriptions"), {}, systemClock);
  expect(found).toBe(head);
  expect((await readRepository(folder(), systemClock)).folder).toBe("telephony");
});

test("without a repository around it, such a folder is none", async () => {
  plantBareRepository(`[core]\nfsmonitor = ${program()}\n[user]\nname = Mallory\n`);
  rmSync(gitDirectory(), { recursive: true });
  const { actor, commit: found } = await readProvenance(manifestsIn("subscriptions"), {}, systemClock);
  expect([found, actor.includes("Mallory")]).toEqual([null, false]);
  await expect(openRevision("HEAD", systemClock)).rejects.toMatchObject({ code: "base/noRepository" });
  expect(existsSync(canary())).toBe(false);
});

/** Each is what a pull request may bring, or left there, in the folder that `--git` fetches into. */
const keptPlants: Readonly<Record<string, (directory: string, lines: string) => void>> = {
  "its own config and hooks": (directory, lines) => {
    appendFileSync(join(directory, "config"), lines);
  },
  "a commondir, and the config there": (directory, lines) => {
    const common = join(root, "common");
    cpSync(directory, common, { recursive: true });
    appendFileSync(join(common, "config"), lines);
    writeFileSync(join(directory, "commondir"), `${common}\n`);
  },
  "a worktree's config": (directory, lines) => {
    writeFileSync(join(directory, "config.worktree"), lines);
    appendFileSync(join(directory, "config"), "[extensions]\nworktreeConfig = true\n");
  },
  "alternates, and the config there": (directory, lines) => {
    const other = join(root, "other.git");
    cpSync(directory, other, { recursive: true });
    git("branch", "former", "HEAD~1");
    execFileSync("git", ["-C", other, "fetch", "--quiet", repository(), "former"]);
    appendFileSync(join(other, "config"), `${lines}alternateRefsCommand = ${program()}\n`);
    put(join(directory, "objects/info/alternates"), `${join(other, "objects")}\n`);
  },
  "a remote of the old form": (directory) => {
    put(join(directory, "branches", repository().slice(1)), `ext::${program()}\n`);
    put(join(directory, "remotes", repository().slice(1)), `URL: ext::${program()}\nPull: main\n`);
  },
};

test.each(Object.entries(keptPlants))(
  "the folder that `--git` fetches into: %s, name a program that does not run",
  async (_, plant) => {
    const directory = join(root, "state/git");
    execFileSync("git", ["init", "--quiet", "--bare", directory]);
    plantHooks(join(directory, "hooks"));
    const origin = repository();
    plant(
      directory,
      `[remote "${origin}"]\nuploadpack = ${program()}\n[url "${root}/elsewhere"]\ninsteadOf = ${origin}\n[core]\nfsmonitor = ${program()}\n`,
    );
    const place = { url: origin, ref: "main" };
    const revision = await fetchRevision(place, { directory, clock: systemClock });
    expect(revision.commit).toBe(git("rev-parse", "HEAD"));
    expect(existsSync(canary())).toBe(false);
  },
);

test("a replacement, or another history, that stands in that folder does not count", async () => {
  const directory = join(root, "state/git");
  const place = { url: repository(), ref: "main" };
  const options = { directory, clock: systemClock };
  await fetchRevision(place, options);
  const former = git("rev-parse", "HEAD");
  git("checkout", "--quiet", "--orphan", "other");
  git("commit", "--quiet", "--allow-empty", "--message", "rewritten");
  const rewritten = git("rev-parse", "HEAD");
  git("branch", "--force", "main", "other");
  put(join(directory, "info/grafts"), `${rewritten} ${former}\n`);
  await expect(fetchRevision(place, options)).rejects.toMatchObject({ code: "git/rewritten" });
});

test("a link in the place of that folder, or of its config, is not written through", async () => {
  const directory = join(root, "state/git");
  const place = { url: repository(), ref: "main" };
  mkdirSync(directory, { recursive: true });
  put(join(root, "precious"), "keep\n");
  symlinkSync(join(root, "precious"), join(directory, "config"));
  await fetchRevision(place, { directory, clock: systemClock });
  expect(readFileSync(join(root, "precious"), "utf8")).toBe("keep\n");
  rmSync(directory, { recursive: true });
  put(join(root, "home/config"), "keep\n");
  symlinkSync(join(root, "home"), directory);
  await expect(fetchRevision(place, { directory, clock: systemClock })).rejects.toMatchObject({
    code: "git/notAFolder",
  });
  expect(readFileSync(join(root, "home/config"), "utf8")).toBe("keep\n");
});

test("a remote repository on this disk runs nothing of its own config or hooks", async () => {
  appendFileSync(
    join(gitDirectory(), "config"),
    `[core]\nfsmonitor = ${program()}\n[uploadpack]\npackObjectsHook = ${program()}\n`,
  );
  plantHooks(join(gitDirectory(), "hooks"));
  const revision = await fetchRevision(
    { url: repository(), ref: "main" },
    { directory: join(root, "state/git"), clock: systemClock },
  );
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
