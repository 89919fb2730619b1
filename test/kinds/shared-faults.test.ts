// What may go wrong with a resource that all relays share, because a pass does not see it, may not have it, or sees only a
// part of what needs it.
import { describe, expect, test } from "vitest";
import { answer, forgetTrail, trailOf, writesOf, type Intercept } from "../support/world.ts";
import { configOf, flowManifest, makeOrganisation, parse, watchGaps } from "./organisation.ts";

const notes = "Stream | Managed by: reconcile (team)";
const [off, on] = [configOf({ hasRelays: false }), configOf({ hasRelays: true })];

type Organisation = ReturnType<typeof makeOrganisation>;

/** Somebody else takes every event type but this one off the feed. */
function narrow({ state, topic }: Organisation, letter: string): void {
  for (const [id, one] of state.integrations) {
    const properties = { ...one.config.properties, eventFilter: [topic(letter)] };
    state.integrations.set(id, { ...one, config: { ...one.config, properties } });
  }
}

function annotate({ state }: Organisation, text: string): void {
  for (const [id, one] of state.integrations)
    state.integrations.set(id, { ...one, config: { ...one.config, notes: text } });
}

const refuse =
  (part: string, isRefused: (method: string) => boolean): Intercept =>
  ({ method, url }, forward) =>
    url.includes(part) && isRefused(method) ? answer(method === "GET" ? 403 : 400) : forward();

const isWrite = (method: string): boolean => method !== "GET";
const isRead = (method: string): boolean => method === "GET";
const runOf = (organisation: Organisation): string => trailOf(organisation.files).at(-1)?.runId ?? "";

describe("what cannot be listed", () => {
  test.each(["/relays", "/integrations"])(
    "while %s cannot be read, the feed stays as it is",
    async (path) => {
      const organisation = makeOrganisation();
      const { sync, run, files, topic, feeds, parts } = organisation;
      files.set("/subscriptions/flow.yaml", flowManifest(topic("e.a")));
      await sync(["e.a", "e.b"]);
      const before = [feeds(), parts()];
      const { status, world } = await run("sync", { intercept: refuse(path, isRead) });
      expect([status, writesOf(world), [feeds(), parts()]]).toEqual([1, [], before]);
    },
  );

  test("a feed whose notes were changed is still the one of the relays that no manifest names", async () => {
    const organisation = makeOrganisation();
    const { sync, run, files, topic, feeds, parts } = organisation;
    await sync(["e.a", "e.b"]);
    annotate(organisation, "changed | Managed by: reconcile (team)");
    files.take("/subscriptions/alpha.yaml");
    forgetTrail(files);
    const bridge = flowManifest(topic("e.c")).replace(
      /workflow:.*/,
      "eventbridge://123456789012/us-east-1/bridge",
    );
    files.set("/subscriptions/bridge.yaml", bridge);
    expect((await run("sync")).status).toBe(0);
    expect([feeds()[0], parts()]).toEqual([`${notes}: e.a e.b`, [expect.stringContaining("e.a e.b")]]);
  });

  test("without a trail and without the kind in the config, groups go over from what is live", async () => {
    const organisation = makeOrganisation();
    const { sync, run, files, webhooks, parts, feeds } = organisation;
    await sync(["e.a", "e.b"]);
    files.set("/reconcile.yaml", off);
    forgetTrail(files);
    expect((await run("sync")).status).toBe(0);
    expect([webhooks(), parts(), feeds()]).toEqual([["e.a e.b"], [], []]);
  });
});

