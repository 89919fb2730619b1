// What Git has to do after a rollback, and what --write-manifests does of it.
import { expect, test } from "vitest";
import { seeWorld } from "../support/see.ts";
import { reseal } from "../support/reseal.ts";
import {
  manifest,
  plantTrail,
  putWebhook,
  runWorld,
  type TestWorld,
  trailPath,
  type WorldOptions,
  writesOf,
} from "../support/world.ts";
import {
  alphaOf,
  changed,
  commits,
  errorsIn,
  find,
  rollback,
  rolledBack,
  shapesIn,
} from "./rolled-back.ts";

// Git

test("it says that Git must follow: which manifests there are, which there are not, of which run, and back to which commit", async () => {
  const { world, runId } = await changed();
  const { out } = await rollback(world, "--last --dry-run");
  const there = ["alpha", "beta", "new"].map((name) => `subscriptions/${name}.yaml`).join(", ");
  const files = `${there}; there is no subscriptions/old.yaml`;
  expect(out).toMatch(
    new RegExp(
      `^warning: Git must follow: the manifests \\(${files}\\) still declare what run ${runId} \\(2026-\\S+Z, tester@host\\) applied, so the next sync or daemon applies it again \\[rollback/gitMustFollow\\]\n` +
        "  = take the change of commit 222222222222 back in Git and commit, or pass --write-manifests, which puts them back as they were \\(as at commit 111111111111\\)\n",
      "m",
    ),
  );
});

test("of a run that only adopted, it says what a sync does then, and not that Git must follow", async () => {
  const files = {
    "subscriptions/alpha.yaml": manifest("alpha"),
    "subscriptions/gamma.yaml": manifest("gamma"),
  };
  const { world } = await runWorld({ argv: "--group alpha", files, commit: commits.first });
  putWebhook(world.state, { id: "w1", group: "gamma" });
  await runWorld({ argv: "--adopt", from: world, commit: commits.first });
  for (const flags of ["--last --dry-run", "--last"]) {
    const { warnings, about } = await rolledBack(world, flags);
    expect(warnings).toEqual(["rollback/gitMustFollow"]);
    expect(
      about("rollback/gitMustFollow")
        .map(({ message }) => message)
        .join("\n"),
    ).toMatch(
      /^after this rollback group "gamma" has no owner, as before run \S+: a sync skips it and exits 1 for as long as subscriptions\/gamma\.yaml declares it$/,
    );
  }
  const sync = await seeWorld({ argv: "", from: world });
  expect([sync.status, sync.codes, writesOf(sync.world)]).toEqual([1, ["ownership/unmarked"], []]);
  expect((await seeWorld({ argv: "--adopt", from: world })).became).toEqual(["adopt gamma applied"]);
  world.files.take("subscriptions/gamma.yaml");
  expect((await rolledBack(world, "--last")).warnings).toEqual([]);
  expect((await seeWorld({ argv: "", from: world })).status).toBe(0);
});

test("of a release that is taken back, it does not say that Git must follow", async () => {
  const files = {
    "subscriptions/alpha.yaml": manifest("alpha"),
    "subscriptions/gamma.yaml": manifest("gamma"),
  };
  const { world } = await runWorld({ argv: "", files, commit: commits.first });
  await runWorld({ argv: "release --group gamma --yes", from: world });
  expect((await rolledBack(world, "--last")).warnings).toEqual([]);
  expect((await seeWorld({ argv: "", from: world })).became).toEqual([]);
});

/** Two groups, of which one is given up and has no manifest any more. */
async function released() {
  const files = {
    "subscriptions/alpha.yaml": manifest("alpha"),
    "subscriptions/gamma.yaml": manifest("gamma"),
  };
  const { world } = await runWorld({ argv: "", files, commit: commits.first });
  await runWorld({ argv: "release --group gamma --yes", from: world, commit: commits.first });
  world.files.take("subscriptions/gamma.yaml");
  return world;
}

