// What the Git store refuses, and what it says of a remote that refuses.
import { chmodSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeRecords, readText, stateKey, takeSurely, taking, textOf } from "../store-suite.ts";
import { branch, git, makeGitWorld, type GitWorld } from "./git-world.ts";

let world: GitWorld;
const ref = `refs/heads/${branch}/${stateKey.organization}/${stateKey.owner}`;

beforeEach(() => {
  world = makeGitWorld();
});

afterEach(async () => {
  await world.close();
});

/** Makes a commit of one file in the remote, and returns it. */
function commitOf(name: string, content: string): string {
  const file = join(world.root, "content");
  writeFileSync(file, content);
  const blob = git(world.remote, "hash-object", "-w", file);
  const list = join(world.root, "list");
  writeFileSync(list, `100644 blob ${blob}\t${name}\n`);
  git(world.remote, "read-tree", "--empty");
  git(world.remote, "update-index", "--add", "--cacheinfo", `100644,${blob},${name}`);
  return git(world.remote, "commit-tree", "-m", "by hand", git(world.remote, "write-tree"));
}

test.each([
  [`refs/heads/${branch}`, branch],
  [`refs/heads/${branch}/${stateKey.organization}`, `${branch}/${stateKey.organization}`],
  [`${ref}/below`, `${branch}/${stateKey.organization}/${stateKey.owner}/below`],
])("a branch in the way is named: %s", async (existing, name) => {
  git(world.remote, "update-ref", existing, commitOf("a", "a"));
  const store = await world.open();
  await expect(store.take(stateKey, taking(1))).rejects.toMatchObject({
    code: "state/refused",
    message: `the remote's branch ${name} is in the way of ${ref}`,
    hint: expect.stringContaining("state.git.branch") as string,
  });
});

test("a hook that declines is a refusal, and nothing is appended", async () => {
  const store = await world.open();
  const { fence } = await takeSurely(store, taking(1));
  const hook = join(world.remote, "hooks", "pre-receive");
  writeFileSync(hook, "#!/bin/sh\necho 'error: the state is frozen' >&2\nexit 1\n");
  chmodSync(hook, 0o755);
  await expect(store.append(stateKey, fence, makeRecords(1, 1))).rejects.toMatchObject({
    code: "state/refused",
    message: expect.stringContaining("the state is frozen") as string,
    hint: expect.stringContaining("a rule or a hook of the remote") as string,
  });
  renameSync(hook, `${hook}.off`);
  expect(await store.append(stateKey, fence, makeRecords(1, 2))).toBe(true);
});

test("a remote that is gone is a refusal, and once it is back the same store goes on", async () => {
  const store = await world.open();
  const { fence } = await takeSurely(store, taking(1));
  renameSync(world.remote, `${world.remote}.away`);
  await expect(store.look(stateKey)).rejects.toMatchObject({ code: "state/refused" });
  await expect(store.append(stateKey, fence, makeRecords(1, 1))).rejects.toMatchObject({
    code: "state/refused",
  });
  renameSync(`${world.remote}.away`, world.remote);
  expect(await store.append(stateKey, fence, makeRecords(1, 2))).toBe(true);
  expect(await readText(store)).toBe(textOf(makeRecords(1, 2)));
});

test.each([
  "git://git.example.com/a.git",
  "http://git.example.com/a.git",
  "ftp://git.example.com/a.git",
  "ext::sh -c 'touch planted'",
])("a state is not kept at %s", async (address) => {
  git(join(world.root, "work"), "remote", "set-url", "origin", address);
  await expect(world.open()).rejects.toMatchObject({
    code: "state/refused",
    hint: "use a remote over https or ssh, over http to this machine, or a path",
  });
});

test("an address whose login is not clear is refused without showing it", async () => {
  const address = "https://ada:canary/word@git.example.com/a.git";
  git(join(world.root, "work"), "remote", "set-url", "origin", address);
  const error: unknown = await world.open().catch((caught: unknown) => caught);
  expect(error).toMatchObject({
    code: "state/refused",
    hint: expect.stringContaining("%2F for a /") as string,
  });
  expect(String(error)).not.toContain("canary");
});

test("a remote that the repository does not have is named, with the command that adds it", async () => {
  await expect(world.open({ remote: "state" })).rejects.toMatchObject({
    code: "state/refused",
    message: "the Git store has no remote state",
    hint: "run `git remote add state ADDRESS`, or name one of `git remote` in `state.git.remote`",
  });
});

test("without a repository there is no remote", async () => {
  process.chdir(world.root);
  await expect(world.open()).rejects.toMatchObject({
    code: "state/refused",
    hint: expect.stringContaining("git remote add origin") as string,
  });
});

test.each(["a..b", "a b", "a.lock/b", "/a"])("Git takes no branch named %s", async (name) => {
  await expect(world.open({ branch: name })).rejects.toMatchObject({
    code: "state/refused",
    message: `Git takes no branch named ${name}`,
  });
});

test.each(["two\nlines", "with space", "naïve"])("a token is one word: %j", async (token) => {
  git(join(world.root, "work"), "remote", "set-url", "origin", "https://git.example.com/a.git");
  await expect(world.open({ token })).rejects.toMatchObject({ code: "state/refused" });
});

test.each([
  ["README.md", "a", "it has no tip.json"],
  ["tip.json", "{", "tip.json is no such file"],
  ["tip.json", '{"formatVersion":1,"head":{"seq":-1}}', "head.seq is not a whole number from 0"],
])("a branch of another program is left alone: %s %s", async (name, content, fault) => {
  const commit = commitOf(name, content);
  git(world.remote, "update-ref", ref, commit);
  const store = await world.open();
  await expect(store.look(stateKey)).rejects.toMatchObject({
    code: "state/refused",
    message: `${ref} holds no state of reconcile: ${fault}`,
  });
  await expect(store.take(stateKey, taking(1))).rejects.toMatchObject({ code: "state/refused" });
  expect(git(world.remote, "rev-parse", ref)).toBe(commit);
});

test("a state of a newer version is left alone", async () => {
  git(world.remote, "update-ref", ref, commitOf("tip.json", '{"formatVersion":2}'));
  await expect((await world.open()).look(stateKey)).rejects.toMatchObject({
    code: "state/refused",
    hint: "use that version, or a newer one",
  });
});