describe("what stands in the way", () => {
  test.each([
    "Feed",
    "Stream | Managed by: reconcile (others)",
    "Consumer group: x | Managed by: reconcile (team)",
  ])(
    "an integration at the feed's source with the notes %s holds the relays' groups back, by name",
    async (text) => {
      const organisation = makeOrganisation();
      const { sync, run, declare } = organisation;
      await sync(["e.a"]);
      annotate(organisation, text);
      declare("alpha", ["e.b"]);
      const { out, world } = await run("sync --output json");
      const { ok, operations, diagnostics } = parse(out);
      expect(ok).toBe(false);
      expect(diagnostics.filter(({ severity }) => severity === "error")).toMatchObject([
        { code: "shared/taken", file: "subscriptions/alpha.yaml" },
      ]);
      expect(operations.map(({ group, status }) => [group, status])).toEqual([["alpha", "skipped"]]);
      expect(writesOf(world)).toEqual([]);
    },
  );

  test("a group at the feed's own source is an error of its manifest", async () => {
    const { run, files, topic } = makeOrganisation();
    const bridge = flowManifest(topic("e.a")).replace(
      /workflow:.*/,
      "eventbridge://123456789012/us-east-1/team",
    );
    files.set("/subscriptions/bridge.yaml", bridge);
    const { out, status } = await run("validate --output json");
    expect([status, parse(out).diagnostics]).toMatchObject([
      1,
      [{ severity: "error", code: "endpointUrl/shared", line: 5 }],
    ]);
  });

  test("webhooks go on delivering while the feed cannot gain what their relay needs", async () => {
    const organisation = makeOrganisation();
    const { sync, run, files, webhooks, parts } = organisation;
    files.set("/reconcile.yaml", off);
    await sync(["e.a", "e.b"]);
    files.set("/reconcile.yaml", on);
    await run("sync", { intercept: refuse("/webhooks", (method) => method === "DELETE") });
    expect([webhooks(), parts().length]).toEqual([["e.a e.b"], 1]);
    narrow(organisation, "e.a");
    const { status } = await run("sync", { intercept: refuse("/integrations", isWrite) });
    expect([status, webhooks()]).toEqual([1, ["e.a e.b"]]);
    expect((await run("sync")).status).toBe(0);
    expect(webhooks()).toEqual([]);
  });

  test("a new feed has to be associated in AWS, which the plan of a hand-over says", async () => {
    const { sync, run, files } = makeOrganisation();
    files.set("/reconcile.yaml", off);
    await sync(["e.a"]);
    files.set("/reconcile.yaml", on);
    const { diagnostics } = parse((await run("plan --output json")).out);
    expect(diagnostics.map(({ code, file }) => [code, file])).toContainEqual([
      ...["eventbridge/associate", "subscriptions/alpha.yaml"],
    ]);
  });
});

describe("passes over a part", () => {
  test("what another group's manifest wants stays, though its relay lost it", async () => {
    const organisation = makeOrganisation();
    const { sync, run, declare, relays, topic, feeds } = organisation;
    declare("beta", ["e.c", "e.d"]);
    await sync(["e.a"]);
    for (const [id, one] of relays)
      if (one.name.startsWith("beta")) relays.set(id, { ...one, eventTypes: [topic("e.c")] });
    declare("alpha", ["e.b"]);
    expect((await run("sync --group alpha")).status).toBe(0);
    expect(feeds()).toEqual([`${notes}: e.b e.c e.d`]);
  });

  test("a pass that writes no relay reports no drift of the feed, which it could not mend", async () => {
    const organisation = makeOrganisation();
    const { sync, run } = organisation;
    await sync(["e.a", "e.b"]);
    narrow(organisation, "e.a");
    const { drift, operations } = parse((await run("plan --group alpha --output json")).out);
    expect([drift, operations]).toEqual([[], []]);
  });

  test("the feed of an earlier config stays until a pass over all groups, of which none is held back", async () => {
    const organisation = makeOrganisation();
    const { sync, run, files, declare, feeds, state } = organisation;
    declare("beta", ["e.c"]);
    await sync(["e.a"]);
    for (const [id, one] of state.integrations) {
      const properties = { ...one.config.properties, eventSourceSuffix: "before" };
      state.integrations.set(id, { ...one, config: { ...one.config, properties } });
    }
    declare("alpha", ["e.b"]);
    await run("sync --group alpha");
    expect(feeds()).toHaveLength(2);
    const beta = files.text("/subscriptions/beta.yaml");
    files.set(
      "/subscriptions/beta.yaml",
      beta
        .replace("e.c", "e.d")
        .replace("  name: beta", '  name: beta\n  annotations: { reconcile.genesys/freeze: "a test" }'),
    );
    declare("gamma", ["e.f"]);
    await run("sync");
    files.set("/subscriptions/beta.yaml", beta);
    await run("sync");
    expect(feeds()).toEqual([`${notes}: e.b e.c e.f`]);
  });

  test.each([
    [
      "heals the feed",
      (organisation: Organisation) => {
        narrow(organisation, "e.a");
      },
    ],
    [
      "makes it",
      ({ state, relays }: Organisation) => {
        [state.integrations, relays].forEach((all) => {
          all.clear();
        });
      },
    ],
  ])("a saved plan that %s can be applied", async (_what, change) => {
    const organisation = makeOrganisation();
    const { sync, run, feeds } = organisation;
    await sync(["e.a", "e.b"]);
    change(organisation);
    await run("plan --out plan.json");
    expect((await run("apply plan.json")).status).toBe(0);
    expect(feeds()).toEqual([`${notes}: e.a e.b`]);
  });

  test("a saved plan does not rely on another owner's relays, nor on the state of those that it leaves", async () => {
    const { sync, run, declare, relays, topic } = makeOrganisation();
    declare("beta", ["e.c"]);
    await sync(["e.a"]);
    const foreign = { id: "f", name: "z", endpoint: "https://z.example.com/", eventTypes: [topic("e.f")] };
    const description = "Consumer group: z | Managed by: reconcile (others)";
    relays.set("f", { ...foreign, state: "enabled", description });
    declare("alpha", ["e.a", "e.b"]);
    await run("plan --out plan.json");
    relays.set("f", { ...foreign, state: "disabled", eventTypes: [], description });
    expect((await run("apply plan.json")).status).toBe(0);
  });
});