const ownedAgain =
  'after this rollback group "gamma" has an owner again and no manifest: a sync that prunes deletes it (--prune, --prune-removed or `prune: true`)';

test("of a release that is taken back after its manifest was removed, it says that a prune deletes the group, and where its manifest is", async () => {
  const world = await released();
  const { workingTree } = tree(["alpha", "gamma"]);
  for (const flags of ["--last --dry-run", "--last"])
    expect((await rolledBack(world, flags, { workingTree })).about("rollback/gitMustFollow")).toMatchObject(
      [
        {
          message: ownedAgain,
          hint: "put subscriptions/gamma.yaml back as at commit 111111111111 and commit, or give it up again with `reconcile release`",
        },
      ],
    );
  const sync = await seeWorld({ argv: "--prune --allow-deletes", from: world });
  expect(sync.became).toEqual(["delete gamma applied"]);
});

test.each<[string, Partial<WorldOptions>]>([
  ["without Git", {}],
  ["where the commit does not have it", { workingTree: tree(["alpha"]).workingTree }],
])("%s, it names no commit that has the manifest of a release that is taken back", async (_, options) => {
  const { about } = await rolledBack(await released(), "--last", options);
  expect(about("rollback/gitMustFollow")).toMatchObject([
    {
      message: ownedAgain,
      hint: "put the manifest back and commit, or give it up again with `reconcile release`",
    },
  ]);
});

test("where another manifest is invalid, a manifest of a release that is taken back counts if its file is there", async () => {
  const files = Object.fromEntries(
    ["alpha", "beta", "delta", "gamma"].map((name) => [`subscriptions/${name}.yaml`, manifest(name)]),
  );
  const { world } = await runWorld({ argv: "", files, commit: commits.first });
  await runWorld({ argv: "release --group beta delta gamma --yes", from: world, commit: commits.first });
  for (const name of ["delta", "gamma"]) world.files.take(`subscriptions/${name}.yaml`);
  for (const name of ["alpha", "beta"]) world.files.set(`subscriptions/${name}.yaml`, "kind: Nonsense\n");
  const { about } = await rolledBack(world, "--last", tree(["delta", "gamma"]));
  expect(about("rollback/gitMustFollow")).toMatchObject([
    {
      message: expect.stringMatching(
        /^after this rollback groups "delta", "gamma" have an owner again and no manifests: a sync that prunes deletes them /,
      ) as string,
      hint: "put subscriptions/delta.yaml, subscriptions/gamma.yaml back as at commit 111111111111 and commit, or give them up again with `reconcile release`",
    },
  ]);
});

test("of a run that only pruned, it does not say that the next sync does that again, but that a prune does", async () => {
  const world = await released();
  await rolledBack(world, "--last");
  await runWorld({ argv: "--prune --allow-deletes", from: world, commit: commits.second });
  const { about, warnings } = await rolledBack(world, "--last", tree(["gamma"]));
  expect(about("rollback/gitMustFollow").map(({ message }) => message)).toEqual([ownedAgain]);
  expect(warnings).toEqual(["rollback/gitMustFollow"]);
  expect((await seeWorld({ argv: "", from: world })).became).toEqual([]);
});

test("a manifest that does not declare an adopted group any more is not named as one that does", async () => {
  const { world } = await runWorld({ argv: "", files: { "subscriptions/alpha.yaml": manifest("alpha") } });
  putWebhook(world.state, { id: "w1", group: "gamma" });
  world.files.set("subscriptions/gamma.yaml", manifest("gamma"));
  await runWorld({ argv: "--adopt", from: world, commit: commits.second });
  world.files.set("subscriptions/gamma.yaml", manifest("other"));
  expect((await rolledBack(world, "--last")).warnings).toEqual([]);
});

