// One message a change of state: which runs send one, and which send none.
import { beforeEach, describe, expect, test } from "vitest";
import { startDaemon } from "../daemon/daemon.ts";
import {
  loggedIn,
  manifest,
  putWebhook,
  runWorld,
  trailPath,
  type TestWorld,
  type WorldOptions,
} from "../support/world.ts";
import {
  bodiesOf,
  configOf,
  environmentOf,
  startReceiver,
  takeTypes,
  toReceivers,
  type FakeReceiver,
} from "./receiver.ts";

let receiver: FakeReceiver;
beforeEach(async () => {
  receiver = await startReceiver();
});

const files = {
  "reconcile.yaml": configOf("webhook"),
  "subscriptions/alpha.yaml": manifest("alpha"),
};

async function runIn(from: TestWorld | undefined, argv: string, more: Partial<WorldOptions> = {}) {
  const options = { argv, environment: environmentOf(receiver), intercept: toReceivers, ...more };
  return runWorld(from ? { ...options, from } : { ...options, files });
}

/** Runs a command; returns the types of the messages that it sent. */
async function told(from: TestWorld, argv: string, more: Partial<WorldOptions> = {}) {
  await runIn(from, argv, more);
  return takeTypes(receiver);
}

async function inSync(): Promise<TestWorld> {
  const { world, status, err } = await runIn(undefined, "sync");
  expect([status, err, takeTypes(receiver)]).toEqual([0, "", []]);
  return world;
}

function disableOne(world: TestWorld): void {
  const [[id, webhook] = []] = [...world.state.webhooks];
  if (id !== undefined && webhook) world.state.webhooks.set(id, { ...webhook, state: "disabled" });
}

describe("a sync tells of", () => {
  test("drift once, although it puts it back; the same again is a new change", async () => {
    const world = await inSync();
    disableOne(world);
    await runIn(world, "sync");
    expect(bodiesOf(receiver)).toEqual([
      {
        type: "reconcile.drift",
        timestamp: expect.stringMatching(/^2\d{3}-.*Z$/) as string,
        data: {
          ...{ environment: "mypurecloud.com", owner: "default", command: "sync" },
          organization: { id: world.organisation.id, name: null },
          runId: expect.stringMatching(/^id-/) as string,
          summary: "Someone else changed or deleted 1 resource; this run put it back",
          details: ["alpha: https://events.example.com/alpha: state changed"],
          groups: ["alpha"],
        },
      },
    ]);
    takeTypes(receiver);
    expect(await told(world, "sync")).toEqual([]);
    disableOne(world);
    expect(await told(world, "sync")).toEqual(["drift"]);
  });

  test("a webhook that someone deleted", async () => {
    const world = await inSync();
    world.state.webhooks.clear();
    await runIn(world, "sync");
    const [{ data } = { data: null }] = bodiesOf(receiver);
    expect(data?.details).toEqual(["alpha: https://events.example.com/alpha: deleted"]);
  });

  test("drift that a freeze leaves, and its end", async () => {
    const world = await inSync();
    disableOne(world);
    const frozen = manifest("alpha").replace(
      "name: alpha",
      'name: alpha\n  annotations: { reconcile.genesys/freeze: "a migration" }',
    );
    world.files.set("subscriptions/alpha.yaml", frozen);
    expect(await told(world, "sync")).toEqual(["drift"]);
    expect(await told(world, "sync")).toEqual([]);
    world.files.set("subscriptions/alpha.yaml", manifest("alpha"));
    expect(await told(world, "sync")).toEqual(["recovery"]);
    expect(await told(world, "sync")).toEqual([]);
  });

  test("an invalid manifest as a failure, once, and of the recovery", async () => {
    const world = await inSync();
    world.files.set("subscriptions/alpha.yaml", `${manifest("alpha")}  stat: enabled\n`);
    await runIn(world, "sync");
    const [{ type, data } = { type: "", data: null }] = bodiesOf(receiver);
    expect([type, data?.summary, data?.details]).toEqual([
      "reconcile.failure",
      "The sync failed",
      ['subscriptions/alpha.yaml:9: unknown key "stat" in spec'],
    ]);
    takeTypes(receiver);
    expect(await told(world, "sync")).toEqual([]);
    world.files.set("subscriptions/alpha.yaml", manifest("alpha"));
    expect(await told(world, "sync")).toEqual(["recovery"]);
    expect(await told(world, "sync")).toEqual([]);
  });

  test("a platform that is away as one failure, whatever its errors are", async () => {
    const world = await inSync();
    const away = (status: number): Partial<WorldOptions> => ({
      intercept: (request, forward) =>
        request.url.startsWith("http:") ? toReceivers(request, forward) : { status, headers: {}, body: "" },
    });
    expect(await told(world, "sync", away(503))).toEqual(["failure"]);
    expect(await told(world, "sync", away(403))).toEqual([]);
    expect(await told(world, "sync")).toEqual(["recovery"]);
  });

  test("a second group that fails, while the first still does", async () => {
    const world = await inSync();
    for (const group of ["beta", "gamma"]) {
      putWebhook(world.state, { id: group, group });
      world.files.set(`subscriptions/${group}.yaml`, manifest(group));
      expect(await told(world, "sync")).toEqual(["failure"]);
      expect(await told(world, "sync")).toEqual([]);
    }
    expect(await told(world, "sync --group beta --adopt")).toEqual([]);
    expect(await told(world, "sync --group alpha")).toEqual([]);
    expect(await told(world, "sync --adopt")).toEqual(["recovery"]);
  });

  test("orphans, and that none is left", async () => {
    const world = await inSync();
    world.files.set("subscriptions/beta.yaml", manifest("beta"));
    await told(world, "sync");
    world.files.take("subscriptions/alpha.yaml");
    await runIn(world, "sync");
    const [{ type, data } = { type: "", data: null }] = bodiesOf(receiver);
    expect([type, data?.summary]).toEqual([
      "reconcile.orphans",
      "1 resource of a group without a manifest goes on delivering",
    ]);
    takeTypes(receiver);
    expect(await told(world, "sync --group beta")).toEqual([]);
    expect(await told(world, "sync --prune")).toEqual(["recovery"]);
  });

  test("a fault of the trail alone, and of the recovery", async () => {
    const world = await inSync();
    const trail = world.files.text(trailPath);
    world.files.set(trailPath, trail.replace('"success":true', '"success":null'));
    disableOne(world);
    expect(await told(world, "sync")).toEqual(["trail"]);
    expect(await told(world, "sync")).toEqual([]);
    world.files.set(trailPath, trail);
    expect(await told(world, "sync")).toEqual(["drift", "recovery"]);
  });

  test("credentials that are missing", async () => {
    const world = await inSync();
    const environment = { ...environmentOf(receiver), GENESYS_CLIENT_SECRET: "" };
    expect(await told(world, "sync", { environment })).toEqual(["failure"]);
    expect(await told(world, "sync")).toEqual(["recovery"]);
  });
});

