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
import { alphaOf, changed, errorsIn, find, rollback, runsIn, shapesIn } from "./rolled-back.ts";

const oldName = webhookName("old", "https://events.example.com/old");

test("each webhook is put back to where the run found it: created, updated, adopted and deleted ones", async () => {
  const { world, before } = await changed();
  expect(shapesIn(world)).not.toEqual(before);
  const { status, out, err } = await rollback(world, "--last");
  expect(shapesIn(world)).toEqual(before);
  expect(out).toMatch(
    /\nDone: 1 created, 3 updated, 1 deleted, 0 adopted, 1 unchanged; 2 event types moved\n$/,
  );
  expect([status, err]).toEqual([0, ""]);
});

test("`--dry-run` shows the inverse and does none of it", async () => {
  const { world } = await changed();
  const trail = world.files.text(trailPath);
  const { status, out, world: after } = await rollback(world, "--last --dry-run");
  expect(out).toContain(
    `
alpha  subscriptions/alpha.yaml:1
  ~ https://events.example.com/alpha  2 event types, about 160 events/s
      as before run RUN
      + a.ended
      - a.muted
        1 more stays
`.replace("RUN", runsIn(world).at(-1) ?? ""),
  );
  expect(out).toMatch(
    /\nPlan: 1 to create, 3 to update, 1 to delete, 0 to adopt, 1 unchanged; 2 event types move\n$/,
  );
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
  const { status, out, world: after } = await rollback(world, `--run ${runId}`);
  expect(out).toMatch(
    /\nDone: 0 created, 0 updated, 0 deleted, 0 adopted, \d unchanged; 0 event types moved\n$/,
  );
  expect([status, writesOf(after), world.files.text(trailPath)]).toEqual([0, [], trail]);
});

test.each<[string, string, (world: TestWorld) => unknown]>([
  [
    "changed by hand",
    'group "alpha" is not rolled back: someone changed webhook "alpha-7226f318" (id ID) since: state',
    (world) =>
      world.state.webhooks.set(find(world, "alpha").id, { ...find(world, "alpha"), state: "disabled" }),
  ],
  [
    "deleted by hand",
    'group "alpha" is not rolled back: someone deleted webhook "alpha-7226f318" (id ID) since',
    (world) => world.state.webhooks.delete(find(world, "alpha").id),
  ],
  [
    "a deleted one was made again, another way",
    'group "old" is not rolled back: someone made webhook "OLD" (id w9) since',
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
    'group "alpha" is not rolled back: run LAST wrote webhook "alpha-7226f318" (id ID) since',
    async (world) => {
      world.files.set("subscriptions/alpha.yaml", alphaOf("a.later"));
      await runWorld({ argv: "", from: world });
    },
  ],
])("touched since, its group is left alone without --force: %s", async (_, message, touch) => {
  const { world, runId, before } = await changed();
  await touch(world);
  const { status, out } = await rollback(world, `--run ${runId}`);
  const shown = errorsIn(out).map((line) =>
    line
      .replace(/id id-\d+/, "id ID")
      .replace(oldName, "OLD")
      .replace(`run ${runsIn(world).at(-2) ?? ""} wrote`, "run LAST wrote"),
  );
  expect(shown).toEqual([`${message} [rollback/touchedSince]`]);
  expect(out).toContain("  = pass --force to roll it back nevertheless, or change its manifest and sync\n");
  expect(status).toBe(1);
  const forced = await rollback(world, `--run ${runId} --force`);
  expect([forced.status, shapesIn(world)]).toEqual([0, before]);
});

test("another owner's webhook is never touched, not even with --force", async () => {
  const { world, runId } = await changed();
  const webhook = find(world, "alpha");
  const description = webhook.description.replace("(default)", "(voice)");
  world.state.webhooks.set(webhook.id, { ...webhook, description });
  const { status, out, world: after } = await rollback(world, `--run ${runId} --force`);
  expect(errorsIn(out)).toEqual([
    `group "alpha" is not rolled back: webhook "alpha-7226f318" (id ${webhook.id}) is managed by owner "voice" now [rollback/forbidden]`,
  ]);
  expect(writesOf(after)).not.toContain(`PUT /api/v2/webhooks/${webhook.id}`);
  expect([status, find(world, "alpha").description]).toEqual([1, description]);
});