test("the dry run with `--write-manifests` says which manifest of an adoption or a release it would remove or put back", async () => {
  const adopted = (
    await runWorld({
      argv: "",
      files: { "subscriptions/alpha.yaml": manifest("alpha") },
      commit: commits.first,
    })
  ).world;
  putWebhook(adopted.state, { id: "w1", group: "gamma" });
  adopted.files.set("subscriptions/gamma.yaml", manifest("gamma"));
  await runWorld({ argv: "--adopt", from: adopted, commit: commits.second });
  const dry = async (world: TestWorld, has: readonly string[]) =>
    (await rolledBack(world, "--last --dry-run --write-manifests", tree(has)))
      .about("rollback/gitMustFollow")
      .map(({ message }) => message);
  const would = "Git must follow: without --dry-run the rollback";
  expect(await dry(adopted, ["alpha"])).toEqual([
    `${would} removes subscriptions/gamma.yaml (as at commit 111111111111)`,
  ]);
  expect(await dry(await released(), ["alpha", "gamma"])).toEqual([
    `${would} puts subscriptions/gamma.yaml back (as at commit 111111111111)`,
  ]);
  expect(await dry(await released(), ["alpha"])).toEqual([ownedAgain]);
});

test("after `--write-manifests` of a release it says what a prune of the last commit does", async () => {
  const world = await released();
  const { workingTree } = tree(["alpha", "gamma"]);
  const restore = async () => {
    await world.files.write("subscriptions/gamma.yaml", manifest("gamma"));
  };
  const { out } = await rollback(world, "--last --write-manifests", {
    workingTree: { ...workingTree, restore },
  });
  expect(out).toContain(
    "are as at commit 111111111111 (subscriptions/gamma.yaml) [rollback/manifestsWritten]",
  );
  expect(out).toContain(
    "  = look at git diff, and commit: until then a sync of the last commit that prunes deletes each group that the commit does not declare\n",
  );
  expect(out).not.toContain("has an owner again");
});

test("of a rollback that is taken back, it says that Git must follow only if it followed the rollback", async () => {
  const { world, runId } = await changed();
  await rolledBack(world, "--last");
  const { out } = await rollback(world, "--last");
  const there = ["alpha", "beta", "new"].map((name) => `subscriptions/${name}.yaml`).join(", ");
  expect(out).toMatch(
    new RegExp(
      `^warning: Git must follow only if it followed run \\S+ \\(2026-\\S+Z, tester@host\\), which took run ${runId} back: ` +
        `if the manifests \\(${there}; there is no subscriptions/old.yaml\\) are as before run ${runId}, the next sync or daemon takes that back again \\[rollback/gitMustFollow\\]\n` +
        "  = if they are, take what followed the rollback back in Git and commit, or pass --write-manifests, which puts them back as they were \\(as at commit 222222222222\\)\n",
      "m",
    ),
  );
  expect((await seeWorld({ argv: "", from: world })).became).toEqual([]);
});

test("it names no manifest of a group that is not rolled back", async () => {
  const { world } = await changed();
  world.state.webhooks.set(find(world, "alpha").id, { ...find(world, "alpha"), state: "disabled" });
  for (const flags of ["--last --dry-run", "--last"]) {
    const { out } = await rollback(world, flags);
    expect(out).toContain("Git must follow: the manifests (subscriptions/beta.yaml, ");
  }
});

/** A repository whose first commit has the files named. */
function tree(has: readonly string[] = ["alpha", "beta", "old"], edited: readonly string[] = []) {
  const restored: string[] = [];
  const workingTree: WorldOptions["workingTree"] = {
    edited: () => Promise.resolve(edited),
    filesAt: (_commit, paths) =>
      Promise.resolve(paths.filter((path) => has.some((name) => path.includes(name)))),
    restore: (commit, paths) =>
      Promise.resolve(void restored.push(`${commit.slice(0, 4)}: ${paths.join(" ")}`)),
  };
  return { restored, workingTree };
}

