// All relays of an owner get their events through one integration, the feed: it gains event types before any of them does,
// and loses them after all of them.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareText } from "../../src/lib/compare.ts";
import { answer, trailOf, writesOf, type TestWorld } from "../support/world.ts";
import { configOf, flowManifest, makeOrganisation, parse, watchGaps } from "./organisation.ts";

const notes = "Stream | Managed by: reconcile (team)";

/** What was sent, in short: `feed` for the integration, `relay` for relays. */
function writtenTo(world: TestWorld): string[] {
  const names = writesOf(world).map((sent) => (sent.includes("/relays") ? "relay" : "feed"));
  return names.filter((name, index) => name !== names[index - 1]);
}

describe("a resource that all resources of a kind share", () => {
  test("it is made before the first of them, and a second sync has nothing to do", async () => {
    const { sync, run, feeds } = makeOrganisation();
    const { status, world } = await sync(["e.a", "e.b", "e.c"]);
    expect(status).toBe(0);
    expect(writtenTo(world)).toEqual(["feed", "relay"]);
    expect(feeds()).toEqual([`${notes}: e.a e.b e.c`]);
    const second = await run("sync --output json");
    expect(writesOf(second.world)).toEqual([]);
    expect(parse(second.out)).toMatchObject({ ok: true, operations: [], orphans: [], unmanaged: 0 });
  });

  test("it gains before every group, loses after every group, and never lacks what a relay has", async () => {
    const organisation = makeOrganisation();
    const { sync, feeds, declare } = organisation;
    declare("beta", ["e.c", "e.x"]);
    await sync(["e.a", "e.b"]);
    expect(feeds()).toEqual([`${notes}: e.a e.b e.c e.x`]);
    declare("beta", ["e.c", "e.d"]);
    const { gaps, intercept } = watchGaps(organisation);
    const { status, world } = await sync(["e.a", "e.e"], { intercept });
    expect({ status, gaps }).toEqual({ status: 0, gaps: [] });
    expect(writtenTo(world)).toEqual(["feed", "relay", "feed"]);
    expect(feeds()).toEqual([`${notes}: e.a e.c e.d e.e`]);
  });

  test("a plan has its writes in phases of their own, of no group, first and last", async () => {
    const { sync, declare, run } = makeOrganisation();
    await sync(["e.a", "e.b"]);
    declare("alpha", ["e.a", "e.c"]);
    const { operations, summary } = parse((await run("plan --output json")).out);
    expect(operations.map(({ group, phase, action }) => ({ group, phase, action }))).toEqual([
      { group: null, phase: 1, action: "update" },
      { group: "alpha", phase: 2, action: "update" },
      { group: null, phase: 3, action: "update" },
    ]);
    expect(summary).toMatchObject({ update: 3, failed: 0 });
    expect(operations.map(({ reason }) => reason)).toEqual([
      "1 event type is added",
      "1 event type is added; 1 event type is removed",
      "1 event type is removed",
    ]);
    const { out: text } = await run("plan");
    expect(text.indexOf("shared by several groups")).toBeGreaterThan(0);
    expect(text.indexOf("shared by several groups")).toBeLessThan(text.indexOf("\nalpha"));
    const { out: markdown } = await run("plan --output markdown");
    expect(markdown).toContain("#### `shared by several groups`");
  });

  test("it is deleted after the last of them, and all is on record", async () => {
    const { sync, files, run, relays, feeds } = makeOrganisation();
    await sync(["e.a", "e.b"]);
    files.take("/subscriptions/alpha.yaml");
    const { status, world } = await run("sync --prune --allow-empty");
    expect(status).toBe(0);
    expect(writtenTo(world)).toEqual(["relay", "feed"]);
    expect([relays.size, feeds()]).toEqual([0, []]);
    const applied = trailOf(world.files).filter(({ event }) => event === "change.applied");
    expect(applied.map(({ operation, group }) => [operation, group])).toEqual([
      ["create", null],
      ["create", "alpha"],
      ["delete", "alpha"],
      ["delete", null],
    ]);
    expect((await run("audit verify")).status).toBe(0);
  });

  test("an orphan that nobody prunes keeps its event types", async () => {
    const { sync, declare, files, run, feeds } = makeOrganisation();
    declare("beta", ["e.x"]);
    await sync(["e.a"]);
    files.take("/subscriptions/beta.yaml");
    const { status, world } = await run("sync");
    expect(status).toBe(0);
    expect(writesOf(world)).toEqual([]);
    expect(feeds()).toEqual([`${notes}: e.a e.x`]);
  });

  test("what somebody else does to it is drift, and is put right", async () => {
    const { sync, run, state, topic, feeds } = makeOrganisation();
    await sync(["e.a", "e.b"]);
    for (const [id, one] of state.integrations) {
      const properties = { ...one.config.properties, eventFilter: [topic("e.a")] };
      state.integrations.set(id, { ...one, config: { ...one.config, properties } });
    }
    const { drift, operations } = parse((await run("plan --output json")).out);
    expect(drift).toMatchObject([{ group: null, patch: [{ op: "remove", path: "/eventTypes/1" }] }]);
    expect(operations).toMatchObject([{ group: null, action: "update" }]);
    expect((await run("sync")).status).toBe(0);
    expect(feeds()).toEqual([`${notes}: e.a e.b`]);
  });

  test("one that somebody deleted is made again, with what the relays have", async () => {
    const { sync, run, state, feeds } = makeOrganisation();
    await sync(["e.a", "e.b"]);
    state.integrations.clear();
    const { status, out } = await run("sync --output json");
    expect(status).toBe(0);
    expect(parse(out).operations.map(({ reason }) => reason)).toEqual([
      "what delivered there was deleted outside this repository",
    ]);
    expect(feeds()).toEqual([`${notes}: e.a e.b`]);
  });

  test("where it cannot be written the relays stay as they are, and other groups go on", async () => {
    const organisation = makeOrganisation();
    const { sync, files, run, parts, state } = organisation;
    const { gaps, intercept } = watchGaps(organisation, (request, forward) =>
      request.method === "POST" && request.url.includes("/integrations") ? answer(400) : forward(),
    );
    files.set("/subscriptions/flow.yaml", flowManifest(organisation.topic("e.a")));
    const { status } = await sync(["e.a", "e.b"], { intercept });
    expect({ status, gaps, parts: parts() }).toEqual({ status: 1, gaps: [], parts: [] });
    expect(state.triggers.size).toBe(1);
    const { out } = await run("sync --output json", { intercept });
    const [first, second] = parse(out).operations;
    expect(first).toMatchObject({ group: null, status: "failed" });
    expect(second).toMatchObject({ group: "alpha", status: "skipped" });
    expect(second?.error).toBe(
      "not started: the resource through which all relays get their events was not written",
    );
    expect((await run("sync")).status).toBe(0);
    expect(parts()).toHaveLength(1);
  });

  test("it loses nothing while a relay that should have lost it failed to", async () => {
    const organisation = makeOrganisation();
    const { sync, feeds } = organisation;
    await sync(["e.a", "e.b"]);
    const { gaps, intercept } = watchGaps(organisation, (request, forward) =>
      request.method === "PUT" && request.url.includes("/relays") ? answer(400) : forward(),
    );
    const { status } = await sync(["e.a"], { intercept });
    expect({ status, gaps, feeds: feeds() }).toEqual({ status: 1, gaps: [], feeds: [`${notes}: e.a e.b`] });
    expect((await sync(["e.a"])).status).toBe(0);
    expect(feeds()).toEqual([`${notes}: e.a`]);
  });

  test("a pass that creates only leaves its losses to a later one", async () => {
    const { sync, run, declare, feeds } = makeOrganisation();
    await sync(["e.a", "e.b"]);
    declare("alpha", ["e.a"]);
    declare("beta", ["e.c"]);
    expect((await run("sync --create-only")).status).toBe(0);
    expect(feeds()).toEqual([`${notes}: e.a e.b e.c`]);
    expect((await run("sync")).status).toBe(0);
    expect(feeds()).toEqual([`${notes}: e.a e.c`]);
  });

  test("a rollback gives it what the relays have then", async () => {
    const organisation = makeOrganisation();
    const { sync, run, feeds, parts } = organisation;
    await sync(["e.a", "e.b"]);
    const before = parts();
    const { world } = await sync(["e.b", "e.c"]);
    const runId = trailOf(world.files).at(-1)?.runId ?? "";
    const { gaps, intercept } = watchGaps(organisation);
    expect((await run(`rollback --run ${runId}`, { intercept })).status).toBe(0);
    expect({ gaps, feeds: feeds(), parts: parts() }).toEqual({
      ...{ gaps: [], feeds: [`${notes}: e.a e.b`], parts: before },
    });
  });

  test("a saved plan applies as it is, and not where another group's relay has changed since", async () => {
    const { sync, run, declare, feeds, relays, topic } = makeOrganisation();
    declare("beta", ["e.x"]);
    await sync(["e.a"]);
    declare("alpha", ["e.a", "e.b"]);
    await run("plan --out plan.json");
    expect((await run("apply plan.json")).status).toBe(0);
    expect(feeds()).toEqual([`${notes}: e.a e.b e.x`]);
    declare("alpha", ["e.b"]);
    await run("plan --out stale.json");
    for (const [id, one] of relays)
      if (one.name.startsWith("beta")) relays.set(id, { ...one, eventTypes: [topic("e.d")] });
    const { status, out } = await run("apply stale.json --output json");
    expect(status).toBe(1);
    expect(parse(out).diagnostics.map(({ code }) => code)).toContain("plan/stale");
  });

  test("groups go over from webhooks to relays, and back, in one plan that shows both", async () => {
    const organisation = makeOrganisation();
    const { sync, run, files, webhooks, parts, feeds } = organisation;
    files.set("/reconcile.yaml", configOf({ hasRelays: false }));
    await sync(["e.a", "e.b"]);
    expect([webhooks(), parts(), feeds()]).toEqual([["e.a e.b"], [], []]);

    files.set("/reconcile.yaml", configOf({ hasRelays: true }));
    const { gaps, intercept } = watchGaps(organisation);
    const over = await run("sync --output json", { intercept });
    expect(parse(over.out).operations.map(({ action, group }) => `${action} ${group ?? "shared"}`)).toEqual(
      [...["create shared", "create alpha", "delete alpha"]],
    );
    expect([webhooks(), parts().length, feeds()]).toEqual([[], 1, [`${notes}: e.a e.b`]]);

    files.set("/reconcile.yaml", configOf({ hasRelays: false }));
    const back = await run("sync --output json", { intercept });
    expect(parse(back.out).operations.map(({ action, group }) => `${action} ${group ?? "shared"}`)).toEqual(
      [...["create alpha", "delete alpha", "delete shared"]],
    );
    expect([webhooks(), parts(), feeds(), gaps]).toEqual([["e.a e.b"], [], [], []]);
  });
});