describe("rollbacks", () => {
  test("of a hand-over: the webhook is made again, and then its relay and the feed are deleted", async () => {
    const organisation = makeOrganisation();
    const { sync, run, files, webhooks, parts, feeds } = organisation;
    files.set("/reconcile.yaml", off);
    await sync(["e.a", "e.b"]);
    files.set("/reconcile.yaml", on);
    await run("sync");
    const { gaps, intercept } = watchGaps(organisation);
    expect((await run(`rollback --run ${runOf(organisation)}`, { intercept })).status).toBe(0);
    expect([webhooks(), parts(), feeds(), gaps]).toEqual([["e.a e.b"], [], [], []]);
  });

  test("to relays that the config no longer asks for are refused, because no feed would serve them", async () => {
    const organisation = makeOrganisation();
    const { sync, run, files, webhooks, parts } = organisation;
    await sync(["e.a", "e.b"]);
    files.set("/reconcile.yaml", off);
    await run("sync");
    const { out, status } = await run(`rollback --run ${runOf(organisation)} --force --output json`);
    expect([status, parse(out).diagnostics.map(({ code }) => code)]).toEqual([1, ["rollback/forbidden"]]);
    expect([webhooks(), parts()]).toEqual([["e.a e.b"], []]);
  });

  test("of a run that wrote only the feed have nothing to do, and say so", async () => {
    const organisation = makeOrganisation();
    const { sync, run, feeds } = organisation;
    await sync(["e.a", "e.b"]);
    narrow(organisation, "e.a");
    await run("sync");
    const { out } = await run(`rollback --run ${runOf(organisation)} --output json`);
    expect(parse(out).diagnostics.map(({ code }) => code)).toContain("rollback/nothing");
    expect(feeds()).toEqual([`${notes}: e.a e.b`]);
  });
});

test("the answer of a relay's create is lost while the group's webhook is still there", async () => {
  const { sync, run, files, parts } = makeOrganisation();
  files.set("/reconcile.yaml", off);
  await sync(["e.a", "e.b"]);
  files.set("/reconcile.yaml", on);
  let lost = 0;
  const intercept: Intercept = ({ method, url }, forward) => {
    if (method !== "POST" || !url.includes("/relays") || (lost += 1) > 1) return forward();
    forward();
    return answer(504);
  };
  const { operations, diagnostics } = parse((await run("sync --output json", { intercept })).out);
  expect(operations.map(({ action, status }) => `${action} ${status}`)).toEqual([
    ...["create applied", "create recovered", "delete applied"],
  ]);
  expect(diagnostics.map(({ code }) => code)).not.toContain("group/replanned");
  expect(parts()).toHaveLength(1);
});

describe("with a base", () => {
  const revision = ({ files }: Organisation, config: string) => {
    const manifests = files.paths().filter((path) => path.startsWith("/subscriptions/"));
    const entries = manifests.map((path) => [path.slice(1), files.text(path)] as const);
    return { revisions: { main: { ...Object.fromEntries(entries), "reconcile.yaml": config } } };
  };

  test("a gain and a loss of the feed, and two triggers, that were pending before the change are of before", async () => {
    const organisation = makeOrganisation();
    const { sync, run, files, declare, topic } = organisation;
    await sync(["e.a", "e.b"]);
    declare("alpha", ["e.a", "e.c"]);
    files.set("/subscriptions/flow.yaml", flowManifest(topic("e.a"), topic("e.b")));
    const { out } = await run("plan --base main --output json", revision(organisation, on));
    expect(parse(out).operations.map(({ origin }) => origin)).toEqual(Array(5).fill("pending"));
  });

  test("a change of the config that chooses the kind is what the change does", async () => {
    const organisation = makeOrganisation();
    const { sync, run, files } = organisation;
    files.set("/reconcile.yaml", off);
    await sync(["e.a", "e.b"]);
    const base = revision(organisation, off);
    files.set("/reconcile.yaml", on);
    const { out } = await run("plan --base main --output json", base);
    expect(parse(out).operations.map(({ origin }) => origin)).toEqual(Array(3).fill("change"));
  });

  test("a write of the feed that is no longer needed is told without a group", async () => {
    const organisation = makeOrganisation();
    const { sync, run, declare } = organisation;
    await sync(["e.a", "e.b"]);
    declare("alpha", ["e.a"]);
    const base = revision(organisation, on);
    declare("alpha", ["e.a", "e.b"]);
    const { out } = await run("plan --base main", base);
    expect(out).not.toContain("null");
  });
});