test("`--write-manifests` puts them as they were before the run, and says what is left to do", async () => {
  const { world } = await changed();
  const { restored, workingTree } = tree();
  const dry = await rollback(world, "--last --dry-run --write-manifests", { workingTree });
  expect(dry.out).toContain(
    "  = without --dry-run they are put back as they were (as at commit 111111111111); then commit them\n",
  );
  expect(restored).toEqual([]);
  const { status, out } = await rollback(world, "--last --write-manifests", { workingTree });
  const path = (name: string) => `subscriptions/${name}.yaml`;
  expect(restored).toEqual([`1111: ${["alpha", "beta", "gamma", "new", "old"].map(path).join(" ")}`]);
  expect(out).toContain(
    `warning: Git must follow: the manifests are as at commit 111111111111 (${path("alpha")}, ${path("beta")}, ${path("old")}; removed ${path("gamma")}, ${path("new")}) [rollback/manifestsWritten]\n  = look at git diff, and commit`,
  );
  expect(status).toBe(0);
});

test("manifests of groups that are not rolled back stay as they are", async () => {
  const { world } = await changed();
  world.state.webhooks.set(find(world, "alpha").id, { ...find(world, "alpha"), state: "disabled" });
  const { restored, workingTree } = tree();
  const { status } = await rollback(world, "--last --write-manifests", { workingTree });
  expect(restored.join()).not.toContain("alpha");
  expect([status, restored.length]).toEqual([1, 1]);
});

test.each<[string, Partial<WorldOptions>, Partial<WorldOptions>, string, string]>([
  [
    "edits that are not committed",
    {},
    { workingTree: tree([], ["subscriptions/alpha.yaml"]).workingTree },
    "subscriptions/alpha.yaml has edits that are not committed",
    "commit or stash them, and try again",
  ],
  [
    "no Git",
    {},
    {},
    "Git cannot read commit 111111111111: fatal: not a git repository",
    "the commit must be in this clone",
  ],
])("`--write-manifests` is refused before anything is changed: %s", async (_, run, options, why, hint) => {
  const { world } = await changed(run);
  const { status, err, world: after } = await rollback(world, "--last --write-manifests", options);
  expect(errorsIn(err)).toEqual([`the manifests cannot be written: ${why} [rollback/manifests]`]);
  expect(err).toContain(`  = ${hint}`);
  expect([status, writesOf(after)]).toEqual([1, []]);
});

