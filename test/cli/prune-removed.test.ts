// `--prune-removed`: deletes what was written from a manifest that a later commit removed, and nothing else. Git is real.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { findAncestryHere } from "../../src/git/ancestry.ts";
import { openRevision } from "../../src/git/revision.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { kinds } from "../support/kinds.ts";
import { seeWorld } from "../support/see.ts";
import {
  manifest,
  methodsOf,
  putWebhook,
  runWorld,
  trailPath,
  type TestWorld,
  type WorldOptions,
} from "../support/world.ts";

let root = "";
let repository = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "prune-removed-"));
  vi.stubEnv("GIT_CONFIG_GLOBAL", "/dev/null");
  vi.stubEnv("GIT_CONFIG_SYSTEM", "/dev/null");
  vi.stubEnv("GIT_CEILING_DIRECTORIES", root);
  repository = join(root, "repository");
  mkdirSync(join(repository, "subscriptions"), { recursive: true });
  enter(repository);
  git("init", "--quiet", "--initial-branch=main");
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

function enter(folder: string): void {
  vi.spyOn(process, "cwd").mockReturnValue(folder);
}

function git(...words: string[]): string {
  const settings = ["user.name=Ada", "user.email=ada@example.com"].flatMap((each) => ["-c", each]);
  return execFileSync("git", [...settings, ...words], { cwd: process.cwd(), encoding: "utf8" }).trim();
}

type Manifests = Readonly<Record<string, string>>;

/** Makes a commit that holds exactly these manifests, and returns its hash. */
function commit(manifests: Manifests): string {
  rmSync(join(repository, "subscriptions"), { recursive: true });
  mkdirSync(join(repository, "subscriptions"));
  for (const [name, text] of Object.entries(manifests))
    writeFileSync(join(repository, "subscriptions", `${name}.yaml`), text);
  git("add", "--all");
  git("commit", "--quiet", "--allow-empty", "--message", Object.keys(manifests).join(" "));
  return git("rev-parse", "HEAD");
}

const delta: Manifests = { delta: manifest("delta") };
const others: Manifests = { beta: manifest("beta"), gamma: manifest("gamma"), ...delta };
const four: Manifests = { alpha: manifest("alpha"), ...others };

const config = "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nowner: telephony\n";

function filesOf(manifests: Manifests): Readonly<Record<string, string>> {
  const named = Object.entries(manifests).map(
    ([name, text]) => [`subscriptions/${name}.yaml`, text] as const,
  );
  return { "reconcile.yaml": config, ...Object.fromEntries(named) };
}

const realGit: Pick<WorldOptions, "findAncestry" | "openRevision"> = {
  findAncestry: (question) => findAncestryHere(question, systemClock),
  openRevision: (ref) => openRevision(ref, systemClock),
};

interface At extends Pick<WorldOptions, "revisions"> {
  readonly commit: string | null;
  readonly manifests: Manifests;
  readonly from?: TestWorld;
}

/** Runs a command where Git has checked a commit out. */
async function run(argv: string, { commit, manifests, from, ...more }: At) {
  const files = filesOf(manifests);
  for (const path of from?.files.paths() ?? [])
    if (path.startsWith("/subscriptions/") && !(path.slice(1) in files)) from?.files.take(path);
  for (const [path, text] of Object.entries(files)) from?.files.set(path, text);
  return seeWorld({
    argv,
    commit,
    ...more,
    ...(from ? { from } : { files }),
    ...realGit,
  });
}

/** A sync of four groups from a commit; the next commit removes the manifest of alpha. */
async function removed() {
  const first = commit(four);
  const { world } = await run("sync", { commit: first, manifests: four });
  return { first, second: commit(others), from: world };
}