describe("sends nothing:", () => {
  test.each(["plan", "sync --dry-run", "validate", "doctor --skip-endpoints", "status"])(
    "%s",
    async (argv) => {
      const world = await inSync();
      disableOne(world);
      world.files.set("subscriptions/bad.yaml", "no: manifest\n");
      expect(await told(world, argv)).toEqual([]);
    },
  );

  test("a sandbox, which needs no address either", async () => {
    const world = await inSync();
    world.files.set("subscriptions/bad.yaml", "no: manifest\n");
    const { status } = await runIn(world, "sync --sandbox", { environment: {} });
    expect([status, takeTypes(receiver)]).toEqual([1, []]);
  });

  test("a plan that a person only looks at", async () => {
    const world = await inSync();
    disableOne(world);
    const asked = { answers: ["n"], terminal: true };
    expect(await told(world, "sync", asked)).toEqual([]);
    expect(await told(world, "sync", { answers: ["y"], terminal: true })).toEqual(["drift"]);
  });

  test("a config without `notify`, and a topic that nobody asked for", async () => {
    const world = await inSync();
    disableOne(world);
    world.files.set("reconcile.yaml", "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n");
    expect(await told(world, "sync")).toEqual([]);
    disableOne(world);
    const failures = configOf("webhook").replace(/on: .*\]/, "on: [failure]");
    world.files.set("reconcile.yaml", failures);
    expect(await told(world, "sync")).toEqual([]);
    expect(world.files.paths().filter((path) => path.includes("notified"))).toHaveLength(1);
  });
});

test("a saved plan and a rollback tell as well", async () => {
  const world = await inSync();
  world.files.set("subscriptions/alpha.yaml", manifest("alpha", { eventTypes: ["a.created"] }));
  await runIn(world, "plan --out plan.json");
  world.files.set("subscriptions/alpha.yaml", manifest("alpha", { eventTypes: ["a.ended"] }));
  expect(await told(world, "apply plan.json")).toEqual(["failure"]);
  expect(await told(world, "sync")).toEqual(["recovery"]);
  world.state.webhooks.clear();
  expect(await told(world, "rollback --last")).toEqual(["failure"]);
  expect(await told(world, "rollback --run none")).toEqual([]);
});

test("two installations in one folder do not take each other's state for their own", async () => {
  const world = await inSync();
  const second = `${configOf("webhook")}owner: second\nmanifests: others\n`;
  world.files.set("second.yaml", second);
  world.files.set("others/bad.yaml", "no: manifest\n");
  expect(await told(world, "sync --config second.yaml")).toEqual(["failure"]);
  expect(await told(world, "sync")).toEqual([]);
  expect(await told(world, "sync --config second.yaml")).toEqual([]);
});

describe("a daemon", () => {
  const start = () =>
    startDaemon({
      ...{ argv: "watch", files, environment: environmentOf(receiver), intercept: toReceivers },
    });

  test("tells of a failure once, also of a config that became invalid", async () => {
    const daemon = await start();
    await daemon.until(async () => (await daemon.status()).passes === 1);
    daemon.world.files.set("reconcile.yaml", `${configOf("webhook")}ownr: x\n`);
    for (let pass = 0; pass < 3; pass += 1) await daemon.pass(300_000);
    expect(takeTypes(receiver)).toEqual(["failure"]);
    daemon.world.files.set("reconcile.yaml", configOf("webhook"));
    await daemon.pass(300_000);
    expect(takeTypes(receiver)).toEqual(["recovery"]);
    await daemon.stop();
  });

  test("tells of drift that it finds beside an invalid manifest", async () => {
    const daemon = await start();
    await daemon.until(async () => (await daemon.status()).passes === 1);
    daemon.world.files.set("subscriptions/bad.yaml", "no: manifest\n");
    disableOne(daemon.world);
    await daemon.pass(300_000);
    expect(takeTypes(receiver)).toEqual(["failure", "drift"]);
    daemon.world.files.take("subscriptions/bad.yaml");
    await daemon.pass(300_000);
    expect(takeTypes(receiver)).toEqual(["recovery"]);
    await daemon.stop();
  });

  test("stays a daemon without `notify`", async () => {
    const daemon = await startDaemon({ argv: "watch", files: {}, environment: loggedIn });
    await daemon.until(async () => (await daemon.status()).passes === 1);
    expect(daemon.world.files.paths().filter((path) => path.includes("notif"))).toEqual([]);
    await daemon.stop();
  });
});
