// A saved plan: what is in it, and that exactly it is applied, and once.
import { expect, test } from "vitest";
import type { SavedPlan } from "../../src/model/saved-plan.ts";
import {
  manifest,
  organisationOfTests,
  putWebhook,
  runWorld,
  trailOf,
  trailPath,
} from "../support/world.ts";
import { alpha, apply, both, liveIn, plan, savedIn } from "./saved-plans.ts";

test("`plan --out` saves the plan for its user alone, shows it as ever, and says what applies it", async () => {
  const plain = await runWorld({ argv: "plan", files: both });
  const { status, out, err, world } = await runWorld({ argv: "plan --out out/plan.json", files: both });
  expect([status, out]).toEqual([0, plain.out]);
  expect(err).toBe(
    "Saved to out/plan.json: `reconcile apply out/plan.json` applies exactly this plan, once\n",
  );
  expect(world.files.mode("out/plan.json")).toBe(0o600);
  expect(world.files.paths()).not.toContain("/audit-logs/subscription_audit.log");
  const {
    overrides,
    fingerprints,
    plan: inside,
    ...rest
  } = JSON.parse(world.files.text("out/plan.json")) as SavedPlan;
  expect(rest).toEqual({
    formatVersion: 1,
    kind: "ReconcilePlan",
    madeBy: "1.2.3",
    environment: "mypurecloud.com",
    owner: "default",
    organization: { id: organisationOfTests.id, name: null },
    runId: "id-1",
  });
  const none = { prune: false, adopt: false, allowDeletes: false, createOnly: false, allowEmpty: false };
  expect(overrides).toEqual({ ...none, groups: null, selector: null });
  expect(fingerprints.manifests.map(({ group }) => group)).toEqual(["alpha", "beta"]);
  expect(fingerprints.webhooks).toEqual([]);
  expect(inside.operations.map(({ action, endpoint }) => [action, endpoint])).toEqual([
    ["create", "https://events.example.com/alpha"],
    ["create", "https://p.example.com/1"],
    ["create", "https://p.example.com/2"],
  ]);
});

test("the words that apply it have the flags that it needs", async () => {
  const files = { "more/alpha.yaml": manifest("alpha") };
  const { err } = await runWorld({ argv: "--dry-run --manifests more --out p.json", files });
  expect(err).toContain("`reconcile apply p.json --manifests more`");
});

test("`apply` does exactly what was planned, as the run that the plan names, and once", async () => {
  const world = await plan({ files: both });
  const first = await apply(world);
  expect(first.out.split("\n").slice(-2)).toEqual([
    "Done: 3 created, 0 updated, 0 deleted, 0 adopted, 0 unchanged; 0 event types moved",
    "",
  ]);
  expect([first.status, first.err]).toEqual([0, ""]);
  expect(liveIn(world)).toEqual([
    ["https://events.example.com/alpha", "a.created,a.ended"],
    ["https://p.example.com/1", "e.a,e.c"],
    ["https://p.example.com/2", "e.b,e.d"],
  ]);
  const trail = trailOf(world.files);
  expect(trail).toHaveLength(8);
  expect(new Set(trail.map((entry) => entry.runId))).toEqual(new Set(["id-1"]));
  const again = await apply(world);
  expect(again.err).toMatch(
    /^error: plan\.json was already applied, on 2026-\S+Z: a saved plan can be applied only once \[plan\/appliedAlready\]\n {2}= `reconcile audit log --run id-1` /,
  );
  expect([again.status, again.out, again.world.requests]).toEqual([1, "", []]);
  const after = await runWorld({ argv: "plan", from: world });
  expect(after.out).toContain("Plan: 0 to create, 0 to update, 0 to delete, 0 to adopt, 3 unchanged;");
});

