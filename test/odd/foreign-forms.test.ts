import { expect, test, vi } from "vitest";
import { copyOf } from "../attack/stage.ts";
import { startDaemon } from "../daemon/daemon.ts";
import { kinds, storedIn, wholeOf, type TestKind } from "../support/kinds.ts";
import { manifest, runWorld, type Intercept, type TestWorld } from "../support/world.ts";
import { besideStrangers } from "./beside.ts";
import { oddFormsOf } from "./odd-forms.ts";

// Each of these runs some hundred commands.
vi.setConfig({ testTimeout: 120_000 });

/** Group alpha is live, and beta is to be made. */
async function setUp(kind: TestKind): Promise<TestWorld> {
  const files = { "subscriptions/alpha.yaml": manifest("alpha", { kind }) };
  const { world, status } = await runWorld({ argv: "sync", files });
  expect(status).toBe(0);
  world.files.set("subscriptions/beta.yaml", manifest("beta", { kind }));
  return world;
}

const oursIn = (world: TestWorld) =>
  storedIn(world).filter(({ description }) => description.includes("reconcile"));

const whole = (kind: TestKind) =>
  ["alpha", "beta"]
    .flatMap((group) => wholeOf(kind, group))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

async function planOf(from: TestWorld, intercept?: Intercept) {
  const { status, out } = await runWorld({
    argv: "plan --output json",
    from: copyOf(from),
    ...(intercept ? { intercept } : {}),
  });
  const { operations, unmanaged, diagnostics } = JSON.parse(out) as {
    readonly operations: readonly unknown[];
    readonly unmanaged: number;
    readonly diagnostics: readonly { readonly severity: string; readonly code: string }[];
  };
  return { status, operations, unmanaged, diagnostics };
}

test.each(kinds)("a foreign one of $nouns in any odd form changes no plan", async (kind) => {
  const world = await setUp(kind);
  const honest = await planOf(world);
  expect(honest).toMatchObject({ status: 0, unmanaged: 0 });
  const known = new Set(honest.diagnostics.map(({ code }) => code));
  for (const form of oddFormsOf(kind)) {
    const planned = await planOf(world, besideStrangers(kind, [form]).intercept);
    const { status, operations, unmanaged } = planned;
    const diagnostics = planned.diagnostics.filter(({ code }) => !known.has(code));
    expect({ form: form.name, status, operations }).toEqual({
      ...{ form: form.name, status: 0, operations: honest.operations },
    });
    for (const one of diagnostics)
      expect(one, form.name).toMatchObject({ severity: "warning", code: "resource/unread" });
    // One that is being made or deleted, or of another type, is none of the resources that a pass is about.
    expect(unmanaged, form.name).toBeLessThanOrEqual(1);
    expect(unmanaged, form.name).toBeGreaterThanOrEqual(diagnostics.length);
  }
});

test.each(kinds)("beside foreign $nouns in all odd forms, each command goes on", async (kind) => {
  const world = await setUp(kind);
  const { intercept, writes } = besideStrangers(kind, oddFormsOf(kind));
  const at = { from: world, intercept };

  const planned = await runWorld({ argv: "plan --output json", from: copyOf(world), intercept });
  expect(planned.status, planned.out).toBe(0);
  const { diagnostics } = JSON.parse(planned.out) as {
    readonly diagnostics: readonly { readonly code: string; readonly message: string }[];
  };
  const unread = diagnostics.filter(({ code }) => code === "resource/unread");
  expect(unread).toMatchObject([{ severity: "warning" }]);
  expect(unread[0]?.message.length).toBeLessThan(500);

  const honest = await runWorld({ argv: "doctor --skip-endpoints", from: copyOf(world) });
  const doctor = await runWorld({ argv: "doctor --skip-endpoints", from: copyOf(world), intercept });
  expect([doctor.status, doctor.out]).toEqual([honest.status, honest.out]);

  const daemon = await startDaemon({ argv: "watch", from: copyOf(world), intercept });
  await daemon.until(async () => {
    await daemon.world.clock.advance(100);
    return (await daemon.status()).phase === "waiting";
  });
  expect(await daemon.status()).toMatchObject({
    passes: 1,
    lastPass: { ok: true, summary: { failed: 0, skipped: 0 } },
  });
  expect(oursIn(daemon.world)).toEqual(whole(kind));
  expect(await daemon.stop()).toBe(0);

  const synced = await runWorld({ argv: "sync", ...at });
  expect(synced.status, synced.out).toBe(0);
  expect(oursIn(world)).toEqual(whole(kind));
  expect((await runWorld({ argv: "plan --detailed-exitcode", ...at })).status).toBe(0);

  world.files.take("subscriptions/beta.yaml");
  const imported = await runWorld({ argv: "import", ...at });
  expect(imported.status, imported.out).toBe(0);
  expect(world.files.paths()).toContain("/subscriptions/beta.yaml");
  expect(writes).toEqual([]);
});
