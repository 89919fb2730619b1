// Who runs this and on which commit, with Git, without it, and in CI.
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readProvenance, readRepository } from "../../src/git/provenance.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { manifestsIn } from "../support/manifests-in.ts";

let folder = "";
const home = process.cwd();
const git = (...words: string[]) => execFileSync("git", words, { cwd: folder, encoding: "utf8" }).trim();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "provenance-"));
  // Nothing of this machine's Git may answer.
  vi.stubEnv("GIT_CONFIG_GLOBAL", "/dev/null");
  vi.stubEnv("GIT_CONFIG_SYSTEM", "/dev/null");
  vi.stubEnv("GIT_CEILING_DIRECTORIES", tmpdir());
  vi.spyOn(process, "cwd").mockReturnValue(folder);
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
  expect(process.cwd()).toBe(home);
});

function commit(): string {
  git("init", "-q");
  git("config", "user.name", "Ada");
  git("config", "user.email", "ada@example.com");
  git("add", ".");
  git("commit", "-q", "-m", "first");
  return git("rev-parse", "HEAD");
}

test("without Git: user@host, and no commit", async () => {
  const found = await readProvenance(manifestsIn("subscriptions"), {}, systemClock);
  const { actor, commit: head } = found;
  expect(found.provenance).toEqual({});
  expect(actor).toMatch(/^[^@\s]+@\S+$/);
  expect(head).toBeNull();
  const repository = { name: "my-repo-", branch: null, folder: "", hasOrigin: false };
  expect(await readRepository(join(folder, "my repo!"), systemClock)).toEqual(repository);
});

test("in a repository: its author and commit, marked where the manifests were edited since", async () => {
  await writeFile(join(folder, "a.yaml"), "a: 1\n");
  const head = commit();
  expect(await readProvenance(manifestsIn("."), {}, systemClock)).toEqual({
    actor: "Ada <ada@example.com>",
    commit: head,
    provenance: { claimed: true, login: expect.stringMatching(/^[^@\s]+@\S+$/) as string, commit: head },
  });
  await writeFile(join(folder, "a.yaml"), "a: 2\n");
  expect(await readProvenance(manifestsIn("."), {}, systemClock)).toMatchObject({
    commit: `${head}-dirty`,
  });
  expect(await readRepository(folder, systemClock)).toMatchObject({
    name: basename(folder),
    hasOrigin: false,
  });
  git("remote", "add", "origin", "git@github.com:acme/telephony.git");
  expect(await readRepository(folder, systemClock)).toMatchObject({ name: "telephony", hasOrigin: true });
});

test("the branch that is merged into, and the folder inside the repository", async () => {
  git("init", "-q", "-b", "master");
  expect(await readRepository(folder, systemClock)).toMatchObject({ branch: "master", folder: "" });
  git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/release/next");
  await mkdir(join(folder, "teams/voice"), { recursive: true });
  vi.spyOn(process, "cwd").mockReturnValue(join(folder, "teams/voice"));
  expect(await readRepository(folder, systemClock)).toMatchObject({
    branch: "release/next",
    folder: "teams/voice",
  });
});

test("the pull request is the one that the commit's message names, unless the CI system tells another", async () => {
  await writeFile(join(folder, "a.yaml"), "a: 1\n");
  commit();
  git("commit", "-q", "--allow-empty", "-m", "More events (#12)");
  const head = git("rev-parse", "HEAD");
  const read = async (variables: Readonly<Record<string, string>>) =>
    (await readProvenance(manifestsIn("."), variables, systemClock)).provenance;
  expect(await read({})).toMatchObject({ pullRequest: "12", commit: head });
  const jenkins = { JENKINS_URL: "https://ci.example.com" };
  expect(await read(jenkins)).toEqual({ ci: { system: "Jenkins" }, pullRequest: "12", commit: head });
  expect(await read({ ...jenkins, CHANGE_ID: "13" })).toMatchObject({ pullRequest: "13" });
});

test("in GitHub Actions: who, and which run", async () => {
  const { actor } = await readProvenance(
    manifestsIn("."),
    {
      GITHUB_ACTIONS: "true",
      GITHUB_ACTOR: "octocat",
      GITHUB_REPOSITORY: "acme/telephony",
      GITHUB_RUN_ID: "42",
      GITHUB_REF: "refs/heads/main",
      GITHUB_SHA: "0".repeat(40),
    },
    systemClock,
  );
  expect(actor).toBe("octocat in GitHub Actions acme/telephony 42");
});

test("a Git that does not answer holds nothing up: no commit, and no author", async () => {
  await writeFile(join(folder, "git"), "#!/bin/sh\nexec /bin/sleep 30\n", { mode: 0o755 });
  const head = commit();
  const path = process.env["PATH"] ?? "";
  vi.stubEnv("PATH", `${folder}:${path}`);
  const asked: number[] = [];
  const impatient = {
    ...systemClock,
    sleep: (delayMs: number) => {
      asked.push(delayMs);
      return Promise.resolve();
    },
  };
  const { actor, commit: found } = await readProvenance(
    manifestsIn("."),
    { PATH: `${folder}:${path}` },
    impatient,
  );
  expect([found, actor.includes("Ada")]).toEqual([null, false]);
  expect(await readRepository(join(folder, "my-repo"), impatient)).toMatchObject({ branch: null });
  expect(new Set(asked)).toEqual(new Set([5_000]));
  vi.stubEnv("PATH", path);
  expect((await readProvenance(manifestsIn("."), {}, systemClock)).commit).toBe(head);
});
