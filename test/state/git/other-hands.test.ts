// What the Git store needs of the user's repository, and what it does where other hands changed the remote's branch.
import { execFileSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeRecords, nothingYet, readText, stateKey, takeSurely, taking, textOf } from "../store-suite.ts";
import { branch, git, makeGitWorld, type GitWorld } from "./git-world.ts";

let world: GitWorld;
const ref = `refs/heads/${branch}/${stateKey.organization}/${stateKey.owner}`;

beforeEach(() => {
  world = makeGitWorld();
});

afterEach(async () => {
  await world.close();
});

test("a shallow clone is enough, and neither its files nor its refs change", async () => {
  const source = join(world.root, "source");
  git(world.root, "init", "--quiet", "--initial-branch=main", source);
  for (const text of ["one", "two"]) {
    writeFileSync(join(source, "file"), text);
    git(source, "add", ".");
    git(source, "commit", "--quiet", "--message", text);
  }
  git(source, "push", "--quiet", world.remote, "main");
  const clone = join(world.root, "clone");
  git(world.root, "clone", "--quiet", "--depth=1", "--branch=main", `file://${world.remote}`, clone);
  const before = [git(clone, "for-each-ref"), git(clone, "status", "--porcelain", "--ignored")];
  const objects = git(clone, "count-objects", "-v");
  process.chdir(clone);
  const store = await world.open();
  const { fence } = await takeSurely(store, taking(1));
  expect(await store.append(stateKey, fence, makeRecords(1, 2))).toBe(true);
  expect([git(clone, "for-each-ref"), git(clone, "status", "--porcelain", "--ignored")]).toEqual(before);
  expect(git(clone, "count-objects", "-v")).toBe(objects);
});

test("the branch is a plain one: a trail in files of JSON Lines, by commits that start no CI run", async () => {
  const store = await world.open();
  const { fence } = await takeSurely(store, taking(1));
  await store.append(stateKey, fence, makeRecords(1, 2));
  await store.append(stateKey, fence, makeRecords(1, 3).slice(2));
  await store.release(stateKey, fence);
  expect(git(world.remote, "ls-tree", "-r", "--name-only", ref).split("\n")).toEqual([
    "tip.json",
    "trail/000000000/000000000001.jsonl",
  ]);
  const file = execFileSync("git", [
    "-C",
    world.remote,
    "show",
    `${ref}:trail/000000000/000000000001.jsonl`,
  ]);
  expect(file.toString("utf8")).toBe(textOf(makeRecords(1, 3)));
  expect(git(world.remote, "log", "--format=%an <%ae> %s [%b]", ref).split("\n")).toEqual([
    "reconcile <reconcile@localhost> lease 1 given back [[skip ci]",
    "]",
    "reconcile <reconcile@localhost> record 3 [[skip ci]",
    "]",
    "reconcile <reconcile@localhost> records 1 to 2 [[skip ci]",
    "]",
    "reconcile <reconcile@localhost> lease 1: sync of host, process 1 [[skip ci]",
    "]",
  ]);
  git(world.remote, "fsck", "--strict");
});

test("a record that names another one before it is not appended; a hash that no line names is kept beside", async () => {
  const store = await world.open();
  const { fence } = await takeSurely(store, taking(1));
  const hashes = ["1", "2", "3"].map((digit) => digit.repeat(64));
  const record = (seq: number, line: object) => ({
    ...{ seq, hash: hashes[seq - 1] ?? "", line: JSON.stringify({ seq, ...line }) },
  });
  expect(await store.append(stateKey, fence, [record(1, { prevHash: nothingYet.hash })])).toBe(true);
  expect(await store.append(stateKey, fence, [record(2, { prevHash: hashes[1] })])).toBe(false);
  expect(await store.append(stateKey, fence, [record(2, { prevHash: hashes[0] })])).toBe(true);
  expect(await store.append(stateKey, fence, [record(3, { hash: hashes[2] })])).toBe(true);
  expect(await store.hashOf(stateKey, 2)).toBe(hashes[1]);
  expect(JSON.parse(git(world.remote, "show", `${ref}:hashes.json`))).toEqual({
    1: hashes[0],
    2: hashes[1],
  });
});

test("segments are closed at 64 KiB, and hold up to 1 MiB where many records come at once", async () => {
  const store = await world.open();
  const { fence } = await takeSurely(store, taking(1));
  const long = (first: number, last: number) => makeRecords(first, last, "x".repeat(10_000));
  for (let seq = 1; seq <= 10; seq += 2) await store.append(stateKey, fence, long(seq, seq + 1));
  await store.append(stateKey, fence, long(11, 200));
  const sizes = git(world.remote, "ls-tree", "-r", "-l", ref, "trail/").split("\n");
  const shown = sizes.map((line) => line.split(/\s+/).slice(3).join(" "));
  expect(shown).toEqual([
    "80752 trail/000000000/000000000001.jsonl",
    "1039796 trail/000000000/000000000009.jsonl",
    "898544 trail/000000000/000000000112.jsonl",
  ]);
  expect(await readText(await world.open(), 7)).toBe(textOf(long(8, 200)));
});

test("a branch that was set back is read as it stands", async () => {
  const [store, other] = [await world.open(), await world.open()];
  const { fence } = await takeSurely(store, taking(1));
  await store.append(stateKey, fence, makeRecords(1, 2));
  const old = git(world.remote, "rev-parse", ref);
  await store.append(stateKey, fence, makeRecords(3, 4));
  expect((await other.look(stateKey)).head.seq).toBe(4);
  git(world.remote, "update-ref", ref, old);
  expect((await other.look(stateKey)).head.seq).toBe(2);
  expect(await store.append(stateKey, fence, makeRecords(5, 5))).toBe(false);
  expect(await store.append(stateKey, fence, makeRecords(3, 5, "other"))).toBe(true);
  expect((await other.look(stateKey)).head.seq).toBe(5);
  expect(await readText(other)).toBe(textOf([...makeRecords(1, 2), ...makeRecords(3, 5, "other")]));
});

test("a branch that was deleted is an empty trail, and its lease is gone", async () => {
  const [store, other] = [await world.open(), await world.open()];
  const { fence } = await takeSurely(store, taking(1));
  await store.append(stateKey, fence, makeRecords(1, 2));
  await other.look(stateKey);
  git(world.remote, "update-ref", "-d", ref);
  expect(await other.look(stateKey)).toEqual({ head: nothingYet, fence: 0, holder: null, movedTo: null });
  expect(await store.append(stateKey, fence, makeRecords(3, 3))).toBe(false);
  expect((await takeSurely(other, taking(2, { above: fence }))).fence).toBe(fence + 1);
});

test("a harmless commit of other hands on top costs nothing", async () => {
  const store = await world.open();
  const { fence } = await takeSurely(store, taking(1));
  const tip = git(world.remote, "rev-parse", ref);
  const tree = git(world.remote, "rev-parse", `${ref}^{tree}`);
  git(world.remote, "update-ref", ref, git(world.remote, "commit-tree", "-p", tip, "-m", "touched", tree));
  expect(await store.append(stateKey, fence, makeRecords(1, 2))).toBe(true);
  expect(git(world.remote, "rev-list", "--count", ref)).toBe("3");
});

test("the user's repository gets no objects", async () => {
  const store = await world.open();
  const { fence } = await takeSurely(store, taking(1));
  await store.append(stateKey, fence, makeRecords(1, 2));
  const objects = join(world.root, "work", ".git", "objects");
  expect(readdirSync(objects).sort()).toEqual(["info", "pack"]);
});