test("a merge that removes a manifest deletes its webhook, and nothing else", async () => {
  const first = commit(four);
  const { world: from } = await run("sync", { commit: first, manifests: four });
  // By hand somebody made another webhook of this owner's, which no manifest ever declared.
  putWebhook(from.state, { id: "by-hand", group: "legacy", owner: "telephony" });
  git("switch", "--quiet", "--create", "remove-alpha");
  commit(others);
  git("switch", "--quiet", "main");
  git("merge", "--quiet", "--no-ff", "--message", "Merge", "remove-alpha");
  const merged = { commit: git("rev-parse", "HEAD"), manifests: others, from };

  const plan = await run("plan --prune-removed", merged);
  expect([plan.status, plan.became]).toEqual([0, ["delete alpha planned"]]);
  expect(plan.result.orphans.map(({ group }) => group)).toEqual(["alpha", "legacy"]);
  const sync = await run("sync --prune-removed", merged);
  expect([sync.status, sync.became, methodsOf(sync.world)]).toEqual([
    0,
    ["delete alpha applied"],
    ["DELETE"],
  ]);
  const left = [...from.state.webhooks.values()].map(({ name }) => name.replace(/-\w{8}$/, ""));
  expect(left.sort()).toEqual(["beta", "delta", "gamma", "legacy-by-hand"]);
  expect((await run("sync --prune-removed", merged)).became).toEqual([]);
});

test("without the flag, and for what was written from edited manifests or from no commit, nothing is deleted", async () => {
  const { second, from } = await removed();
  expect((await run("plan", { commit: second, manifests: others, from })).became).toEqual([]);
  for (const written of ["dirty", null]) {
    const commitOfSync = written === null ? null : `${commit(four)}-${written}`;
    const { world } = await run("sync", { commit: commitOfSync, manifests: four });
    const plan = await run("plan --prune-removed", {
      ...{ commit: commit(others), manifests: others, from: world },
    });
    expect([plan.status, plan.became, plan.warnings]).toEqual([0, [], []]);
    expect(plan.result.orphans).toHaveLength(1);
  }
});

test("without a trail nothing is deleted", async () => {
  const { second, from } = await removed();
  from.files.take(`/${trailPath}`);
  from.files.take("/.reconcile/head.json");
  const plan = await run("plan --prune-removed", { commit: second, manifests: others, from });
  expect([plan.became, plan.result.orphans.length]).toEqual([[], 1]);
});

test("a branch that is behind deletes nothing, and says so", async () => {
  commit(others);
  git("switch", "--quiet", "--create", "behind");
  git("switch", "--quiet", "main");
  const ahead = commit(four);
  const { world: from } = await run("sync", { commit: ahead, manifests: four });
  git("switch", "--quiet", "behind");
  const behind = git("rev-parse", "HEAD");
  const sync = await run("sync --prune-removed", { commit: behind, manifests: others, from });
  expect([sync.status, sync.became]).toEqual([0, []]);
  expect(sync.about("pruneRemoved/noAncestor")).toMatchObject([
    {
      severity: "warning",
      message: `--prune-removed leaves 1 webhook of group "alpha", which has no manifest: commit ${ahead.slice(0, 12)}, from which reconcile last wrote it, is no ancestor of the present commit ${behind.slice(0, 12)}`,
    },
  ]);
});

test("a shallow clone that cannot tell is an error that names fetch-depth, and the rest is applied", async () => {
  const { first, from } = await removed();
  const more = { ...others, epsilon: manifest("epsilon") };
  const third = commit(more);
  git("clone", "--quiet", "--depth=1", `file://${repository}`, join(root, "shallow"));
  enter(join(root, "shallow"));
  const at = { commit: third, manifests: more, from };
  const sync = await run("sync --prune-removed", at);
  expect([sync.status, sync.became, sync.codes]).toEqual([
    1,
    ["create epsilon applied"],
    ["pruneRemoved/shallow"],
  ]);
  const [shallow] = sync.about("pruneRemoved/shallow");
  expect([shallow?.message, shallow?.hint]).toEqual([
    expect.stringContaining(first.slice(0, 12)),
    expect.stringContaining("fetch-depth: 0"),
  ]);
  git("fetch", "--quiet", "--unshallow");
  expect((await run("sync --prune-removed", at)).became).toEqual(["delete alpha applied"]);
});

test("a shallow clone that holds the commit can tell", async () => {
  const { second, from } = await removed();
  git("clone", "--quiet", "--depth=2", `file://${repository}`, join(root, "shallow"));
  enter(join(root, "shallow"));
  const plan = await run("plan --prune-removed", { commit: second, manifests: others, from });
  expect(plan.became).toEqual(["delete alpha planned"]);
});

