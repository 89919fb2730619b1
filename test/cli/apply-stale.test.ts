// A saved plan that no longer fits: everything for which it is refused.
import { expect, test } from "vitest";
import type { SavedPlan } from "../../src/model/saved-plan.ts";
import { makeSend } from "../../src/genesys/client/send.ts";
import { webhookName } from "../../src/model/ownership.ts";
import { makeWebhook } from "../../src/sandbox/state.ts";
import {
  loggedIn,
  manifest,
  putWebhook,
  runWorld,
  trailOf,
  forgetTrail,
  type TestWorld,
  writesOf,
} from "../support/world.ts";
import { alpha, apply, both, liveIn, plan, planChanges, savedIn, split } from "./saved-plans.ts";

const third = webhookName("beta", "https://p.example.com/3");

const changes: readonly (readonly [string, (world: TestWorld) => void, readonly string[]])[] = [
  [
    "a key of its manifest",
    ({ files }) => {
      files.set("subscriptions/alpha.yaml", manifest("alpha", { eventTypes: ["a.b"] }));
    },
    ['the manifest of group "alpha" has changed: spec.eventTypes [plan/manifestChanged]'],
  ],
  [
    "its label and its state",
    ({ files }) => {
      files.set(
        "subscriptions/alpha.yaml",
        manifest("alpha", { labels: "a: b", eventTypes: ["a.created"], tail: "  state: disabled" }),
      );
    },
    ['the manifest of group "alpha" has changed: metadata.labels, spec.state [plan/manifestChanged]'],
  ],
  [
    "its manifest is gone",
    ({ files }) => {
      files.take("subscriptions/alpha.yaml");
    },
    ['the manifest of group "alpha" is gone [plan/manifestChanged]'],
  ],
  [
    "a group to be pruned is declared",
    ({ files }) => {
      files.set("subscriptions/old.yaml", manifest("old"));
    },
    ['group "old", which had no manifest, has one now [plan/manifestChanged]'],
  ],
  [
    "a webhook that it updates is changed",
    ({ state }) => {
      edit(state, "alpha", { state: "disabled" });
    },
    ['webhook "alpha-7226f318" (id ID) of group "alpha" has changed: state [plan/webhookChanged]'],
  ],
  [
    "a webhook of its group that it does not write is changed",
    ({ state }) => {
      edit(state, "beta", { eventTypes: ["e.a"] });
    },
    ['webhook "beta-NAME" (id ID) of group "beta" has changed: eventTypes [plan/webhookChanged]'],
  ],
  [
    "a webhook that it prunes is gone",
    ({ state }) => state.webhooks.delete("w1"),
    ['webhook "old-by-hand" (id w1) of group "old" is gone [plan/webhookChanged]'],
  ],
  [
    "its group has one webhook more",
    ({ state }) => {
      putWebhook(state, { id: "w8", group: "alpha", endpoint: "https://x.example.com/" });
    },
    ['webhook "alpha-by-hand" (id w8) of group "alpha" was not there [plan/webhookChanged]'],
  ],
  [
    "somebody made what it would create",
    ({ state }) =>
      state.webhooks.set("w9", {
        ...makeWebhook("w9", {
          name: third,
          endpoint: "https://p.example.com/3",
          eventTypes: ["e.z"],
          retryPolicy: { retryCount: 3, retryInterval: "PT1M", retryOnTimeout: true },
          state: "enabled",
          description: "by hand",
        }),
      }),
    ['webhook "THIRD" (id w9) was not there [plan/webhookChanged]'],
  ],
];

function edit(
  state: TestWorld["state"],
  group: string,
  change: Partial<ReturnType<typeof makeWebhook>>,
): void {
  const webhook = [...state.webhooks.values()].find(({ name }) => name.startsWith(group));
  if (webhook) state.webhooks.set(webhook.id, { ...webhook, ...change });
}

