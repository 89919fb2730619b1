// Which commits are ancestors of the present one: in the working directory, and in the folder that a daemon fetches into.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findAncestryHere } from "../../src/git/ancestry.ts";
import { fetchRevision } from "../../src/git/git-source.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { makeOrigin } from "./origin.ts";

let root = "";
const origin = makeOrigin(() => join(root, "origin"));
const unknown = "f".repeat(40);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ancestry-"));
  vi.stubEnv("GIT_CONFIG_GLOBAL", "/dev/null");
  vi.stubEnv("GIT_CONFIG_SYSTEM", "/dev/null");
  vi.stubEnv("GIT_CEILING_DIRECTORIES", root);
  mkdirSync(join(root, "origin"));
  origin.init();
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

/** A commit, its child on another branch, and its child on main. */
function fork() {
  const first = origin.commit("first");
  origin.git("switch", "--quiet", "--create", "other");
  const other = origin.commit("other");
  origin.git("switch", "--quiet", "main");
  return { first, other, present: origin.commit("present") };
}

test("in the working directory", async () => {
  const { first, other, present } = fork();
  vi.spyOn(process, "cwd").mockReturnValue(join(root, "origin"));
  const commits = [first, other, present, unknown, first];
  expect(await findAncestryHere({ commits, present }, systemClock)).toEqual(
    new Map([
      [first, "ancestor"],
      [other, "noAncestor"],
      [present, "ancestor"],
      [unknown, "noAncestor"],
    ]),
  );
  expect(await findAncestryHere({ commits: [other], present: other }, systemClock)).toEqual(
    new Map([[other, "ancestor"]]),
  );
});

test("without a repository there is no answer", async () => {
  vi.spyOn(process, "cwd").mockReturnValue(root);
  expect(await findAncestryHere({ commits: [unknown], present: unknown }, systemClock)).toEqual(
    new Map([[unknown, "noAnswer"]]),
  );
});

test("a daemon fetches the whole history, so it can tell, and show earlier files; asking does not make it fetch anew", async () => {
  const { first, other, present } = fork();
  const memory = { rebuiltMs: null, damage: null };
  const place = { url: `file://${join(root, "origin")}`, ref: "main" };
  const directory = join(root, "kept");
  const revision = await fetchRevision(place, { directory, clock: systemClock, memory });
  expect(revision.commit).toBe(present);
  expect(await revision.findAncestry({ commits: [first, other], present })).toEqual(
    new Map([
      [first, "ancestor"],
      [other, "noAncestor"],
    ]),
  );
  const earlier = revision.openCommit(first);
  expect(await earlier.listFiles()).toEqual([
    { path: resolve("subscriptions/alpha.yaml"), sizeBytes: "first".length },
  ]);
  expect(new TextDecoder().decode(await earlier.read("subscriptions/alpha.yaml", 100))).toBe("first");
  expect(memory.damage).toBeNull();
});
