// A run taken back: what is put back and in which order, and what is left as it is.
import { expect, test } from "vitest";
import { webhookName } from "../../src/model/ownership.ts";
import {
  answer,
  manifest,
  putWebhook,
  runWorld,
  trailOf,
  trailPath,
  type TestWorld,
  writesOf,
} from "../support/world.ts";
import { alphaOf, changed, find, rollback, rolledBack, runsIn, shapesIn } from "./rolled-back.ts";

const oldName = webhookName("old", "https://events.example.com/old");

test("each webhook is put back to where the run found it: created, updated, adopted and deleted ones", async () => {
  const { world, before } = await changed();
  expect(shapesIn(world)).not.toEqual(before);
  const { status, result, err } = await rolledBack(world, "--last");
  expect(shapesIn(world)).toEqual(before);
  expect(result.summary).toMatchObject({
    ...{ create: 1, update: 3, delete: 1, adopt: 0, unchanged: 1, movedEventTypes: 2 },
    ...{ failed: 0, skipped: 0 },
  });
  expect([status, err]).toEqual([0, ""]);
});

test("`--dry-run` shows the inverse and does none of it", async () => {
  const { world } = await changed();
  const trail = world.files.text(trailPath);
  const { status, result, world: after } = await rolledBack(world, "--last --dry-run");
  const ofAlpha = result.operations.filter(({ group }) => group === "alpha");
  expect(ofAlpha.map(({ action, status: how, patch }) => [action, how, patch])).toEqual([
    ["update", "planned", [{ op: "replace", path: "/eventTypes/1", value: "a.ended" }]],
  ]);
  expect(result.summary).toMatchObject({
    create: 1,
    update: 3,
    delete: 1,
    unchanged: 1,
    movedEventTypes: 2,
  });
  expect([status, writesOf(after), world.files.text(trailPath)]).toEqual([0, [], trail]);
});

test("a rollback is a run of its own, which says what it takes back, and can be taken back", async () => {
  const { world, runId } = await changed();
  const after = shapesIn(world);
  await rollback(world, "--last");
  const own = trailOf(world.files).filter((entry) => entry.rollbackOf === runId);
  expect(own.at(0)).toMatchObject({ event: "run.started", runId: runsIn(world).at(-1) });
  expect(own.at(-1)).toMatchObject({ event: "run.finished", success: true });
  expect((await runWorld({ argv: "audit verify", from: world })).status).toBe(0);
  const { status } = await rollback(world, "--last");
  expect([status, shapesIn(world)]).toEqual([0, after]);
});

test("who gains an event type is written before who loses it", async () => {
  const { world } = await changed();
  const delivered = () => {
    const webhooks = [...world.state.webhooks.values()].filter(({ name }) => name.startsWith("beta"));
    return [...new Set(webhooks.flatMap(({ eventTypes }) => eventTypes))].sort();
  };
  const seen: string[][] = [];
  await rollback(world, "--last", {
    intercept: (_request, forward) => {
      const response = forward();
      seen.push(delivered());
      return response;
    },
  });
  expect(new Set(seen.map(String))).toEqual(new Set(["e.a,e.b,e.c,e.d"]));
});

test("what is already as it was is not written", async () => {
  const { world } = await changed();
  await rollback(world, "--last");
  const trail = world.files.text(trailPath);
  const runId = runsIn(world).at(-2) ?? "";
  const { status, became, world: after } = await rolledBack(world, `--run ${runId}`);
  expect(became).toEqual([]);
  expect([status, writesOf(after), world.files.text(trailPath)]).toEqual([0, [], trail]);
});

