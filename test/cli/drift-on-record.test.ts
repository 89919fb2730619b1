// Drift is on record: what someone else changed or deleted, before the run that puts it back, and once until it changes.
import { expect, test } from "vitest";
import type { AuditRecord } from "../../src/model/audit-record.ts";
import { manifest, putWebhook, runWorld, trailOf, type TestWorld } from "../support/world.ts";

const alpha = "subscriptions/a.yaml";
const frozen = (text: string): string =>
  text.replace(/^ {2}name: .*$/m, `$&\n  annotations: { reconcile.genesys/freeze: "until Friday" }`);

const recordsOf = ({ files }: TestWorld) => trailOf(files) as unknown as readonly AuditRecord[];
const eventsOf = (world: TestWorld) => recordsOf(world).map(({ event }) => event);
const driftOf = (world: TestWorld) => recordsOf(world).filter(({ event }) => event === "drift.found");

async function synced(): Promise<{ readonly world: TestWorld; readonly id: string }> {
  const { world } = await runWorld({ argv: "", files: { [alpha]: manifest("alpha") } });
  return { world, id: [...world.state.webhooks.keys()][0] ?? "" };
}

function change({ state }: TestWorld, id: string, eventTypes: readonly string[]): void {
  const webhook = state.webhooks.get(id);
  if (webhook) state.webhooks.set(id, { ...webhook, eventTypes: [...eventTypes] });
}

test("drift is recorded with its patch before the operation that puts it back", async () => {
  const { world: before, id } = await synced();
  change(before, id, ["a.created"]);
  const { world } = await runWorld({ argv: "", from: before });
  expect(eventsOf(world).slice(-5)).toEqual([
    "run.started",
    "drift.found",
    "change.intended",
    "change.applied",
    "run.finished",
  ]);
  expect(driftOf(world)).toEqual([
    expect.objectContaining({
      ...{ operation: null, group: "alpha", webhookId: id, success: null, intent: null },
      endpoint: "https://events.example.com/alpha",
      patch: [{ op: "remove", path: "/eventTypes/1" }],
      before: expect.objectContaining({ eventTypes: ["a.created", "a.ended"] }) as unknown,
      after: expect.objectContaining({ eventTypes: ["a.created"] }) as unknown,
      source: { file: alpha, line: 1, commit: null },
    }),
  ]);
  const { status } = await runWorld({ argv: "audit verify", from: world });
  expect(status).toBe(0);
});

test("a resource that someone deleted is drift, too", async () => {
  const { world: before, id } = await synced();
  before.state.webhooks.delete(id);
  const { world } = await runWorld({ argv: "", from: before });
  expect(driftOf(world)).toMatchObject([
    { webhookId: id, group: "alpha", patch: [{ op: "remove", path: "" }], after: null },
  ]);
  expect(driftOf(world)[0]?.before).toMatchObject({ eventTypes: ["a.created", "a.ended"] });
});

test("drift that stays is recorded once until it changes, and again after it was put back", async () => {
  const { world: first, id } = await synced();
  first.files.set(alpha, frozen(manifest("alpha")));
  let world = first;
  /** Each run has another group to create, so that it is on record. */
  const sync = async (name: string): Promise<number> => {
    world.files.set(`subscriptions/${name}.yaml`, manifest(name));
    world = (await runWorld({ argv: "", from: world })).world;
    return driftOf(world).length;
  };
  change(first, id, ["a.created"]);
  expect(await sync("b")).toBe(1);
  expect(await sync("c")).toBe(1);
  change(world, id, ["a.ended"]);
  expect(await sync("d")).toBe(2);
  world.files.set(alpha, manifest("alpha"));
  expect(await sync("e")).toBe(2);
  change(world, id, ["a.ended"]);
  expect(await sync("f")).toBe(3);
});

test("a pass that writes nothing appends nothing, and a new webhook is no drift", async () => {
  const { world: first, id } = await synced();
  const before = recordsOf(first).length;
  expect(driftOf(first)).toEqual([]);
  first.files.set(alpha, frozen(manifest("alpha")));
  change(first, id, ["a.created"]);
  putWebhook(first.state, { id: "theirs", group: "other", owner: "else" });
  const { world } = await runWorld({ argv: "", from: first });
  expect(recordsOf(world).length).toBe(before);
  await runWorld({ argv: "--dry-run", from: world });
  expect(recordsOf(world).length).toBe(before);
});

test("`audit log` shows what the drift was", async () => {
  const { world: before, id } = await synced();
  change(before, id, ["a.created"]);
  const { world } = await runWorld({ argv: "", from: before });
  world.state.webhooks.delete(id);
  const { world: healed } = await runWorld({ argv: "", from: world });
  const { out } = await runWorld({ argv: "audit log", from: healed });
  const rows = out.split("\n").filter((row) => row.includes("drift found"));
  expect(rows).toEqual([
    expect.stringMatching(/drift found +alpha +https:\S+ +−1 event type +found by tester@host/),
    expect.stringMatching(/drift found +alpha +https:\S+ +deleted +found by tester@host/),
  ]);
});