test.each(changes)("refused as stale, with nothing written: %s", async (_, change, differences) => {
  const world = await planChanges();
  change(world);
  const { status, out, err, world: after } = await apply(world);
  const shown = err
    .split("\n")
    .filter((line) => line.startsWith("error: "))
    .map((line) =>
      line
        .replace(/id id-\d+/, "id ID")
        .replace(third, "THIRD")
        .replace(/"beta-\w+"/, '"beta-NAME"'),
    );
  const number = differences.length === 1 ? "1 difference" : `${differences.length} differences`;
  const title = `error: plan.json is stale: ${number} from what it was made from [plan/stale]`;
  expect(shown).toEqual([title, ...differences.map((text) => `error: ${text}`)]);
  expect(err).toContain("\n  = make a new plan with `reconcile plan --out FILE`\n");
  expect([status, out, writesOf(after)]).toEqual([1, "", []]);
  expect(trailOf(after.files).map(({ runId }) => runId)).not.toContain(savedIn(world).runId);
});

test("in the sandbox a stale plan is to be made again there", async () => {
  const around = { environment: {}, send: makeSend() };
  const files = { "subscriptions/a.yaml": manifest("alpha") };
  const { world } = await runWorld({ argv: "plan --sandbox --out plan.json", files, ...around });
  await world.files.write("subscriptions/a.yaml", manifest("alpha", { eventTypes: ["a.created"] }));
  const { status, err } = await runWorld({ argv: "apply plan.json --sandbox", from: world, ...around });
  expect(err).toContain("plan.json is stale: 1 difference");
  expect([status, err]).toEqual([
    1,
    expect.stringContaining("\n  = make a new plan with `reconcile plan --sandbox --out FILE`\n"),
  ]);
});

test("every difference is named, manifests at their places", async () => {
  const world = await planChanges();
  for (const [, change] of changes.slice(4)) change(world);
  world.files.set("subscriptions/alpha.yaml", `# new\n${manifest("alpha", { eventTypes: ["a.b"] })}`);
  const { err } = await apply(world);
  expect(err).toContain("plan.json is stale: 6 differences from what it was made from");
  expect(err).toContain("[plan/manifestChanged]\n  --> subscriptions/alpha.yaml:2:1\n");
});

test.each<[string, (world: TestWorld) => void]>([
  [
    "a comment",
    ({ files }) => {
      files.set("subscriptions/alpha.yaml", `# new\n\n${files.text("subscriptions/alpha.yaml")}`);
    },
  ],
  [
    "another manifest",
    ({ files }) => {
      files.set("subscriptions/new.yaml", manifest("gamma"));
    },
  ],
  [
    "a webhook of another owner",
    ({ state }) => {
      putWebhook(state, { id: "w7", group: "x", owner: "others" });
    },
  ],
  [
    "another orphan",
    ({ state }) => {
      putWebhook(state, { id: "w7", group: "older", owner: "default" });
    },
  ],
  [
    "the trail is not here",
    ({ files }) => {
      forgetTrail(files);
    },
  ],
])("other changes do not matter: %s", async (_, change) => {
  const world = await planChanges();
  change(world);
  const { status, out } = await apply(world);
  expect(out).toContain("Done: 1 created, 1 updated, 1 deleted, 0 adopted, 2 unchanged;");
  expect([status, world.state.webhooks.has("w7")]).toEqual([0, change.toString().includes("w7")]);
});

test("a group that the plan leaves as it is may change, and stays as it is", async () => {
  const start = await runWorld({ argv: "", files: both });
  start.world.files.set("subscriptions/beta.yaml", split.replace("e.d", "e.z"));
  const world = await plan({ from: start.world });
  world.files.set("subscriptions/alpha.yaml", manifest("alpha", { eventTypes: ["a.new"] }));
  const { status, out, world: after } = await apply(world);
  expect(out).toContain("Done: 0 created, 1 updated, 0 deleted, 0 adopted, 1 unchanged;");
  expect(writesOf(after)).toHaveLength(1);
  expect([status, liveIn(world)[0]]).toEqual([
    0,
    ["https://events.example.com/alpha", "a.created,a.ended"],
  ]);
});