test.each<[string, string, (world: TestWorld) => unknown]>([
  [
    "changed by hand",
    "alpha",
    (world) =>
      world.state.webhooks.set(find(world, "alpha").id, { ...find(world, "alpha"), state: "disabled" }),
  ],
  ["deleted by hand", "alpha", (world) => world.state.webhooks.delete(find(world, "alpha").id)],
  [
    "a deleted one was made again, another way",
    "old",
    (world) => {
      putWebhook(world.state, {
        id: "w9",
        group: "old",
        name: oldName,
        owner: "default",
        eventTypes: ["x.y"],
      });
    },
  ],
  [
    "written by a later run",
    "alpha",
    async (world) => {
      world.files.set("subscriptions/alpha.yaml", alphaOf("a.later"));
      await runWorld({ argv: "", from: world });
    },
  ],
])("touched since, its group is left alone without --force: %s", async (_, group, touch) => {
  const { world, runId, before } = await changed();
  await touch(world);
  const { status, codes, about, result } = await rolledBack(world, `--run ${runId}`);
  expect(codes).toEqual(["rollback/touchedSince"]);
  expect(about("rollback/touchedSince")).toMatchObject([
    {
      file: `subscriptions/${group}.yaml`,
      message: expect.stringContaining(`"${group}"`) as string,
      hint: expect.stringContaining("--force") as string,
    },
  ]);
  const left = result.operations.filter(({ status: how }) => how !== "applied");
  expect(left.map((one) => [one.group, one.status])).toEqual([[group, "skipped"]]);
  expect(status).toBe(1);
  const forced = await rollback(world, `--run ${runId} --force`);
  expect([forced.status, shapesIn(world)]).toEqual([0, before]);
});

test("another owner's webhook is never touched, not even with --force, and no reason names the run as its giver", async () => {
  const { world, runId } = await changed();
  const webhook = find(world, "alpha");
  const description = webhook.description.replace("(default)", "(voice)");
  world.state.webhooks.set(webhook.id, { ...webhook, description });
  const seen = await rolledBack(world, `--run ${runId} --force`);
  const { status, codes, about, result, world: after } = seen;
  expect(codes).toEqual(["rollback/forbidden"]);
  expect(result.operations.filter(({ action }) => action === "adopt")).toMatchObject([
    { group: "alpha", status: "skipped", reason: `as before run ${runId}` },
  ]);
  expect(about("rollback/forbidden")).toMatchObject([
    { file: "subscriptions/alpha.yaml", message: expect.stringContaining(`id ${webhook.id}`) as string },
  ]);
  expect(writesOf(after)).not.toContain(`PUT /api/v2/webhooks/${webhook.id}`);
  expect([status, find(world, "alpha").description]).toEqual([1, description]);
});

test("a former endpoint that the config forbids by now is not used again", async () => {
  const { world } = await changed();
  const config =
    'apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nallowedEndpointHosts: ["events.example.com"]\n';
  world.files.set("reconcile.yaml", config);
  const { status, codes, about } = await rolledBack(world, "--last --force");
  expect([status, codes]).toEqual([1, ["rollback/forbidden"]]);
  expect(about("rollback/forbidden")).toMatchObject([
    {
      file: "subscriptions/beta.yaml",
      message: expect.stringContaining("https://p.example.com/2") as string,
    },
  ]);
});

test("deleting more than maxDeletePercent, where event types go nowhere else, needs --allow-deletes", async () => {
  const { world } = await runWorld({
    argv: "",
    files: { "subscriptions/a.yaml": `${manifest("alpha")}---\n${manifest("beta")}` },
  });
  const refused = await rolledBack(world, "--last");
  expect([refused.codes, refused.warnings]).toEqual([["rollback/tooManyDeletes"], []]);
  expect(refused.about("rollback/tooManyDeletes")).toMatchObject([
    {
      message: expect.stringMatching(/ 2 of 2 .*100 %.* 30 %/) as string,
      hint: expect.stringContaining("--allow-deletes") as string,
    },
  ]);
  expect(refused.result.summary).toMatchObject({ delete: 0, unchanged: 0, skipped: 2 });
  expect([refused.status, world.state.webhooks.size]).toEqual([1, 2]);
  const { status } = await rollback(world, "--last --allow-deletes");
  expect([status, world.state.webhooks.size]).toEqual([0, 0]);
});