test("flags of the plan go with it: prune, adopt, allow-deletes, group", async () => {
  const start = await runWorld({ argv: "validate", files: alpha });
  putWebhook(start.world.state, { id: "w1", group: "alpha" });
  for (const id of ["w2", "w3"])
    putWebhook(start.world.state, {
      id,
      group: "old",
      owner: "default",
      endpoint: `https://o.example.com/${id}`,
    });
  const flags = "--adopt --prune --allow-deletes --group alpha old";
  const world = await plan({ from: start.world }, flags);
  expect(savedIn(world).overrides).toEqual({
    ...{ prune: true, adopt: true, allowDeletes: true, createOnly: false, allowEmpty: false },
    ...{ groups: ["alpha", "old"], selector: null },
  });
  const { status, out } = await apply(world);
  expect(out).toContain("Done: 0 created, 0 updated, 2 deleted, 1 adopted, 0 unchanged;");
  expect(status).toBe(0);
});

test("a labels' plan is not widened by a manifest that carries them since", async () => {
  const files = { "subscriptions/a.yaml": manifest("alpha", { labels: "team: data" }) };
  const world = await plan({ files }, "--selector team=data");
  world.files.set("subscriptions/b.yaml", manifest("beta", { labels: "team: data" }));
  const { status } = await apply(world);
  expect([status, liveIn(world)]).toEqual([0, [["https://events.example.com/alpha", "a.created,a.ended"]]]);
});

test("what a plan skips or a guard refuses is saved, and skipped again", async () => {
  const start = await runWorld({ argv: "validate", files: both });
  putWebhook(start.world.state, { id: "w1", group: "alpha" });
  for (const id of ["w2", "w3"]) putWebhook(start.world.state, { id, group: id, owner: "default" });
  const world = await plan({ from: start.world }, "--prune");
  const { status, out } = await apply(world);
  expect(out).toContain('webhook "alpha-by-hand" (id w1) of group "alpha" has no owner');
  expect(out).toContain("would delete 2 of 2 webhooks (100 %, the limit is 30 %)");
  expect(out).toContain("Done: 2 created, 0 updated, 0 deleted, 0 adopted, 0 unchanged, 3 skipped;");
  expect([status, world.state.webhooks.has("w2")]).toEqual([1, true]);
});

test("an empty plan is applied by doing nothing, and leaves no record", async () => {
  const start = await runWorld({ argv: "", files: alpha });
  const trail = start.world.files.text(trailPath);
  const world = await plan({ from: start.world });
  const { status, out } = await apply(world, { argv: "apply plan.json --detailed-exitcode" });
  expect(out).toContain("Done: 0 created, 0 updated, 0 deleted, 0 adopted, 1 unchanged;");
  expect([status, world.files.text(trailPath)]).toEqual([0, trail]);
});

test("where there is no plan, none is saved", async () => {
  const bad = manifest("alpha").replace("eventTypes:", "eventTypez:");
  const { status, err, world } = await runWorld({
    argv: "plan --out plan.json",
    files: { "subscriptions/a.yaml": bad },
  });
  expect(err).toContain("[spec/unknownKey]");
  expect(err).toContain("No plan was saved to plan.json: this pass made none\n");
  expect([status, world.files.paths()]).toEqual([1, ["/subscriptions/a.yaml"]]);
});

test("a sync saves no plan: it is asked for a dry run", async () => {
  const { status, err, world } = await runWorld({ argv: "sync --out plan.json", files: alpha });
  expect(err).toMatch(
    /^error: --out saves a plan .* \[out\/withoutDryRun\]\n {2}= use `reconcile plan --out FILE`/,
  );
  expect([status, world.requests, world.files.paths()]).toEqual([1, [], ["/subscriptions/alpha.yaml"]]);
});

test("a plan that cannot be saved is shown, and fails", async () => {
  const { status, out, err } = await runWorld({ argv: "plan --out subscriptions", files: alpha });
  expect(out).toContain(
    "error: the plan cannot be saved to subscriptions: it is a folder [plan/unwritable]\n",
  );
  expect(out).toMatch(/\nPlan: 1 to create, .*\n$/);
  expect([status, err]).toEqual([1, "No plan was saved to subscriptions\n"]);
});
