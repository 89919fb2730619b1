// A kind that the product does not have, handed in by parameter, from its manifest to its rollback and back to a manifest.
import { describe, expect, test } from "vitest";
import { partName } from "../../src/model/ownership.ts";
import { trailOf, writesOf } from "../support/world.ts";
import { makeOrganisation } from "./organisation.ts";
import { relay } from "./relay.ts";

const endpoint = "https://events.example.com/alpha";

const nameOf = (number: number): string => partName(relay, "alpha", { endpoint, number });

describe("a kind of which an endpoint may have several resources", () => {
  test("a sync makes as many as its event types take, and a second one nothing", async () => {
    const { run, sync, parts } = makeOrganisation();
    const { status, world } = await sync(["e.a", "e.b", "e.c"]);
    expect(status).toBe(0);
    expect(writesOf(world).slice(-2)).toEqual(["POST /api/v2/relays", "POST /api/v2/relays"]);
    expect(parts()).toEqual([`${nameOf(1)}: e.a e.b`, `${nameOf(2)}: e.c`]);
    expect(writesOf((await run("sync")).world)).toEqual([]);
  });

  test("event types stay on their part, and one write adds two and drops one", async () => {
    const { sync, parts } = makeOrganisation();
    await sync(["e.a", "e.b", "e.c"]);
    const { world } = await sync(["e.x", "e.a", "e.b", "e.d"]);
    expect(writesOf(world).filter((sent) => sent.includes("relays"))).toEqual([
      "PUT /api/v2/relays/relay-2",
    ]);
    expect(parts()).toEqual([`${nameOf(1)}: e.a e.b`, `${nameOf(2)}: e.d e.x`]);
  });

  test("a part that has nothing left is deleted, and the numbers of the others stay", async () => {
    const { sync, parts } = makeOrganisation();
    await sync(["e.a", "e.b", "e.c"]);
    const { out } = await sync(["e.c"]);
    expect(out).toContain("none of its event types is left to it");
    expect(parts()).toEqual([`${nameOf(2)}: e.c`]);
  });

  test("the result names the parts, and Markdown has one row for them", async () => {
    const { run, sync, declare, topic } = makeOrganisation();
    await sync(["e.a", "e.b", "e.c"]);
    declare("alpha", ["e.a", "e.b", "e.c", "e.d", "e.e", "e.f"]);
    const { out: json } = await run("plan --output json");
    const { groups } = JSON.parse(json) as { groups: { endpoints: { parts: unknown }[] }[] };
    expect(groups[0]?.endpoints[0]?.parts).toEqual([
      { webhookId: "relay-1", eventTypes: ["e.a", "e.b"].map(topic) },
      { webhookId: "relay-2", eventTypes: ["e.c", "e.f"].map(topic) },
      { webhookId: null, eventTypes: ["e.d", "e.e"].map(topic) },
    ]);
    const { out: markdown } = await run("plan --output markdown");
    expect(markdown).toMatch(/\| update, create \|.*events\.example\.com\/alpha.*\| 3 → 6 \|/);
  });

  test("every write is on record, what differs from the record is drift, and it is put right", async () => {
    const { run, sync, parts, relays, topic } = makeOrganisation();
    const { world } = await sync(["e.a", "e.b", "e.c"]);
    const changes = trailOf(world.files).filter(
      ({ event, group }) => event.startsWith("change.") && group !== null,
    );
    expect(changes.map(({ event, group }) => `${event} ${group ?? ""}`)).toEqual([
      "change.intended alpha",
      "change.intended alpha",
      "change.applied alpha",
      "change.applied alpha",
    ]);
    const [first] = relays.values();
    if (first) relays.set(first.id, { ...first, eventTypes: [topic("e.a")] });
    const { out } = await run("plan --output json");
    expect((JSON.parse(out) as { drift: unknown[] }).drift).toMatchObject([
      { webhookId: "relay-1", patch: [{ op: "remove", path: "/eventTypes/1" }] },
    ]);
    await run("sync");
    expect(parts()).toEqual([`${nameOf(1)}: e.a e.b`, `${nameOf(2)}: e.c`]);
  });

  test("a rollback takes the last run back", async () => {
    const { run, sync, parts } = makeOrganisation();
    await sync(["e.a", "e.b", "e.c"]);
    const before = parts();
    expect(before).toHaveLength(2);
    const { world } = await sync(["e.a", "e.b", "e.c", "e.d", "e.e"]);
    expect(parts()).toHaveLength(3);
    const runId = trailOf(world.files).at(-1)?.runId ?? "";
    const { status } = await run(`rollback --run ${runId}`);
    expect(status).toBe(0);
    expect(parts()).toEqual(before);
  });

  test("import writes the manifest that covers all parts", async () => {
    const { run, sync, topic } = makeOrganisation();
    const { world } = await sync(["e.a", "e.b", "e.c"]);
    world.files.take("/subscriptions/alpha.yaml");
    const { status, out, world: after } = await run("import");
    expect(out).toContain("0 to create, 0 to update, 0 to delete, 0 to adopt, 2 unchanged");
    expect(status).toBe(0);
    expect(after.files.text("/subscriptions/alpha.yaml")).toContain(topic("e.c"));
  });
});
