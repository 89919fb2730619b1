// `--base`: what a change does, apart from what was pending before it.
import { expect, test } from "vitest";
import type { Result } from "../../src/model/result.ts";
import { loggedIn, manifest, putWebhook, runWorld, type TestWorld } from "../support/world.ts";

const [one, two] = ["https://events.example.com/split", "https://events.example.com/p2"] as const;
const eventTypes = ["a.one", "a.two", "a.three", "a.four"];
const config = (more: string): string =>
  `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n${more}\n`;

/** As on main: `kept` and `split` are live; `kept` was then disabled by hand. */
const base = {
  "subscriptions/kept.yaml": manifest("kept"),
  "subscriptions/late.yaml": manifest("late"),
  "subscriptions/split.yaml": manifest("split", { eventTypes, pool: [one] }),
  "subscriptions/undone.yaml": manifest("undone"),
};

/** The pull request: splits `split`, adds `fresh`, drops `undone`. */
const head: Readonly<Record<string, string>> = {
  "subscriptions/fresh.yaml": manifest("fresh"),
  "subscriptions/kept.yaml": base["subscriptions/kept.yaml"],
  "subscriptions/late.yaml": base["subscriptions/late.yaml"],
  "subscriptions/split.yaml": manifest("split", { eventTypes, pool: [one, two] }),
};

async function liveWorld(): Promise<TestWorld> {
  const { world } = await runWorld({
    argv: "sync --group kept split",
    files: base,
  });
  for (const [id, webhook] of world.state.webhooks) {
    if (webhook.description.includes("kept"))
      world.state.webhooks.set(id, { ...webhook, state: "disabled" });
  }
  for (const path of Object.keys(base)) world.files.take(path);
  for (const [path, text] of Object.entries(head)) world.files.set(path, text);
  return world;
}

const planOn = async (
  world: TestWorld,
  revision: Readonly<Record<string, string>>,
  argv = "plan --base main --output json",
) => {
  const ran = await runWorld({ argv, from: world, revisions: { main: revision } });
  return { ...ran, result: JSON.parse(ran.out.startsWith("{") ? ran.out : "{}") as Result };
};

test("each operation says whose it is, what became needless has a line, and the platform is listed once", async () => {
  const { status, result, world } = await planOn(await liveWorld(), base);
  expect(result.operations.map(({ group, action, origin }) => [group, action, origin])).toEqual([
    ["fresh", "create", "change"],
    ["kept", "update", "pending"],
    ["late", "create", "pending"],
    ["split", "create", "change"],
    ["split", "update", "change"],
  ]);
  const nothing = { create: 0, update: 0, delete: 0, adopt: 0, movedEventTypes: 0, skipped: 0 };
  expect(result.base).toEqual({
    ref: "main",
    commit: "c".repeat(40),
    manifests: "read",
    change: { ...nothing, create: 2, update: 1, movedEventTypes: 2 },
    pending: { ...nothing, create: 1, update: 1 },
    obsolete: [
      {
        action: "create",
        group: "undone",
        endpoint: "https://events.example.com/undone",
        webhookId: null,
        name: "undone-b5136aaf",
        reason: "the consumer group is new",
      },
    ],
  });
  expect([status, result.diagnostics]).toEqual([0, []]);
  // The list no longer shows one that the trail knows, so it is read by its id before it counts as gone.
  expect(world.requests).toEqual([
    "POST /oauth/token",
    "GET /api/v2/webhooks",
    "GET /api/v2/webhooks/id-7",
  ]);
});

test("text: pending operations say so, and what this change does stands above the count", async () => {
  const { out } = await planOn(await liveWorld(), base, "plan --base main");
  expect(out).toContain(`
kept  subscriptions/kept.yaml:1
  ~ https://events.example.com/kept  2 event types
      changed outside this repository; state disabled → enabled
      pending before this change
      ~ state disabled → enabled
`);
  expect(out.split("\n").slice(-5)).toEqual([
    "Against main (ccccccc): this change has 2 to create, 1 to update; 2 event types move",
    "Pending before it: 1 to create, 1 to update",
    'No longer needed: create of https://events.example.com/undone in group "undone"',
    "Plan: 3 to create, 2 to update, 0 to delete, 0 to adopt, 0 unchanged; 2 event types move",
    "",
  ]);
});

test("a webhook to which something else was to be done is of both", async () => {
  const world = await liveWorld();
  world.files.set("subscriptions/kept.yaml", manifest("kept", { eventTypes: ["a.created"] }));
  const { result } = await planOn(world, base);
  expect(result.operations.find(({ group }) => group === "kept")).toMatchObject({ origin: "both" });
});

test("a group that this change leaves without a manifest is an orphan of its own", async () => {
  const world = await liveWorld();
  world.files.take("subscriptions/kept.yaml");
  putWebhook(world.state, { id: "w-old", group: "long-gone", owner: "default" });
  const { result } = await planOn(world, base);
  expect(result.orphans.map(({ group, origin }) => [group, origin])).toEqual([
    ["kept", "change"],
    ["long-gone", "pending"],
  ]);
  const pruned = await planOn(world, base, "plan --base main --prune --allow-deletes --output json");
  const deletes = pruned.result.operations.filter(({ action }) => action === "delete");
  expect(deletes.map(({ group, origin }) => [group, origin])).toEqual([
    // It was to be enabled again before.
    ["kept", "both"],
    ["long-gone", "pending"],
  ]);
});