test("a group that today's manifests freeze is shown with the reason, and left as it is", async () => {
  const { world } = await changed();
  const frozen = alphaOf("a.created", "a.muted").replace(
    "  name: alpha",
    '$&\n  annotations: { reconcile.genesys/freeze: "until Friday" }',
  );
  world.files.set("subscriptions/alpha.yaml", frozen);
  const alphaNow = shapesIn(world).filter((shape) => shape.includes("events.example.com/alpha"));
  const { status, result, about } = await rolledBack(world, "--last");
  expect(status).toBe(0);
  expect(shapesIn(world)).toEqual(expect.arrayContaining(alphaNow));
  const held = result.operations.filter((one) => one.status === "skipped");
  expect(held.map(({ group, frozen: isFrozen, error }) => [group, isFrozen, error])).toEqual([
    ["alpha", true, expect.stringContaining("until Friday")],
  ]);
  expect(about("group/frozen")).toMatchObject([
    {
      ...{ severity: "warning", file: "subscriptions/alpha.yaml", line: 1 },
      message: expect.stringContaining("until Friday") as string,
      hint: expect.stringContaining("reconcile.genesys/freeze") as string,
    },
  ]);
  expect(result.summary).toMatchObject({ create: 1, update: 2, delete: 1, skipped: 1, movedEventTypes: 2 });
});

test("invalid manifests keep nobody from a rollback, and it says that freezes are not known", async () => {
  const { world, before } = await changed();
  world.files.set("subscriptions/alpha.yaml", alphaOf("a.created").replace("eventTypes", "eventTypez"));
  const { status, about } = await rolledBack(world, "--last");
  expect([status, shapesIn(world)]).toEqual([0, before]);
  expect(about("rollback/freezesUnknown")).toMatchObject([
    {
      ...{ severity: "warning", file: "subscriptions/alpha.yaml", line: 7, column: 3 },
      message: expect.stringContaining("eventTypez") as string,
    },
  ]);
});

test("a webhook that the run enabled is disabled again, with a warning", async () => {
  const { world } = await runWorld({ argv: "", files: { "subscriptions/alpha.yaml": manifest("alpha") } });
  const [webhook] = [...world.state.webhooks.values()];
  if (!webhook) throw new Error("a webhook");
  world.state.webhooks.set(webhook.id, { ...webhook, state: "disabled" });
  await runWorld({ argv: "", from: world });
  const { status, about } = await rolledBack(world, "--last");
  expect([status, [...world.state.webhooks.values()][0]?.state]).toEqual([0, "disabled"]);
  expect(about("rollback/endsDelivery")).toMatchObject([
    { severity: "warning", message: expect.stringContaining("a.created") as string },
  ]);
});

test("`status` tells a rollback, whole or refused, from a pass", async () => {
  const { world } = await changed();
  const lastRun = async () =>
    JSON.parse((await runWorld({ argv: "status --output json", from: world })).out) as unknown;
  expect(await lastRun()).toMatchObject({ lastRun: { task: "sync", ok: true } });
  await rollback(world, "--last");
  expect(await lastRun()).toMatchObject({
    lastRun: { task: "rollback", ok: true, summary: { create: 1, delete: 1 } },
  });
  await rollback(world, "--run nosuchrun");
  expect(await lastRun()).toMatchObject({
    lastRun: { task: "rollback", ok: false, summary: { create: 0, update: 0, delete: 0, adopt: 0 } },
  });
});

test("a group that turns out to be outdated meanwhile stops; the others go on", async () => {
  const { world } = await changed();
  const { status, codes, result } = await rolledBack(world, "--last", {
    intercept: (request, forward) =>
      request.method === "PUT" && request.body?.includes("alpha") ? answer(404) : forward(),
  });
  expect([status, codes]).toEqual([1, ["operation/failed", "group/outdated"]]);
  expect(result.summary).toMatchObject({ create: 1, update: 2, delete: 1, unchanged: 1, failed: 1 });
});
