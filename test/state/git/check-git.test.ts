// What `doctor` learns of a Git store.
import { renameSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { systemRandom } from "../../../src/lib/random.ts";
import { checkGit, type GitChecks } from "../../../src/state/git/check-git.ts";
import { stateKey } from "../store-suite.ts";
import { branch, git, makeGitWorld, type GitWorld } from "./git-world.ts";
import { serveGit } from "./http-remote.ts";

let world: GitWorld;

beforeEach(() => {
  world = makeGitWorld();
});

afterEach(async () => {
  await world.close();
  vi.unstubAllEnvs();
});

const check = (remote = "origin"): Promise<GitChecks> => {
  const directory = join(world.root, "checked");
  const options = { remote, token: null, branch, directory, clock: world.clock, random: systemRandom };
  return checkGit(options, stateKey);
};

test("a remote that can be read and pushed to is found so, and nothing is pushed", async () => {
  expect(await check()).toEqual({
    name: `Git at ${world.remote}, branch ${branch}`,
    fault: null,
    found: { publicAddress: null, refusedPush: null, refusesRewrites: false },
  });
  expect(git(world.remote, "for-each-ref")).toBe("");
});

test("a remote that refuses to rewrite its branches is found so, where it can be told", async () => {
  for (const name of ["receive.denyNonFastForwards", "receive.denyDeletes"]) {
    expect((await check()).found?.refusesRewrites).toBe(false);
    git(world.remote, "config", name, "true");
  }
  expect((await check()).found?.refusesRewrites).toBe(true);
  const server = await serveGit({ root: world.root });
  git(join(world.root, "work"), "remote", "set-url", "origin", `${server.address}/remote.git`);
  expect((await check()).found?.refusesRewrites).toBeNull();
  await server.close();
});

test("a login that may only read is found so", async () => {
  const server = await serveGit({
    root: world.root,
    instead: (request, response) => {
      const isPush = (request.url ?? "").includes("git-receive-pack");
      if (isPush) response.writeHead(403).end();
      return isPush;
    },
  });
  git(join(world.root, "work"), "remote", "set-url", "origin", `${server.address}/remote.git`);
  const { fault, found } = await check();
  expect(fault).toBeNull();
  expect(found?.refusedPush).toMatchObject({ code: "state/refused" });
  await server.close();
});

test("a branch in the way of the state's branches is found", async () => {
  const file = join(world.remote, "description");
  const blob = git(world.remote, "hash-object", "-w", file);
  git(world.remote, "update-index", "--add", "--cacheinfo", `100644,${blob},a`);
  const commit = git(world.remote, "commit-tree", "-m", "a", git(world.remote, "write-tree"));
  git(world.remote, "update-ref", `refs/heads/${branch}`, commit);
  const { found } = await check();
  expect(found?.refusedPush?.message).toContain(`the remote's branch ${branch} is in the way`);
});

test("a remote that is refused has no name, and one that is gone has a fault", async () => {
  expect(await check("state")).toMatchObject({ name: null, fault: { code: "state/refused" }, found: null });
  renameSync(world.remote, `${world.remote}.away`);
  expect(await check()).toMatchObject({ fault: { code: "state/refused" }, found: null });
});
