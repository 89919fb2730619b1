// `--git`: against real repositories on this disk.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fetchRevision } from "../../src/git/git-source.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { ReconcileError } from "../../src/model/errors.ts";
import { noCommit, manifest, runWorld, trailPath } from "../support/world.ts";
import { startDaemon } from "../daemon/daemon.ts";
import { makeOrigin } from "./origin.ts";

let root = "";
const origin = (): string => join(root, "origin");
const { init, git, commit } = makeOrigin(origin);
const directory = (): string => join(root, "kept/git");

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "git-source-"));
  init();
  commit("one");
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

async function read(ref: string | null = "main"): Promise<readonly [string, string]> {
  const options = { directory: directory(), clock: systemClock };
  const revision = await fetchRevision({ url: origin(), ref }, options);
  return [
    revision.commit,
    new TextDecoder().decode(await revision.files.read("subscriptions/alpha.yaml", 1024)),
  ];
}

test("each fetch gives the files of the newest commit, without a checkout", async () => {
  const first = git("rev-parse", "HEAD");
  expect(await read()).toEqual([first, "one"]);
  const second = commit("two");
  expect(await read()).toEqual([second, "two"]);
  expect(await read(null)).toEqual([second, "two"]);
  git("tag", "v1", first);
  git("checkout", "--quiet", "-b", "other", first);
  const third = commit("three");
  await expect(read("other")).rejects.toMatchObject({ code: "git/rewritten" });
  git("merge", "--quiet", "--strategy=ours", "--message", "both", "main");
  expect((await read("other"))[1]).toBe("three");
  expect(third).not.toBe(second);
});

test("a branch that was rewritten is refused, and says how to accept it", async () => {
  await read();
  commit("two");
  await read();
  git("reset", "--quiet", "--hard", "HEAD~1");
  const rewritten = commit("instead");
  const error = await read().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: "git/rewritten",
    hint: `the branch was rewritten; if that is intended, remove ${directory()}, and the next pass accepts the new history`,
  });
  rmSync(directory(), { recursive: true });
  expect(await read()).toEqual([rewritten, "instead"]);
});

test("a repository or a branch that is not there is told in Git's words", async () => {
  await expect(read("nowhere")).rejects.toMatchObject({
    code: "git/unreachable",
    message: expect.stringContaining("couldn't find remote ref nowhere") as string,
  });
  rmSync(origin(), { recursive: true });
  await expect(read()).rejects.toMatchObject({ code: "git/unreachable" });
});

test.each([
  ["--upload-pack=x", "Write it as https://"],
  ["ext::sh -c x", "Write it as https://"],
  ["https://user:s3cret@git.example.com/a.git", "use a credential helper or a deploy key"],
  ["https://s3cret@git.example.com/a.git", "use a credential helper or a deploy key"],
  ["ssh://git:s3cret@git.example.com/a.git", "use a credential helper or a deploy key"],
  ["https://git.example.com/a.git#-x", "Write a branch or a tag after the #"],
  ["https://git.example.com/a.git#a..b", "Write a branch or a tag after the #"],
])("`watch --git %s` is a wrong command line", async (place, words) => {
  const { status, err } = await runWorld({
    argv: ["watch", `--git=${place}`],
    environment: { GITHUB_ACTIONS: "true" },
  });
  expect([status, err]).toEqual([1, expect.stringContaining(words)]);
  expect(err).not.toContain("s3cret");
});