test("a plan of the sandbox names the flag without which it was applied, and the other way round", async () => {
  const ofSandbox = await runWorld({
    argv: "plan --sandbox --out plan.json",
    files: alpha,
    send: makeSend(),
  });
  const here = await runWorld({ argv: "apply plan.json", from: ofSandbox.world, environment: {} });
  expect(here.err).toBe(
    "error: plan.json was made with --sandbox, and this apply is without it [plan/otherTarget]\n" +
      "  = run `reconcile apply plan.json --sandbox`, or make a new plan without --sandbox\n\n",
  );
  expect([here.status, here.world.requests]).toEqual([1, []]);
  const real = await plan({ files: alpha });
  const there = await runWorld({ argv: "apply plan.json --sandbox", from: real, send: makeSend() });
  expect(there.err).toBe(
    "error: plan.json was made without --sandbox, and this apply is with it [plan/otherTarget]\n" +
      "  = run `reconcile apply plan.json`, or make a new plan with --sandbox\n\n",
  );
  expect(there.status).toBe(1);
});

test("another environment and another owner are refused, with both names", async () => {
  const world = await plan({ files: alpha });
  world.files.set(
    "reconcile.yaml",
    "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nowner: voice\n",
  );
  const {
    status,
    err,
    world: after,
  } = await apply(world, {
    environment: { ...loggedIn, GENESYS_ENVIRONMENT: "mypurecloud.de" },
  });
  expect(err).toBe(
    'error: plan.json is for environment "mypurecloud.com", and this is environment "mypurecloud.de" [plan/otherTarget]\n' +
      '  = apply it where environment is "mypurecloud.com", or make a new plan here\n\n' +
      'error: plan.json is for owner "default", and this is owner "voice" [plan/otherTarget]\n' +
      '  = apply it where owner is "default", or make a new plan here\n\n',
  );
  expect([status, after.requests]).toEqual([1, []]);
});

test.each<[string, (saved: SavedPlan) => unknown]>([
  [
    "an endpoint",
    ({ plan: { operations } }) => ({
      operations: operations.map((step) => ({ ...step, endpoint: "https://evil.example.com/" })),
    }),
  ],
  [
    "what is sent",
    ({ plan: { operations } }) => ({
      operations: operations.map((step) => ({
        ...step,
        after: step.after && { ...step.after, endpoint: "https://evil.example.com/" },
      })),
    }),
  ],
  ["an operation more", ({ plan: { operations } }) => ({ operations: [...operations, ...operations] })],
  ["an operation less", () => ({ operations: [] })],
  ["a delete", ({ plan: { operations } }) => ({ prunes: operations.slice(0, 1) })],
])("a plan that was edited is refused: %s", async (_, change) => {
  const world = await plan({ files: alpha });
  const saved = savedIn(world);
  const edited = { ...saved, plan: { ...saved.plan, ...(change(saved) as object) } };
  world.files.set("plan.json", JSON.stringify(edited));
  const { status, out, err, world: after } = await apply(world);
  expect(err).toMatch(/^error: .*plan\.json (differs from a new plan|is stale)/);
  expect([status, out, writesOf(after)]).toEqual([1, "", []]);
});

test("a plan that says less of what it relies on is stale", async () => {
  const world = await planChanges();
  const saved = savedIn(world);
  world.files.set("plan.json", JSON.stringify({ ...saved, fingerprints: { manifests: [], webhooks: [] } }));
  const { status, err, world: after } = await apply(world);
  expect(err).toContain("plan.json is stale: 6 differences");
  expect([status, writesOf(after)]).toEqual([1, []]);
});

test("a guard of the config that refuses it now is named", async () => {
  const start = await runWorld({ argv: "", files: both });
  for (const id of ["w1", "w2"]) putWebhook(start.world.state, { id, group: id, owner: "default" });
  const config = "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nmaxDeletePercent: ";
  start.world.files.set("reconcile.yaml", `${config}50\n`);
  const world = await plan({ from: start.world }, "--prune");
  world.files.set("reconcile.yaml", `${config}10\n`);
  const { status, err, world: after } = await apply(world);
  expect(err).toContain(
    "plan.json differs from a new plan of the same manifests and the same live state (at delete of w1-by-hand) [plan/notReproduced]",
  );
  expect(err).toContain(
    "the new plan is refused, and the saved one was not: it would delete 2 of 5 webhooks (40 %, the limit is 10 %)",
  );
  expect([status, writesOf(after)]).toEqual([1, []]);
});
