// What a daemon keeps from pass to pass changes nothing that it plans or writes.
import fc from "fast-check";
import { expect, test } from "vitest";
import { makeOrRecall, readOrRecall } from "../../src/app/pass-memory.ts";
import type { PassMemory, PassOptions } from "../../src/app/pass.ts";
import { noOlderRecords, type History } from "../../src/audit/history.ts";
import { webhook } from "../../src/kinds/webhook/kind.ts";
import { asDocument } from "../../src/model/document.ts";
import { makeLive, type LiveResource, type ResourceDocument } from "../../src/model/resource.ts";
import type { Subscription } from "../../src/model/subscription.ts";
import { makeDefaultConfig } from "../../src/manifest/config.ts";
import { makeWorld, manifest, type TestWorld } from "../support/world.ts";
import { options, runPass } from "./run-pass.ts";

const groups = ["alpha", "beta", "gamma"];
const pools = [["https://a.example.com/x"], ["https://a.example.com/x", "https://b.example.com/x"]];

function forget(): PassMemory {
  return {
    recordedFaults: { last: undefined },
    lastValid: null,
    last: null,
    lastHistory: null,
    lastPlan: null,
  };
}

/** Each changes something that a plan depends on, or nothing. The number picks what. */
const events: Readonly<Record<string, (world: TestWorld, pick: number) => unknown>> = {
  nothing: () => undefined,
  manifest: ({ files }, pick) => {
    const group = groups[pick % 3] ?? "alpha";
    files.set(`/m/${group}.yaml`, manifest(group, { pool: pools[pick % 2] ?? [] }));
  },
  manifestGone: ({ files }, pick) => {
    const file = `/m/${groups[pick % 3]}.yaml`;
    if (files.paths().includes(file) && files.paths().filter((path) => path.startsWith("/m/")).length > 1)
      files.take(file);
  },
  drift: ({ state }, pick) => {
    const one = [...state.webhooks.values()][pick % Math.max(1, state.webhooks.size)];
    if (one)
      state.webhooks.set(one.id, { ...one, state: one.state === "enabled" ? "disabled" : "enabled" });
  },
  deleted: ({ state }, pick) => {
    const one = [...state.webhooks.values()][pick % Math.max(1, state.webhooks.size)];
    if (one) state.webhooks.delete(one.id);
  },
  orphaned: ({ state }, pick) => {
    const one = [...state.webhooks.values()][pick % Math.max(1, state.webhooks.size)];
    if (one) state.webhooks.set(one.id, { ...one, name: `${one.name}-old` });
  },
  written: (world) => runPass(world, wish),
  writtenElsewhere: (world) => runPass(world, { ...wish, plan: { ...wish.plan, adopt: true } }),
};

const wish: PassOptions = {
  ...options,
  desired: { ...options.desired, config: makeDefaultConfig("reconcile.yaml") },
  plan: { ...options.plan, explain: true },
};

test("a pass with the memory of those before it ends as one without, whatever happened in between", async () => {
  const happened = fc.array(fc.tuple(fc.constantFrom(...Object.keys(events)), fc.nat(20)), {
    minLength: 1,
  });
  const property = fc.asyncProperty(happened, fc.boolean(), async (those, prune) => {
    const world = makeWorld({ argv: "", files: { "m/alpha.yaml": manifest("alpha") } });
    const memory = forget();
    const dry = { ...wish, dryRun: true, plan: { ...wish.plan, prune } };
    for (const [name, pick] of those) {
      await events[name]?.(world, pick);
      const { result, made } = await runPass(world, dry, { memory });
      // A daemon that starts anew: it knows the manifests as a daemon does, and nothing else.
      const anew = await runPass(world, dry, { memory: forget() });
      expect({ result, made }).toEqual({ result: anew.result, made: anew.made });
    }
  });
  await fc.assert(property, { numRuns: 60 });
});