test("where Git tells no commit, or does not answer, it is an error", async () => {
  const { second, from } = await removed();
  const nowhere = await run("plan --prune-removed", { commit: null, manifests: others, from });
  expect([nowhere.status, nowhere.became, nowhere.codes]).toEqual([1, [], ["pruneRemoved/noCommit"]]);
  mkdirSync(join(root, "empty"));
  enter(join(root, "empty"));
  const silent = await run("plan --prune-removed", { commit: second, manifests: others, from });
  expect([silent.became, silent.codes]).toEqual([[], ["pruneRemoved/noCommit"]]);
});

test("what only an edit removed stays, and the warning says to commit it", async () => {
  const { first, second, from } = await removed();
  for (const commit of [`${first}-dirty`, `${second}-dirty`]) {
    const plan = await run("plan --prune-removed", { commit, manifests: others, from });
    expect([plan.status, plan.became, plan.warnings]).toEqual([0, [], ["pruneRemoved/uncommitted"]]);
  }
});

test("at the very commit from which it was applied nothing is removed: the manifest is in another folder", async () => {
  const { first, from } = await removed();
  const plan = await run("plan --prune-removed", { commit: first, manifests: others, from });
  expect([plan.status, plan.became, plan.result.orphans.length]).toEqual([0, [], 1]);
});