test("a former endpoint that the config forbids by now is not used again", async () => {
  const { world } = await changed();
  const config =
    'apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nallowedEndpointHosts: ["events.example.com"]\n';
  world.files.set("reconcile.yaml", config);
  const { status, out } = await rollback(world, "--last --force");
  expect(errorsIn(out)).toEqual([
    'group "beta" is not rolled back: webhook "beta-NAME" went to https://p.example.com/2 then, which is no endpoint that the config allows [rollback/forbidden]'.replace(
      "NAME",
      /beta-(\w+)" went/.exec(out)?.[1] ?? "",
    ),
  ]);
  expect(status).toBe(1);
});

test("deleting more than maxDeletePercent, where event types go nowhere else, needs --allow-deletes", async () => {
  const { world } = await runWorld({
    argv: "",
    files: { "subscriptions/a.yaml": `${manifest("alpha")}---\n${manifest("beta")}` },
  });
  const refused = await rollback(world, "--last");
  expect(errorsIn(refused.out)).toEqual([
    "would delete 2 of 2 webhooks (100 %, the limit is 30 %) [rollback/tooManyDeletes]",
  ]);
  expect(refused.out).toContain("  = pass --allow-deletes to go on\n");
  expect(refused.out).toMatch(
    /\nDone: .* 0 deleted, 0 adopted, 0 unchanged, 2 skipped; 0 event types moved\n$/,
  );
  expect(refused.out).not.toContain("Git must follow");
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
  const { status, out } = await rollback(world, "--last");
  expect(status).toBe(0);
  expect(shapesIn(world)).toEqual(expect.arrayContaining(alphaNow));
  expect(out).toContain("\n      skipped: frozen: until Friday\n");
  expect(out).toContain(
    'warning: group "alpha" is frozen (until Friday): 1 operation is held back [group/frozen]\n' +
      "  --> subscriptions/alpha.yaml:1:1\n" +
      "  = take the annotation reconcile.genesys/freeze away to let the group go on\n",
  );
  expect(out).toMatch(/\nDone: 1 created, 2 updated, 1 deleted, .*, 1 skipped; 2 event types moved\n$/);
});

test("invalid manifests keep nobody from a rollback, and it says that freezes are not known", async () => {
  const { world, before } = await changed();
  world.files.set("subscriptions/alpha.yaml", alphaOf("a.created").replace("eventTypes", "eventTypez"));
  const { status, out } = await rollback(world, "--last");
  expect([status, shapesIn(world)]).toEqual([0, before]);
  expect(out).toContain(
    "warning: the current manifests are invalid, so it is not known which groups they freeze: " +
      'unknown key "eventTypez" in spec [rollback/freezesUnknown]\n  --> subscriptions/alpha.yaml:7:3\n',
  );
});

test("a webhook that the run enabled is disabled again, with a warning", async () => {
  const { world } = await runWorld({ argv: "", files: { "subscriptions/alpha.yaml": manifest("alpha") } });
  const [webhook] = [...world.state.webhooks.values()];
  if (!webhook) throw new Error("a webhook");
  world.state.webhooks.set(webhook.id, { ...webhook, state: "disabled" });
  await runWorld({ argv: "", from: world });
  const { status, out } = await rollback(world, "--last");
  expect([status, [...world.state.webhooks.values()][0]?.state]).toEqual([0, "disabled"]);
  expect(out).toContain(
    'warning: group "alpha" is disabled again, as before the run: nothing delivers a.created and 1 other event type [rollback/endsDelivery]\n',
  );
});

test("`status` tells a rollback, whole or refused, from a pass", async () => {
  const { world } = await changed();
  const said = async () => (await runWorld({ argv: "status", from: world })).out.split("\n")[0];
  expect(await said()).toMatch(/: everything is as the manifests declare$/);
  await rollback(world, "--last");
  expect(await said()).toMatch(/: a run was rolled back$/);
  await rollback(world, "--run nosuchrun");
  expect(await said()).toMatch(/: a rollback that changed nothing$/);
});

test("a group that turns out to be outdated meanwhile stops; the others go on", async () => {
  const { world } = await changed();
  const { status, out } = await rollback(world, "--last", {
    intercept: (request, forward) =>
      request.method === "PUT" && request.body?.includes("alpha") ? answer(404) : forward(),
  });
  expect(errorsIn(out).join()).toContain('group "alpha" was changed by someone else meanwhile');
  expect(out).toContain("Done: 1 created, 2 updated, 1 deleted, 0 adopted, 1 unchanged, 1 failed;");
  expect(status).toBe(1);
});