test("the plan of a pass in which nothing has changed is the very plan of the pass before", async () => {
  const world = makeWorld({ argv: "", files: { "m/alpha.yaml": manifest("alpha") } });
  const memory = forget();
  await runPass(world, wish, { memory });
  const first = await runPass(world, wish, { memory });
  const second = await runPass(world, wish, { memory });
  expect(first.result.summary).toMatchObject({ unchanged: 1, create: 0 });
  expect(second.made?.plan).toBe(first.made?.plan);
});

test.each<[what: string, change: (world: TestWorld) => unknown]>([
  ["a manifest", (world) => events["manifest"]?.(world, 1)],
  ["a live webhook", (world) => events["drift"]?.(world, 0)],
])("the plan is made anew if %s has changed", async (_, change) => {
  const world = makeWorld({ argv: "", files: { "m/alpha.yaml": manifest("alpha") } });
  const memory = forget();
  await runPass(world, wish, { memory });
  const first = await runPass(world, wish, { memory });
  change(world);
  const second = await runPass(world, { ...wish, dryRun: true }, { memory });
  expect(second.made?.plan).not.toBe(first.made?.plan);
  expect(second.result.operations).not.toEqual([]);
});

function liveOne(name: string): LiveResource {
  const texts = { endpoint: "https://a.example.com/x", state: "enabled", description: "someone else's" };
  return makeLive(webhook, { id: "w1", name, ...texts, eventTypes: ["a.b.c"] });
}

test("the trail is read again if it or the list has changed, and if it is not known what it holds", async () => {
  const memory = forget();
  const empty = { recorded: new Map(), deleted: new Set<string>() };
  const nothing = {
    recent: [],
    recordedAtMs: new Map(),
    open: [],
    late: [],
    onRecord: new Set<string>(),
    unsound: [],
    older: noOlderRecords,
  };
  const whose = { path: "trail.log", owner: "me", organization: null };
  let reads = 0;
  const readWith = async (trail: string | null, name: string, environment = "here"): Promise<number> => {
    const before = reads;
    await readOrRecall(memory, { ...whose, trail, environment, live: [liveOne(name)] }, () => {
      reads += 1;
      return Promise.resolve<History>({ ...empty, ...nothing });
    });
    return reads - before;
  };
  expect(await readWith("aa", "one")).toBe(1);
  expect(await readWith("aa", "one")).toBe(0);
  expect(await readWith("bb", "one")).toBe(1);
  expect(await readWith("bb", "two")).toBe(1);
  expect(await readWith("bb", "two", "elsewhere")).toBe(1);
  expect(await readWith(null, "two")).toBe(1);
  expect(await readWith("bb", "two")).toBe(1);
});

test("nothing is kept of a trail that is not proven, such as one whose key this daemon does not have", async () => {
  const world = makeWorld({ argv: "", files: { "m/alpha.yaml": manifest("alpha") } });
  await runPass(world, { ...wish, audit: { ...wish.audit, key: "0123456789abcdef0123456789abcdef" } });
  // Another machine's: this one has kept no head of it.
  world.files.take("/head.json");
  const memory = forget();
  const { result } = await runPass(world, { ...wish, dryRun: true }, { memory });
  expect(result.diagnostics).toMatchObject([{ severity: "warning", code: "audit/keyMissing" }]);
  expect(memory.lastHistory).toBeNull();
});

test("no plan is kept while something is not as the trail has it", () => {
  const memory = forget();
  const desired: readonly Subscription[] = [];
  const live = [liveOne("one")];
  const given = { ...wish.plan, groups: null };
  const planned = (recorded: ReadonlyMap<string, ResourceDocument>) =>
    makeOrRecall(memory, { desired, live, options: { ...given, recorded } });
  const first = planned(new Map());
  expect(planned(new Map())).toBe(first);
  expect(planned(new Map([["w1", asDocument(liveOne("two"))]]))).not.toBe(first);
  expect(memory.lastPlan).toBeNull();
});