describe("two configs of one owner that share a trail", () => {
  const configOf = (folder: string): string => `${config}manifests: ${folder}\nmaxDeletePercent: 100\n`;
  type Files = Readonly<Record<string, string>>;
  const before: Files = {
    ...{ "a.yaml": configOf("a"), "b.yaml": configOf("b") },
    ...{ "a/alpha.yaml": manifest("alpha"), "a/beta.yaml": manifest("beta") },
    ...{ "b/gamma.yaml": manifest("gamma"), "b/delta.yaml": manifest("delta") },
  };

  /** Makes a commit of these files, and runs the command where Git has checked it out. */
  async function at(files: Files, argv: string, from?: TestWorld) {
    for (const name of readdirSync(repository))
      if (name !== ".git") rmSync(join(repository, name), { recursive: true });
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(repository, path)), { recursive: true });
      writeFileSync(join(repository, path), text);
    }
    git("add", "--all");
    git("commit", "--quiet", "--allow-empty", "--message", argv);
    return runHere(files, argv, from);
  }

  /** Runs the command at the commit that Git has checked out. */
  async function runHere(files: Files, argv: string, from?: TestWorld) {
    for (const path of from?.files.paths() ?? [])
      if (/^\/[ab]\//.test(path) && !(path.slice(1) in files)) from?.files.take(path);
    for (const [path, text] of Object.entries(files)) from?.files.set(path, text);
    const world = from ? { from } : { files };
    return seeWorld({ argv, commit: git("rev-parse", "HEAD"), ...world, ...realGit });
  }

  async function bothSynced(files = before): Promise<TestWorld> {
    const first = await at(files, "sync --config a.yaml");
    return (await at(files, "sync --config b.yaml", first.world)).world;
  }

  test("neither deletes what the other one's manifests declare, and a warning names the file", async () => {
    const from = await bothSynced();
    for (const [name, file, group] of [
      ["a", "b/delta.yaml", "delta"],
      ["b", "a/alpha.yaml", "alpha"],
    ] as const) {
      const sync = await at(before, `sync --prune-removed --config ${name}.yaml`, from);
      expect([sync.status, sync.became]).toEqual([0, []]);
      expect(sync.about("pruneRemoved/stillDeclared")).toHaveLength(2);
      expect(sync.about("pruneRemoved/stillDeclared")[0]).toMatchObject({
        ...{ severity: "warning", file },
        message: expect.stringContaining(`group "${group}"`) as unknown,
      });
    }
    expect(from.state.webhooks.size).toBe(4);
  });

  test("each deletes what is removed from its own", async () => {
    const from = await bothSynced();
    const left = Object.fromEntries(Object.entries(before).filter(([path]) => path !== "a/alpha.yaml"));
    const sync = await at(left, "sync --prune-removed --config a.yaml", from);
    expect(sync.became).toEqual(["delete alpha applied"]);
  });

  test("a manifest under another name beside the old one, or with a value in its group, counts as the other one's", async () => {
    const from = await bothSynced();
    const { "a/alpha.yaml": alpha = "", "a/beta.yaml": beta = "", ...left } = before;
    const files = {
      ...left,
      "a/team/renamed.yaml": `${beta}---\n${alpha}`,
    };
    const sync = await at(files, "sync --prune-removed --config b.yaml", from);
    expect([sync.became, sync.about("pruneRemoved/stillDeclared").map(({ file }) => file)]).toEqual([
      [],
      ["a/team/renamed.yaml", "a/team/renamed.yaml"],
    ]);
    const valued = alpha
      .replace("spec:\n", "spec:\n  consumerGroupId: ${name}pha\n")
      .replace("name: alpha", "name: x");
    const next = await at(
      { ...left, "a/alpha.yaml": valued },
      "sync --prune-removed --config b.yaml",
      from,
    );
    expect([next.became, next.about("pruneRemoved/stillDeclared").map(({ file }) => file)]).toEqual([
      ["delete beta applied"],
      ["a/alpha.yaml"],
    ]);
  });

  test.each(["b/gamma.yaml", "c/d/gamma.yaml", "gamma.yml"])(
    "what the other one's manifest declares stays, wherever a commit moved that manifest: to %s",
    async (moved) => {
      const { "b/gamma.yaml": gamma = "", ...left } = before;
      const from = await bothSynced({ ...left, "b/eu/gamma.yaml": gamma });
      const sync = await at({ ...left, [moved]: gamma }, "sync --prune-removed --config a.yaml", from);
      expect([sync.status, sync.became]).toEqual([0, []]);
      expect(sync.about("pruneRemoved/stillDeclared").map(({ file }) => file)).toEqual([
        "b/delta.yaml",
        moved,
      ]);
    },
  );

  test("what a submodule may declare by now stays, and a warning says so", async () => {
    const from = await bothSynced();
    rmSync(join(repository, "b"), { recursive: true });
    git("rm", "-r", "--quiet", "--cached", "b");
    git("update-index", "--add", "--cacheinfo", `160000,${git("rev-parse", "HEAD")},b`);
    git("commit", "--quiet", "--message", "b is a submodule");
    const sync = await runHere(before, "sync --prune-removed --config a.yaml", from);
    expect([sync.status, sync.became]).toEqual([0, []]);
    expect(sync.about("pruneRemoved/unseen").map(({ message }) => message)).toEqual([
      expect.stringContaining("b/delta.yaml, from which reconcile last wrote it, is in a submodule"),
      expect.stringContaining("b/gamma.yaml, from which reconcile last wrote it, is in a submodule"),
    ]);
  });

  test("what is in a file that the clone lacks may be declared: nothing is deleted, and it is an error", async () => {
    const from = await bothSynced();
    const { "b/gamma.yaml": gamma = "", ...left } = before;
    const moved = { ...left, "c/gamma.yaml": `${gamma}# moved\n` };
    expect((await at(moved, "plan --prune-removed --config a.yaml", from)).codes).toEqual([]);
    const blob = git("rev-parse", "HEAD:c/gamma.yaml");
    rmSync(join(repository, ".git/objects", blob.slice(0, 2), blob.slice(2)));
    const sync = await runHere(moved, "sync --prune-removed --config a.yaml", from);
    expect([sync.status, sync.became, sync.codes]).toEqual([1, [], ["pruneRemoved/noCommit"]]);
  });

  test("from another folder of the repository, too, what is declared stays, and what that folder does not show", async () => {
    const inFolder = (files: Files): Files =>
      Object.fromEntries(Object.entries(files).map(([path, text]) => [`t/${path}`, text]));
    const first = await at(inFolder(before), "sync --config t/a.yaml");
    const { world: from } = await at(inFolder(before), "sync --config t/b.yaml", first.world);
    for (const path of from.files.paths()) if (path.startsWith("/t/")) from.files.take(path);
    const { "b/gamma.yaml": _, ...left } = before;
    expect(_).toBeDefined();
    await at(inFolder(left), "plan --config t/a.yaml");
    enter(join(repository, "t"));
    const sync = await runHere(left, "sync --prune-removed --config a.yaml", from);
    expect([sync.status, sync.became]).toEqual([0, []]);
    expect(sync.about("pruneRemoved/stillDeclared").map(({ file }) => file)).toEqual(["b/delta.yaml"]);
    expect(sync.about("pruneRemoved/unseen").map(({ message }) => message)).toEqual([
      expect.stringMatching(/group "gamma".*t\/b\/gamma\.yaml/),
    ]);
  });

  test.each([
    ["another tool's file", "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: gamma\n"],
    ["a faulty file of another tool", "metadata:\n  name: gamma\n  list: [\n"],
    [
      "a file that holds both",
      `apiVersion: v1\nkind: Pod\nmetadata:\n  name: gamma\n---\n${manifest("other")}`,
    ],
  ])("%s declares no group", async (_, text) => {
    const from = await bothSynced();
    const { "b/gamma.yaml": gamma, ...left } = before;
    expect(gamma).toBeDefined();
    const sync = await at(
      { ...left, "b/k8s/crm.yaml": text },
      "plan --prune-removed --config a.yaml",
      from,
    );
    expect(sync.became).toEqual(["delete gamma planned"]);
  });

  test("a faulty manifest that holds the name, or one too large to be parsed, may declare the group", async () => {
    const from = await bothSynced();
    const { "b/gamma.yaml": gamma = "", ...left } = before;
    for (const text of [`${gamma}  more: [\n`, `${gamma}# ${"x".repeat(2 * 1024 * 1024)}\n`]) {
      const sync = await at(
        { ...left, "b/gamma.yaml": text },
        "plan --prune-removed --config a.yaml",
        from,
      );
      expect([sync.became, sync.about("pruneRemoved/stillDeclared").map(({ file }) => file)]).toEqual([
        [],
        ["b/delta.yaml", "b/gamma.yaml"],
      ]);
    }
  });
});