test("taking a freeze away makes what it held back this change's", async () => {
  const frozen = manifest("late").replace(
    "  name: late",
    '  name: late\n  annotations: { reconcile.genesys/freeze: "a while" }',
  );
  const { result } = await planOn(await liveWorld(), { ...base, "subscriptions/late.yaml": frozen });
  expect(result.operations.find(({ group }) => group === "late")).toMatchObject({ origin: "change" });
});

test("the config of the base counts there: its owner, its folder, its catalogue", async () => {
  const world = await liveWorld();
  world.files.set("reconcile.yaml", config("catalog: types.txt"));
  world.files.set("types.txt", ["a.created", "a.ended", ...eventTypes].join("\n"));
  const moved = {
    "reconcile.yaml": config("manifests: subs\ncatalog: old-types.txt"),
    "old-types.txt": "a.created\na.ended\n",
    "subs/kept.yaml": manifest("kept"),
  };
  const { result } = await planOn(world, moved);
  expect(result.base).toMatchObject({ manifests: "read" });
  expect(result.operations.filter(({ origin }) => origin === "pending").map(({ group }) => group)).toEqual([
    "kept",
  ]);
  const { result: refused } = await planOn(world, { ...moved, "old-types.txt": "a.created\n" });
  expect(refused.base).toMatchObject({ manifests: "invalid" });
});

test.each([
  ["a folder that is not there", { "README.md": "hello" }],
  ["an empty folder", { "subscriptions/README.md": "hello" }],
])(
  "%s: everything is this change, with a note, and nothing was about to be deleted",
  async (_, revision) => {
    const { status, result } = await planOn(
      await liveWorld(),
      revision,
      "plan --base main --prune --output json",
    );
    expect(result.operations.every(({ origin }) => origin === "change")).toBe(true);
    expect(result.base).toMatchObject({ manifests: "absent", obsolete: [] });
    const message = "there are no manifests at main, so every operation counts as part of this change";
    expect(result.diagnostics).toMatchObject(
      [
        { severity: "warning", code: "base/absent", message },
        { severity: "warning", code: "prune/defaultOwner" },
      ].slice(0, result.diagnostics.length),
    );
    expect(status).toBe(0);
  },
);

test("a push with nothing before it has everything to itself", async () => {
  const { world } = await runWorld({ argv: "plan", files: head });
  const zeros = "0".repeat(40);
  const { out } = await runWorld({ argv: `plan --base ${zeros} --output json`, from: world });
  const { base: found, operations } = JSON.parse(out) as Result;
  expect(found).toMatchObject({ ref: zeros, commit: null, manifests: "absent" });
  expect(operations.every(({ origin }) => origin === "change")).toBe(true);
});

test.each([
  [
    "manifests",
    { "subscriptions/a.yaml": "kind: Nonsense\n", "subscriptions/b.yaml": "nope" },
    "its manifests are not valid: this file is not a manifest, because it does not begin with apiVersion: reconcile.genesys/v1 at subscriptions/a.yaml:1 and 1 more",
  ],
  ["a config", { "reconcile.yaml": "nope" }, "its config is not valid: the document must be a map"],
  [
    "another region",
    { "reconcile.yaml": config("environment: mypurecloud.de") },
    "its config is for mypurecloud.de, and this one for mypurecloud.com",
  ],
])("%s of no use: nothing is told apart, with a warning", async (_, revision, why) => {
  const { status, result } = await planOn(await liveWorld(), revision);
  expect(result.operations.every(({ origin }) => (origin ?? null) === null)).toBe(true);
  expect(result.base).toMatchObject({ manifests: "invalid", change: null, pending: null });
  expect(result.diagnostics).toMatchObject([{ severity: "warning", code: "base/invalid" }]);
  expect(result.diagnostics[0]?.message).toContain(
    `this change cannot be separated from what was already pending at main: ${why}`,
  );
  expect(status).toBe(0);
});

test("a revision that is not there is an error, and nothing is sent", async () => {
  const { status, err, world } = await runWorld({ argv: "plan --base nope", files: head });
  expect([status, world.requests]).toEqual([1, []]);
  expect(err).toContain('error: this clone does not hold "nope" [base/unknown]');
});

test("a sync takes none", async () => {
  const { status, err, world } = await runWorld({
    argv: "sync --base main",
    files: head,
    environment: loggedIn,
    revisions: { main: base },
  });
  expect([status, world.requests]).toEqual([1, []]);
  expect(err).toBe(
    "error: --base only shows what a change does, so it cannot be used in a sync that writes [base/withoutDryRun]\n" +
      "  = use it with `reconcile plan` or --dry-run\n\n",
  );
});
