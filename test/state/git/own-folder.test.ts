// The store's own folder: what a killed Git, a failing disk or a stranger left in it costs at most a fetch.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { rmSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeRecords, readText, stateKey, takeSurely, taking, textOf } from "../store-suite.ts";
import { git, makeGitWorld, type GitWorld } from "./git-world.ts";

let world: GitWorld;
const records = makeRecords(1, 20);

beforeEach(() => {
  world = makeGitWorld();
});

afterEach(async () => {
  await world.close();
});

/** The folder of machine `m`, in which a closed store has left what it fetched. */
async function leaveFolder(): Promise<string> {
  const store = await world.open({ machine: "m" });
  const { fence } = await takeSurely(store, taking(1));
  await store.append(stateKey, fence, records);
  await store.release(stateKey, fence);
  await store.close();
  return join(world.root, "machine-m", "git-state");
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

async function expectWhole(): Promise<void> {
  const store = await world.open({ machine: "m" });
  expect(await readText(store)).toBe(textOf(records));
  const { fence } = await takeSurely(store, taking(2));
  expect(await store.append(stateKey, fence, makeRecords(21, 21))).toBe(true);
}

test("a closed store leaves its objects alone behind", async () => {
  const folder = await leaveFolder();
  expect(readdirSync(folder).sort()).toEqual(["commits.json", "objects"]);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test("the next process fetches nothing that is at hand", async () => {
  const folder = await leaveFolder();
  const before = filesIn(folder).length;
  const store = await world.open({ machine: "m" });
  expect(await readText(store)).toBe(textOf(records));
  await store.close();
  expect(filesIn(folder)).toHaveLength(before);
});

test("locks of a Git that was killed are not met", async () => {
  const folder = await leaveFolder();
  const left = join(folder, "use-left-over");
  mkdirSync(join(left, "refs"), { recursive: true });
  for (const name of ["shallow.lock", "HEAD.lock", "packed-refs.lock"]) writeFileSync(join(left, name), "");
  await expectWhole();
  expect(existsSync(left)).toBe(true);
});

test("what a killed process left is removed a day later", async () => {
  const folder = await leaveFolder();
  const left = join(folder, "use-left-over");
  mkdirSync(left);
  const nowMs = world.clock.now();
  utimesSync(left, nowMs / 1000 - 90_000, nowMs / 1000 - 90_000);
  await expectWhole();
  expect(existsSync(left)).toBe(false);
});

test.each([
  [
    "emptied",
    (path: string): void => {
      truncateSync(path);
    },
  ],
  [
    "removed",
    (path: string): void => {
      rmSync(path);
    },
  ],
  [
    "filled with other bytes",
    (path: string): void => {
      writeFileSync(path, "other bytes");
    },
  ],
])("objects that were %s are fetched again", async (_how, damage) => {
  const folder = await leaveFolder();
  for (const path of filesIn(join(folder, "objects"))) {
    chmodSync(path, 0o600);
    damage(path);
  }
  await expectWhole();
});

test("while a store is open, objects that are damaged are fetched again", async () => {
  const store = await world.open({ machine: "m" });
  const { fence } = await takeSurely(store, taking(1));
  await store.append(stateKey, fence, records);
  rmSync(join(world.root, "machine-m", "git-state", "objects"), { recursive: true });
  expect(await store.append(stateKey, fence, makeRecords(21, 22))).toBe(true);
  rmSync(join(world.root, "machine-m", "git-state", "objects"), { recursive: true });
  expect(await readText(store, 19)).toBe(textOf(makeRecords(20, 20)) + textOf(makeRecords(21, 22)));
});

test("a forged segment under the name of the real one is not believed", async () => {
  const folder = await leaveFolder();
  const tree = `HEAD:trail/000000000/000000000001.jsonl`;
  const state = `reconcile-state/${stateKey.organization}/${stateKey.owner}`;
  const blob = git(world.remote, "rev-parse", tree.replace("HEAD", state));
  const forged = join(world.root, "forged");
  writeFileSync(forged, textOf(makeRecords(1, 20, "forged")));
  const other = git(world.remote, "hash-object", "-w", forged);
  const pathOf = (id: string): string => join("objects", id.slice(0, 2), id.slice(2));
  const target = join(folder, pathOf(blob));
  rmSync(target, { force: true });
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, readFileSync(join(world.remote, pathOf(other))));
  await expectWhole();
});

test.each([
  "{",
  '{"refs/heads/../../x":"0"}',
  '{"refs/reconcile/1":7}',
  `{"refs/reconcile/${"a".repeat(40)}":"${"b".repeat(40)}"}`,
])("what somebody wrote into commits.json costs a fetch: %s", async (content) => {
  const folder = await leaveFolder();
  writeFileSync(join(folder, "commits.json"), content);
  await expectWhole();
});

test("links in the folder are taken out, and nothing is written through them", async () => {
  const folder = await leaveFolder();
  const elsewhere = join(world.root, "elsewhere");
  mkdirSync(elsewhere);
  for (const name of ["objects", "commits.json"]) rmSync(join(folder, name), { recursive: true });
  symlinkSync(elsewhere, join(folder, "objects"));
  await expectWhole();
  expect(readdirSync(elsewhere)).toEqual([]);
});

test("a link in the place of the folder is refused", async () => {
  const elsewhere = join(world.root, "elsewhere");
  mkdirSync(elsewhere);
  mkdirSync(join(world.root, "machine-m"));
  symlinkSync(elsewhere, join(world.root, "machine-m", "git-state"));
  await expect(world.open({ machine: "m" })).rejects.toMatchObject({ code: "state/refused" });
  expect(readdirSync(elsewhere)).toEqual([]);
});

test("alternates that a stranger planted are removed", async () => {
  const folder = await leaveFolder();
  mkdirSync(join(folder, "objects", "info"), { recursive: true });
  writeFileSync(join(folder, "objects", "info", "alternates"), `${world.remote}/objects\n`);
  await expectWhole();
  expect(existsSync(join(folder, "objects", "info", "alternates"))).toBe(false);
});

test("a folder of many files is begun anew", async () => {
  const folder = await leaveFolder();
  const many = join(folder, "objects", "aa");
  mkdirSync(many, { recursive: true });
  for (let file = 0; file <= 6_000; file += 1) writeFileSync(join(many, `${file}`), "");
  await expectWhole();
  expect(filesIn(join(folder, "objects")).length).toBeLessThan(50);
});

test("two processes of one machine share the folder", async () => {
  await leaveFolder();
  const [one, two] = await Promise.all([world.open({ machine: "m" }), world.open({ machine: "m" })]);
  const { fence } = await takeSurely(one, taking(3));
  for (let seq = 21; seq < 25; seq += 1) {
    const [isAppended] = await Promise.all([
      one.append(stateKey, fence, makeRecords(seq, seq)),
      two.look(stateKey),
    ]);
    expect(isAppended).toBe(true);
  }
  await two.look(stateKey);
  expect(await readText(two)).toBe(textOf(makeRecords(1, 24)));
});
