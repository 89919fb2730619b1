// Options that only a made-up kind has: from a manifest to a document, a drift, a rollback and back to a manifest.
import { expect, test } from "vitest";
import { builtInDrivers } from "../../src/kinds/drivers.ts";
import { builtInKinds } from "../../src/kinds/registry.ts";
import { makeKinds, type Kind } from "../../src/model/kind.ts";
import { manifest, runWorld, trailOf, writesOf, type TestWorld } from "../support/world.ts";
import { makePlainDriver } from "./plain-driver.ts";
import { courier, makeCourierPlatform, type StoredCourier } from "./courier.ts";

const file = "/subscriptions/alpha.yaml";
const config =
  "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nenvironment: mypurecloud.com\nowner: couriers\n";

function makeOrganisation() {
  const stored = new Map<string, StoredCourier>();
  const kinds = makeKinds([...builtInKinds.all, courier] as [Kind, ...Kind[]]);
  const drivers = new Map([...builtInDrivers, [courier, makePlainDriver(courier)] as const]);
  let world: TestWorld | undefined;
  return {
    stored,
    delay: () => [...stored.values()].map(({ trigger }) => trigger?.delayBySeconds),
    /** `options`: what the manifest says below `trigger`; without it, the manifest stays. */
    run: async (argv: string, options?: string) => {
      const tail = options === undefined || options === "" ? "" : `  trigger: ${options}`;
      if (options !== undefined) world?.files.set(file, manifest("alpha", { tail }));
      const run = await runWorld({
        ...{ argv, kinds, intercept: makeCourierPlatform(stored) },
        openDrivers: () => Promise.resolve(drivers),
        ...(world
          ? { from: world }
          : { files: { [file]: manifest("alpha", { tail }), "/reconcile.yaml": config } }),
      });
      world = run.world;
      return run;
    },
  };
}

test("a manifest without options means the kind's own defaults, which a plan shows in the kind's words", async () => {
  const { run, delay } = makeOrganisation();
  expect((await run("plan", "")).out).toContain("waits 1 min");
  expect((await run("sync")).status).toBe(0);
  expect(delay()).toEqual([60]);
  expect(writesOf((await run("sync")).world)).toEqual([]);
});

test("what means the same to the kind is no change, and anything else is one of its own name", async () => {
  const { run, delay } = makeOrganisation();
  await run("sync", "{ delayBySeconds: 120 }");
  expect(writesOf((await run("sync", "{ delayBySeconds: 125 }")).world)).toEqual([]);
  const { out } = await run("plan", "{ delayBySeconds: 240 }");
  expect(out).toContain("delay changed");
  expect(out).toContain("~ delayBySeconds 120 → 240");
  await run("sync");
  expect(delay()).toEqual([240]);
});

test("the kind judges them, and no other kind of the same key does", async () => {
  const { run } = makeOrganisation();
  const { status, out } = await run(
    "validate --output json",
    "{ delayBySeconds: 120, eventTTLSeconds: 60 }",
  );
  expect(status).toBe(1);
  const { diagnostics } = JSON.parse(out) as { diagnostics: { code: string }[] };
  expect(diagnostics.map(({ code }) => code)).toEqual(["delay/old"]);
});

test("what differs from the record is drift, and a rollback takes a change back", async () => {
  const { run, stored, delay } = makeOrganisation();
  await run("sync", "{ delayBySeconds: 120 }");
  const { world } = await run("sync", "{ delayBySeconds: 300 }");
  const runId = trailOf(world.files).at(-1)?.runId ?? "";
  const [one] = stored.values();
  if (!one?.trigger) throw new Error("there is one");
  stored.set(one.id, { ...one, trigger: { ...one.trigger, delayBySeconds: 600 } });
  const { drift } = JSON.parse((await run("plan --output json")).out) as { drift: unknown[] };
  expect(drift).toMatchObject([
    { patch: [{ op: "replace", path: "/trigger/delayBySeconds", value: 600 }] },
  ]);
  stored.set(one.id, one);
  expect((await run(`rollback --run ${runId}`)).status).toBe(0);
  expect(delay()).toEqual([120]);
});

test.each([
  ["", null],
  ["{ delayBySeconds: 240 }", "  trigger:\n    delayBySeconds: 240\n"],
])("import writes what differs from the kind's defaults: %s", async (options, written) => {
  const { run } = makeOrganisation();
  const { world } = await run("sync", options);
  world.files.take(file);
  const { status, world: after } = await run("import");
  expect(status).toBe(0);
  const text = after.files.text(file);
  expect(text).toContain("endpointUrl:");
  expect(text.includes("trigger:")).toBe(written !== null);
  expect(text).toContain(written ?? "");
});

test("import --update writes what somebody changed on the platform into the manifest", async () => {
  const { run, stored } = makeOrganisation();
  await run("sync", "{ delayBySeconds: 240 }");
  const [one] = stored.values();
  if (!one?.trigger) throw new Error("there is one");
  stored.set(one.id, { ...one, trigger: { ...one.trigger, delayBySeconds: 242 } });
  expect((await run("import --update")).world.files.text(file)).toContain("delayBySeconds: 240");
  stored.set(one.id, { ...one, trigger: { ...one.trigger, delayBySeconds: 600 } });
  expect((await run("import --update")).world.files.text(file)).toContain("delayBySeconds: 600");
});