test.each<[string, (trail: string) => string, string]>([
  [
    "the run before was on edited manifests",
    (trail) => trail.replaceAll(commits.first, `${commits.first}-dirty`),
    "before the run they had uncommitted edits on top of commit 111111111111-dirty, and no record holds these edits",
  ],
  [
    "no commit is known",
    (trail) =>
      trail
        .replaceAll(/,?"commit":"[0-9a-f]+"(?=\}*,"(?:prevHash|accepted|pullRequest|ci))/g, "")
        .replaceAll(`"${commits.first}"`, "null")
        .replaceAll(`"${commits.second}"`, "null"),
    "the commit before the run is not known",
  ],
  [
    "a file elsewhere",
    (trail) => trail.replaceAll("subscriptions/alpha.yaml", ".github/workflows/x.yaml"),
    "the trail names .github/workflows/x.yaml, which is not a manifest in subscriptions/",
  ],
  [
    "a file outside",
    (trail) => trail.replaceAll("subscriptions/alpha.yaml", "subscriptions/../../x.yaml"),
    "the trail names subscriptions/../../x.yaml, which is not a manifest in subscriptions/",
  ],
  [
    "a commit that is a flag",
    (trail) => trail.replaceAll(commits.first, "--output=x"),
    "before the run they had uncommitted edits on top of commit --output=x, and no record holds these edits",
  ],
])("`--write-manifests` cannot be done: %s", async (_, edit, why) => {
  const { world } = await changed();
  plantTrail(world.files, reseal(edit(world.files.text(trailPath))));
  const { workingTree, restored } = tree();
  const { status, err, world: after } = await rollback(world, "--last --write-manifests", { workingTree });
  expect(errorsIn(err)).toEqual([`the manifests cannot be written: ${why} [rollback/manifests]`]);
  expect([status, writesOf(after), restored]).toEqual([1, [], []]);
});

test.each<[string, string, string]>([
  ["had edits that were not committed", `"commit":"${commits.first}"`, `"commit":"${commits.first}-dirty"`],
  ["are not all in the folder", "subscriptions/alpha.yaml", "elsewhere/alpha.yaml"],
])("`--write-manifests` is not offered where the manifests before the run %s", async (_, text, other) => {
  const { world } = await changed();
  plantTrail(world.files, reseal(world.files.text(trailPath).replaceAll(text, other)));
  for (const flags of ["--last --dry-run", "--last"]) {
    const { out } = await rollback(world, flags);
    expect(out).toContain("  = take the change of commit 222222222222 back in Git and commit\n");
  }
});

test("of a run that applied edits which were not committed, no commit is named to be taken back", async () => {
  const { world } = await changed({ commit: `${commits.second}-dirty` });
  const { out } = await rollback(world, "--last --dry-run");
  expect(out).toContain("  = take the change back in Git and commit, or pass --write-manifests, which");
});

test("of the first run on record, the commit of before is the parent of its own", async () => {
  const files = { "subscriptions/a.yaml": manifest("alpha") };
  const { world } = await runWorld({ argv: "", files, commit: commits.second });
  const { restored, workingTree } = tree([]);
  const parentOf = (commit: string) => Promise.resolve(commit === commits.second ? "3".repeat(40) : null);
  const { out } = await rollback(world, "--last --write-manifests", {
    workingTree: { ...workingTree, parentOf },
  });
  expect(restored).toEqual(["3333: subscriptions/a.yaml"]);
  expect(out).toContain("as at commit 333333333333 (removed subscriptions/a.yaml)");
});

test("a rollback has the commit that its state is from: the next one goes back to there", async () => {
  const { world } = await changed();
  await rollback(world, "--last");
  world.files.set("subscriptions/alpha.yaml", alphaOf("a.third"));
  world.files.set("subscriptions/old.yaml", manifest("old"));
  await runWorld({ argv: "", from: world, commit: "4".repeat(40) });
  const { out } = await rollback(world, "--last --dry-run");
  expect(out).toContain("(as at commit 111111111111)");
});

test("Git's refusal after the webhooks are rolled back is an error", async () => {
  const { world, before } = await changed();
  const restore = () => Promise.reject(new Error("error: unable to write file"));
  const { workingTree } = tree();
  const { status, out } = await rollback(world, "--last --write-manifests", {
    workingTree: { ...workingTree, restore },
  });
  expect(errorsIn(out)).toEqual([
    "the webhooks are rolled back, the manifests are not: error: unable to write file [rollback/manifests]",
  ]);
  expect([status, shapesIn(world)]).toEqual([1, before]);
});

test("JSON and Markdown, as of any pass", async () => {
  const { world } = await changed();
  const json = await rollback(world, "--last --dry-run --output json --detailed-exitcode");
  expect(JSON.parse(json.out)).toMatchObject({
    dryRun: true,
    ok: true,
    summary: { create: 1, update: 3, delete: 1, failed: 0, skipped: 0 },
    diagnostics: [{ code: "rollback/gitMustFollow" }, { code: "rollback/gitMustFollow" }],
  });
  expect(json.status).toBe(2);
  const markdown = await rollback(world, "--last --output markdown");
  expect(markdown.out).toMatch(
    /^<!-- reconcile -->\n\*\*This run created 1 webhook, updated 3 and deleted 1/,
  );
  expect(markdown.out).toContain("- **warning**: Git must follow");
});