test("where a shallow clone cannot tell of several groups, it is one error", async () => {
  const first = commit(delta);
  let { world: from } = await run("sync", { commit: first, manifests: delta });
  let manifests = delta;
  for (const [name, text] of Object.entries(four)) {
    manifests = { ...manifests, [name]: text };
    from = (await run("sync", { commit: commit(manifests), manifests, from })).world;
  }
  const last = commit(delta);
  git("clone", "--quiet", "--depth=1", `file://${repository}`, join(root, "shallow"));
  enter(join(root, "shallow"));
  const plan = await run("plan --prune-removed", { commit: last, manifests: delta, from });
  expect(plan.about("pruneRemoved/shallow").map(({ message }) => message)).toEqual([
    expect.stringContaining("the manifests of 3 webhooks were removed"),
  ]);
});

test("what a run deleted is no deletion by somebody, whatever happened to the one before of its name", async () => {
  const { second, first, from } = await removed();
  // By hand: the pass after it puts a new one in its place.
  const [id = ""] = [...from.state.webhooks].find(([, { name }]) => name.startsWith("alpha-")) ?? [];
  from.state.webhooks.delete(id);
  const healed = await run("sync", { commit: first, manifests: four, from });
  expect(healed.became).toEqual(["create alpha applied"]);
  await run("sync --prune-removed", { commit: second, manifests: others, from: healed.world });
  const back = await run("plan", { commit: first, manifests: four, from: healed.world });
  expect(back.result.operations.map(({ reason }) => reason)).toEqual(["the consumer group is new"]);
});

test("what a rollback brought back stays", async () => {
  const { second, from } = await removed();
  const at = { commit: second, manifests: others, from };
  await run("sync --prune-removed", at);
  const rollback = await run("rollback --last", at);
  expect(rollback.became).toEqual(["create alpha applied"]);
  const plan = await run("plan --prune-removed", at);
  expect([plan.became, plan.result.orphans.length]).toEqual([[], 1]);
});