test("a daemon goes by the commit that it fetched at each pass, and records it", async () => {
  let text = manifest("alpha");
  let commits = 0;
  const daemon = await startDaemon({
    argv: "watch --git https://git.example.com/a.git#main --interval 60s",
    fetchRevision: (place, kept) => {
      expect([place, kept]).toEqual([
        { url: "https://git.example.com/a.git", ref: "main" },
        ".reconcile/git",
      ]);
      commits += 1;
      const bytes = new TextEncoder().encode(text);
      return Promise.resolve({
        commit: `commit-${commits}`,
        files: {
          list: () => Promise.resolve([{ name: "alpha.yaml", kind: "file" as const }]),
          stat: (path) =>
            Promise.resolve(
              path.endsWith(".yaml")
                ? { kind: "file" as const, sizeBytes: bytes.length }
                : { kind: "directory" as const, sizeBytes: 0 },
            ),
          realPath: (path) => Promise.resolve(path),
          read: () => Promise.resolve(bytes),
        },
        findAncestry: () => Promise.resolve(new Map()),
        openCommit: noCommit,
      });
    },
  });
  await daemon.pass(0);
  text = manifest("alpha", { eventTypes: ["c.created"] });
  await daemon.pass(66_000);
  const [webhook] = [...daemon.world.state.webhooks.values()];
  expect(webhook?.eventTypes).toEqual(["c.created"]);
  const records = daemon.world.files
    .text(trailPath)
    .split("\n")
    .filter((line) => line.includes("change.applied"))
    .map((line) => (JSON.parse(line) as { source: unknown }).source);
  const source = { file: "subscriptions/alpha.yaml", line: 1 };
  expect(records).toEqual([
    { ...source, commit: "commit-1" },
    { ...source, commit: "commit-2" },
  ]);
  expect(daemon.watched()).toEqual(["reconcile.yaml", ".env"]);
  await daemon.stop();
});

test("a daemon whose folder is damaged says so in its log, and that it fetches everything anew", async () => {
  const daemon = await startDaemon({
    argv: "watch --git https://git.example.com/a.git",
    fetchRevision: (_place, _kept, { memory, onRebuild }) => {
      expect(memory).toEqual({ rebuiltMs: null, damage: null });
      onRebuild("error: refs/reconcile/fetched: invalid sha1 pointer");
      return Promise.reject(new ReconcileError("git/unreachable", "Git does not give it"));
    },
  });
  await daemon.pass(0);
  expect(daemon.world.logged).toContainEqual(
    "warn: .reconcile/git is damaged, so it is emptied and fetched anew: error: refs/reconcile/fetched: invalid sha1 pointer",
  );
  await daemon.stop();
});

test("while the repository cannot be reached, what was live stays, and it is tried again", async () => {
  let isDown = true;
  const daemon = await startDaemon({
    argv: "watch --git https://git.example.com/a.git",
    fetchRevision: () => {
      if (isDown) return Promise.reject(new ReconcileError("git/unreachable", "Git does not give it"));
      return Promise.reject(new ReconcileError("git/rewritten", "no longer holds it"));
    },
  });
  const view = await daemon.pass(0);
  expect(view).toMatchObject({ phase: "backoff", lastPass: { ok: false, error: "Git does not give it" } });
  expect(daemon.world.requests).toEqual([]);
  isDown = false;
  daemon.hangup();
  expect((await daemon.pass(0)).lastPass?.error).toBe("no longer holds it");
  await daemon.stop();
});

test("an address whose password could be taken for a host is refused before Git sees it", async () => {
  const url = "https://user:p@hidden#word@git.example.com/a.git";
  const fetching = fetchRevision({ url, ref: null }, { directory: directory(), clock: systemClock });
  await expect(fetching).rejects.toMatchObject({
    code: "git/malformedUrl",
    message: "the login in the address of --git cannot be told from the rest of the address",
  });
});

test("a remote folder of another user is refused with the line that allows it", async () => {
  const folder = join(root, "bin");
  mkdirSync(folder);
  const words = `fatal: detected dubious ownership in repository at '${origin()}/.git'`;
  const fake = `#!/bin/sh\nfor word; do [ "$word" = fetch ] && echo "${words}" >&2 && exit 128; done\nexec git "$@"\n`;
  writeFileSync(
    join(folder, "git"),
    fake.replace("exec git", `exec ${execFileSync("which", ["git"]).toString().trim()}`),
    { mode: 0o755 },
  );
  vi.stubEnv("PATH", `${folder}:${process.env["PATH"] ?? ""}`);
  const fetching = fetchRevision(
    { url: origin(), ref: null },
    { directory: directory(), clock: systemClock },
  );
  await expect(fetching).rejects.toMatchObject({
    code: "git/unreachable",
    hint: expect.stringContaining(`safe.directory '${origin()}/.git'`) as string,
  });
  vi.unstubAllEnvs();
});