const letters = ["e.a", "e.b", "e.c", "e.d", "e.e", "e.f", "e.x"] as const;
const steps = fc.array(
  fc.record({
    group: fc.constantFrom("alpha", "beta", "gamma"),
    /** None: its manifest is taken away. */
    eventTypes: fc.subarray([...letters], { maxLength: 5 }),
    prune: fc.boolean(),
    /** The platform refuses this write of the sync. */
    refused: fc.option(fc.nat(6)),
  }),
  { minLength: 2, maxLength: 6 },
);

test(
  "whichever writes fail, no relay ever has an event type that the feed lacks, and all converges",
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const organisation = makeOrganisation();
        const { run, files, declare, relays, feeds } = organisation;
        files.set("/subscriptions/README.md", "The folder is there, even without a manifest.");
        for (const { group, eventTypes, prune, refused } of all) {
          const path = `/subscriptions/${group}.yaml`;
          if (eventTypes.length > 0) declare(group, eventTypes);
          else if (files.paths().includes(path)) files.take(path);
          let writes = -1;
          const { gaps, intercept } = watchGaps(organisation, ({ method, url }, forward) => {
            if (method !== "GET" && !url.includes("/oauth/")) writes += 1;
            return writes === refused && method !== "GET" ? answer(400) : forward();
          });
          await run(`sync --allow-empty --allow-deletes ${prune ? "--prune" : ""}`, { intercept });
          expect(gaps).toEqual([]);
        }
        expect((await run("sync --allow-empty --allow-deletes --prune")).status).toBe(0);
        const wanted = new Set([...relays.values()].flatMap(({ eventTypes }) => eventTypes));
        const filters = [...organisation.state.integrations.values()].map(
          ({ config }) => config.properties.eventFilter ?? [],
        );
        expect(filters).toEqual(wanted.size === 0 ? [] : [[...wanted].sort(compareText)]);
        expect(feeds().every((feed) => feed.startsWith(notes))).toBe(true);
        expect(writesOf((await run("sync --allow-empty --prune")).world)).toEqual([]);
      }),
      { numRuns: Math.ceil(Number(process.env["TIMES"] ?? 1) * 12) },
    );
  },
);
