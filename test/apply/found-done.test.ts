// What another machine did while this one was about to: it is no change of this run, in its trail, its counts and its figures.
import { describe, expect, test } from "vitest";
import { kinds, storedIn, wholeOf, type TestKind } from "../support/kinds.ts";
import { makeMemoryFiles } from "../support/memory-files.ts";
import {
  brokenOff,
  manifest,
  runWorld,
  trailOf,
  type Intercept,
  type TestWorld,
} from "../support/world.ts";
import { events, sync } from "./syncs.ts";

const [webhooks, integrations, triggers] = kinds as [TestKind, TestKind, TestKind];

/** Before this machine's first write arrives, another machine, with a disk of its own, applies the same manifests. */
function otherMachineIsFaster(here: TestWorld, argv: string): Intercept {
  let running: Promise<unknown> | null = null;
  const runOther = async (): Promise<void> => {
    const manifests = here.files.paths().filter((path) => path.startsWith("/subscriptions/"));
    const files = makeMemoryFiles(
      Object.fromEntries(manifests.map((path) => [path, here.files.text(path)])),
    );
    expect((await runWorld({ argv, from: { ...here, files } })).status).toBe(0);
  };
  return async (request, forward) => {
    if (request.method !== "GET" && !request.url.includes("/oauth/")) await (running ??= runOther());
    return forward();
  };
}

const moved = (kind: TestKind) => manifest("alpha", { kind }).replace("/var/data/", "/srv/");

type Race = readonly [name: string, kind: TestKind, before: string | null, after: string | null];

const races: readonly Race[] = [
  ["create of webhooks", webhooks, null, manifest("alpha")],
  ["update of integrations", integrations, manifest("alpha", { kind: integrations }), moved(integrations)],
  ["update of triggers", triggers, manifest("alpha", { kind: triggers }), moved(triggers)],
  ...kinds.map((kind): Race => [`delete of ${kind.nouns}`, kind, manifest("alpha", { kind }), null]),
];

describe.each(races)("a %s that another machine has made", (name, kind, before, after) => {
  const flags = after === null ? "--prune --allow-deletes" : "";
  const race = async () => {
    const beside = { "subscriptions/beside.yaml": manifest("beside", { kind }) };
    const start = await sync({ ...beside, ...(before ? { "subscriptions/a.yaml": before } : {}) });
    const { files } = start.world;
    if (after) files.set("subscriptions/a.yaml", after);
    else files.take("subscriptions/a.yaml");
    const seen = trailOf(files).length;
    const run = await sync(start.world, otherMachineIsFaster(start.world, `sync ${flags}`), flags);
    return { ...run, records: trailOf(files).slice(seen) };
  };

  test("is recorded as failed, with the reason", async () => {
    const { records, world } = await race();
    const action = name.split(" ")[0] ?? "";
    const outcomes = records.filter(({ event }) => /^change\.(applied|recovered|failed)$/.test(event));
    expect(new Set(outcomes.map(({ event, success }) => `${event} ${String(success)}`))).toEqual(
      new Set(["change.failed false"]),
    );
    for (const { error, operation } of outcomes) {
      expect(operation).toBe(action);
      expect(error).toMatch(/^it was found done, and not by this run: /);
    }
    const description =
      "Consumer group: alpha | Offset tracking: /srv/alpha.json | Managed by: reconcile (default)";
    expect(storedIn(world)).toEqual(
      [
        ...wholeOf(kind, "beside"),
        ...(after ? wholeOf(kind, "alpha", before ? { description } : {}) : []),
      ].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    );
  });

  test("is counted as unchanged, and the pass succeeds", async () => {
    const { result, status } = await race();
    const own = wholeOf(kind, "beside").length;
    const found = after ? wholeOf(kind, "alpha").length : 0;
    expect([result.operations, status]).toEqual([[], 0]);
    expect(result.summary).toMatchObject({ create: 0, update: 0, delete: 0, unchanged: own + found });
    const warned = result.diagnostics.filter(({ code }) => code === "group/doneMeanwhile");
    expect(warned).toHaveLength(after ? 1 : 0);
  });

  test("is not taken back with the run", async () => {
    const { world, records } = await race();
    const run = await runWorld({
      argv: ["rollback", "--run", records[0]?.runId ?? "", "--output", "json"],
      from: world,
    });
    expect(JSON.parse(run.out)).toMatchObject({ operations: [] });
  });
});

test("an integration that was switched on meanwhile needs no request, and counts as no attempt", async () => {
  const start = await sync({ "subscriptions/a.yaml": manifest("alpha", { kind: integrations }) });
  const { state, files, clock } = start.world;
  integrations.switchOff(state);
  const seen = events(start.world).length;
  const { status, result } = await sync(start.world, (request, forward) => {
    const answered = forward();
    // Another machine switches it on after the list, before this one looks at it.
    if (request.method === "GET" && request.url.includes("integrationType"))
      for (const [id, one] of state.integrations)
        state.integrations.set(id, { ...one, intendedState: "ENABLED", intendedAtMs: clock.now() });
    return answered;
  });
  expect([result.operations, status]).toEqual([[], 0]);
  expect(events(start.world).slice(seen)).toEqual([
    "change.intended update null",
    "change.failed update false",
  ]);
  expect(trailOf(files).find(({ event }) => event === "change.failed")).toMatchObject({ attempted: false });
});

test.each(["the machine that left it off", "another machine"])(
  "an event source that a removal left switched off is switched on by the next pass of %s",
  async (which) => {
    const text = manifest("alpha", { kind: integrations });
    const beside = { "subscriptions/b.yaml": manifest("beside", { kind: integrations }) };
    const start = await sync({ "subscriptions/a.yaml": text, ...beside });
    const { files } = start.world;
    files.take("subscriptions/a.yaml");
    // It is switched off, and then every request to delete it is lost.
    const cut = await sync(
      start.world,
      (request, forward) => (request.method === "DELETE" ? brokenOff() : forward()),
      "--prune --allow-deletes",
    );
    const alphaOf = ({ state }: TestWorld) =>
      integrations.stored(state).filter(({ endpoint }) => endpoint === integrations.endpointOf("alpha"));
    expect([cut.became, alphaOf(start.world)]).toMatchObject([["delete unknown"], [{ state: "disabled" }]]);
    files.set("subscriptions/a.yaml", text);
    const own = makeMemoryFiles({ "subscriptions/a.yaml": text, ...beside });
    const from = which === "another machine" ? { ...cut.world, files: own } : cut.world;
    expect((await runWorld({ argv: "sync", from })).status).toBe(0);
    expect(alphaOf(start.world)).toMatchObject([{ state: "enabled" }]);
  },
);
