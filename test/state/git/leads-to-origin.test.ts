// Whether a remote is the repository of the code, told by the addresses of the remotes.
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { leadsToOrigin } from "../../../src/state/git/leads-to-origin.ts";
import { git, makeGitWorld, type GitWorld } from "./git-world.ts";

let world: GitWorld;

beforeEach(() => {
  world = makeGitWorld("https://github.com/acme/telephony.git");
});

afterEach(() => world.close());

const inWork = (...words: string[]): string => git(join(world.root, "work"), ...words);

test.each([
  ["https://github.com/acme/telephony.git", true],
  ["https://x-access-token:secret@GitHub.com/acme/telephony", true],
  ["https://github.com/Acme/Telephony/", true],
  ["ssh://git@ssh.github.com:443/acme/telephony.git", true],
  ["git@github.com:acme/telephony.git", true],
  ["git@github.com:acme/telephony-state.git", false],
  ["https://github.example.com/acme/telephony.git", false],
  ["/srv/telephony.git", false],
])("a remote at %s: %s", async (address, leads) => {
  inWork("remote", "add", "state", address);
  expect(await leadsToOrigin("state")).toBe(leads);
});

test("a remote that is pushed to the code's repository leads there, too", async () => {
  inWork("remote", "add", "state", "https://mirror.example.com/state.git");
  inWork("remote", "set-url", "--push", "state", "git@github.com:acme/telephony.git");
  expect(await leadsToOrigin("state")).toBe(true);
});

test("a path is the same by another name", async () => {
  symlinkSync(world.remote, join(world.root, "again.git"));
  inWork("remote", "set-url", "origin", world.remote);
  inWork("remote", "add", "state", join(world.root, "again.git"));
  expect(await leadsToOrigin("state")).toBe(true);
  inWork("remote", "set-url", "state", `file://${world.remote}/`);
  expect(await leadsToOrigin("state")).toBe(true);
});

test("origin leads there without a question, and where no origin is, nothing does", async () => {
  inWork("remote", "remove", "origin");
  inWork("remote", "add", "state", "https://github.com/acme/telephony.git");
  expect([
    await leadsToOrigin("origin"),
    await leadsToOrigin("state"),
    await leadsToOrigin("gone"),
  ]).toEqual([...[true, false, false]]);
});
