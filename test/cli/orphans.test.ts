// Groups whose manifest is gone are seen: in the counts, the headline, the outputs of a CI job, and the exit status.
import { expect, test } from "vitest";
import { loggedIn, runWorld } from "../support/world.ts";
import { seeWorld } from "../support/see.ts";
import { inSync } from "./synced.ts";

const environment = { ...loggedIn, GITHUB_ACTIONS: "true", GITHUB_OUTPUT: "/runner/output.txt" };

async function withoutAlpha() {
  const from = await inSync();
  from.files.take("subscriptions/alpha.yaml");
  return from;
}

test("the summary counts the orphans that stay: none that a run deletes, each that a guard keeps", async () => {
  const from = await withoutAlpha();
  const count = async (argv: string) => (await seeWorld({ argv, from })).result.summary.orphans;
  expect([
    await count("plan"),
    await count("plan --prune --allow-deletes"),
    await count("sync --prune"),
    await count("plan"),
  ]).toEqual([1, 0, 0, 0]);
  const kept = await withoutAlpha();
  kept.files.set(
    "reconcile.yaml",
    "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nmaxDeletePercent: 0\n",
  );
  kept.files.take("subscriptions/beta.yaml");
  const { result } = await seeWorld({ argv: "plan --prune --allow-empty", from: kept });
  expect(result.summary).toMatchObject({ skipped: 3, orphans: 3 });
});

test("the headline does not say that all is as declared while an orphan goes on delivering", async () => {
  const { out } = await runWorld({ argv: "plan --output markdown", from: await withoutAlpha() });
  expect(out).toContain(
    "**The declared groups need no change. 1 webhook of a group without a manifest goes on delivering.**",
  );
  const pruned = await runWorld({
    argv: "plan --output markdown --prune --allow-deletes",
    from: await withoutAlpha(),
  });
  expect(pruned.out).toContain("**A sync deletes 1 webhook.**");
});

test("outputs: orphans are counted, and are no change", async () => {
  const { world } = await runWorld({ argv: "plan", from: await withoutAlpha(), environment });
  const output = world.files.text("/runner/output.txt");
  expect(output).toMatch(/^changes<<(\S+)\nfalse\n\1$/m);
  expect(output).toMatch(/^orphans<<(\S+)\n1\n\1$/m);
});

test("--detailed-exitcode is 2 where a dry run finds orphans, and 0 where a sync changed nothing", async () => {
  const from = await withoutAlpha();
  const plan = await runWorld({ argv: "plan --detailed-exitcode", from });
  const sync = await runWorld({ argv: "sync --detailed-exitcode", from });
  expect([plan.status, sync.status]).toEqual([2, 0]);
});

test("an orphan that delivers a declared group's event types to the same endpoint is a warning of its own", async () => {
  const from = await inSync();
  const text = from.files.text("/subscriptions/alpha.yaml");
  from.files.set(
    "subscriptions/alpha.yaml",
    text.replaceAll(/(name|consumerGroupId): alpha/g, "$1: renamed"),
  );
  const renamed = await seeWorld({ argv: "sync", from });
  expect(renamed.became).toEqual(["create renamed applied"]);
  for (const argv of ["plan", "plan --group renamed"]) {
    const { about } = await seeWorld({ argv, from });
    expect(about("orphans/deliverToo")).toMatchObject([
      {
        severity: "warning",
        message: expect.stringMatching(
          /^https:\/\/events\.example\.com\/alpha gets a\.created and a\.ended of group "renamed" twice: webhook "alpha-\w+" \(id .+\) of group "alpha", which has no manifest, delivers there too$/,
        ) as string,
        file: "subscriptions/alpha.yaml",
      },
    ]);
  }
  const pruned = await seeWorld({ argv: "plan --prune --allow-deletes", from });
  expect(pruned.about("orphans/deliverToo")).toEqual([]);
  const [old] = [...from.state.webhooks.values()].filter(({ name }) => name.startsWith("alpha-"));
  if (old) from.state.webhooks.set(old.id, { ...old, state: "disabled" });
  expect((await seeWorld({ argv: "plan", from })).about("orphans/deliverToo")).toEqual([]);
});