test("what somebody gave another group since stays", async () => {
  const { second, from } = await removed();
  const [alpha] = [...from.state.webhooks.values()].filter(({ name }) => name.startsWith("alpha"));
  if (!alpha) throw new Error("the sync made no webhook of alpha");
  const description = alpha.description.replace("group: alpha", "group: omega");
  from.state.webhooks.set(alpha.id, { ...alpha, description });
  const plan = await run("plan --prune-removed", { commit: second, manifests: others, from });
  expect([plan.became, plan.result.orphans.map(({ group }) => group)]).toEqual([[], ["omega"]]);
});

test("the guard holds", async () => {
  const { from } = await removed();
  const at = { commit: commit(delta), manifests: delta, from };
  const refused = await run("sync --prune-removed", at);
  expect([refused.status, refused.became, refused.codes]).toEqual([
    1,
    ["delete alpha skipped", "delete beta skipped", "delete gamma skipped"],
    ["prune/tooMany"],
  ]);
  const allowed = await run("plan --prune-removed --allow-deletes", at);
  expect(allowed.became).toHaveLength(3);
});

test("--group limits it, and --selector is an error", async () => {
  const { second, from } = await removed();
  const at = { commit: second, manifests: others, from };
  expect((await run("plan --prune-removed --group beta", at)).became).toEqual([]);
  expect((await run("plan --prune-removed --group alpha", at)).became).toEqual(["delete alpha planned"]);
  const selected = await run("plan --prune-removed --selector team=data", at);
  expect([selected.status, selected.codes]).toEqual([1, ["prune/withSelector"]]);
});

test("a saved plan holds the flag, and apply asks Git again", async () => {
  const { second, from } = await removed();
  const at = { commit: second, manifests: others, from };
  await run("plan --prune-removed --out plan.json", at);
  expect(JSON.parse(from.files.text("/plan.json"))).toMatchObject({ overrides: { pruneRemoved: true } });
  git("clone", "--quiet", "--depth=1", `file://${repository}`, join(root, "shallow"));
  enter(join(root, "shallow"));
  const shallow = await run("apply plan.json", at);
  expect([shallow.status, shallow.codes]).toEqual([1, ["pruneRemoved/shallow"]]);
  enter(repository);
  const applied = await run("apply plan.json", at);
  expect([applied.status, applied.became]).toEqual([0, ["delete alpha applied"]]);
});

test.each(kinds)("$nouns are deleted, too, of a kind that no manifest names any more", async (kind) => {
  const manifests = { ...others, alpha: manifest("alpha", { kind }) };
  const { world: from } = await run("sync", { commit: commit(manifests), manifests });
  const sync = await run("sync --prune-removed --allow-deletes", {
    ...{ commit: commit(others), manifests: others, from },
  });
  expect(sync.status).toBe(0);
  expect(kind.stored(from.state).filter(({ description }) => description.includes("alpha"))).toEqual([]);
  expect((await run("plan", { commit: commit(others), manifests: others, from })).result.orphans).toEqual(
    [],
  );
});

test("with --base the delete is part of the change that removes the manifest, and pending where an earlier one did", async () => {
  const { second, from } = await removed();
  for (const [base, origin] of [
    [four, "change"],
    [others, "pending"],
  ] as const) {
    const at = { commit: second, manifests: others, from, revisions: { main: filesOf(base) } };
    const plan = await run("plan --prune-removed --base main", at);
    expect(plan.result.operations).toMatchObject([{ action: "delete", group: "alpha", origin }]);
  }
});

test("the comment of a pull request lists first what merging it deletes", async () => {
  const { second, from } = await removed();
  from.files.take("/subscriptions/alpha.yaml");
  const comment = async (base: Manifests) => {
    const { out } = await runWorld({
      ...{ argv: "plan --prune-removed --base main --output markdown", commit: second, from },
      revisions: { main: filesOf(base) },
      ...realGit,
    });
    return out;
  };
  expect(await comment(four)).toContain(`webhooks unchanged

**Deletes 1 webhook**:

- \`alpha\`: \`https://events.example.com/alpha\`: no manifest declares this group

`);
  expect(await comment(others)).not.toContain("**Deletes");
});
