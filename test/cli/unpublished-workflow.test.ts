// Triggers whose workflow the platform does not take yet: a pipeline publishes it, and makes its triggers at once.
import { expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import { genesysTopics } from "../../src/model/genesys-topics.ts";
import type { SandboxQuirks } from "../../src/sandbox/quirks.ts";
import { storedIn, wholeOf, webhooks, triggers } from "../support/kinds.ts";
import {
  answer,
  makeWorld,
  manifest,
  methodsOf,
  runWorld,
  trailOf,
  type Intercept,
  type TestWorld,
} from "../support/world.ts";
import type { Shown } from "../apply/syncs.ts";

const files = { "subscriptions/a.yaml": manifest("alpha", { kind: triggers }) };

/** Those that a trigger can have. */
const topics = genesysTopics.filter((topic) => !topic.startsWith("v2.audits."));

/** Every workflow is published so long after the world begins. */
function publishedAfter(delayMs: number, more: SandboxQuirks = {}): SandboxQuirks {
  const atMs = makeWorld({ argv: "" }).clock.now() + delayMs;
  return { isPublished: (_, nowMs) => nowMs >= atMs, ...more };
}

interface Synced {
  readonly world: TestWorld;
  readonly status: number;
  readonly result: Shown;
  readonly tookMs: number;
}

async function sync(options: Partial<Parameters<typeof runWorld>[0]>): Promise<Synced> {
  const startedMs = (options.from ?? makeWorld({ argv: "" })).clock.now();
  const { world, status, out } = await runWorld({ argv: "--output json", files, ...options });
  return { world, status, result: JSON.parse(out) as Shown, tookMs: world.clock.now() - startedMs };
}

const endings = (world: TestWorld) =>
  trailOf(world.files)
    .filter(({ event }) => event.startsWith("change."))
    .map(({ event, success }) => `${event} ${String(success)}`);

test("a trigger is made as soon as its workflow is published, with one intent and one outcome", async () => {
  const { world, status, result } = await sync({ quirks: publishedAfter(12_000) });
  expect([status, result.ok]).toEqual([0, true]);
  expect(storedIn(world)).toEqual(wholeOf(triggers, "alpha"));
  const { length } = wholeOf(triggers, "alpha");
  expect(endings(world).filter((text) => text === "change.intended null")).toHaveLength(length);
  expect(endings(world).filter((text) => text === "change.applied true")).toHaveLength(length);
  expect(endings(world)).toHaveLength(2 * length);
});

test("after 30 seconds the platform's words and the way out are the error", async () => {
  const { world, status, result, tookMs } = await sync({ quirks: publishedAfter(120_000) });
  expect([status, world.state.triggers.size]).toEqual([1, 0]);
  expect(tookMs).toBeGreaterThanOrEqual(30_000);
  expect(tookMs).toBeLessThan(40_000);
  const [first] = result.operations;
  expect(first).toMatchObject({ status: "failed" });
  expect(first?.error).toContain(
    "refused (400): The target is not a workflow that is published and active.",
  );
  expect(first?.error).toContain("publish the workflow, check that it is active and that its id is right");
  expect(endings(world)).toContain("change.failed false");
});

test("the triggers of a pass wait together, whatever their number and their workflows", async () => {
  const all = Object.fromEntries(
    ["a", "b", "c"].map((group, index) => [
      `subscriptions/${group}.yaml`,
      manifest(group, { kind: triggers, eventTypes: topics.slice(12 * index, 12 * index + 12) }),
    ]),
  );
  const { result, tookMs, world } = await sync({
    quirks: publishedAfter(1e9),
    files: all,
    argv: "--output json --concurrency 1",
  });
  expect(result.operations.map(({ status }) => status)).toEqual(Array.from({ length: 36 }, () => "failed"));
  expect(tookMs).toBeLessThan(45_000);
  // One trigger of each workflow asks again for all of them.
  expect(methodsOf(world).length).toBeLessThan(36 + 3 * 12);
});

test("while triggers wait, other kinds are written, even if one request is sent at a time", async () => {
  const eventTypes = topics.slice(0, 15);
  const { world, status } = await sync({
    quirks: publishedAfter(20_000),
    files: {
      "subscriptions/a.yaml": manifest("alpha", { kind: triggers, eventTypes }),
      "subscriptions/b.yaml": manifest("beta", { kind: webhooks }),
    },
    argv: "--output json --concurrency 1",
  });
  const applied = trailOf(world.files).filter(({ event }) => event === "change.applied");
  expect([status, applied.length]).toEqual([0, 16]);
  expect(applied.map(({ group }) => group).indexOf("beta")).toBe(0);
});

test("a move to a workflow that is not published waits, too, and the old one goes on meanwhile", async () => {
  const { world } = await sync({});
  const before = storedIn(world);
  world.files.set(
    "subscriptions/a.yaml",
    manifest("alpha", { kind: triggers }).replace("workflow:alpha", "workflow:other"),
  );
  const targets = new Set<string>();
  const later = world.clock.now() + 12_000;
  const quirks = {
    checksMoves: true,
    isPublished: (id: string, nowMs: number) => id === "alpha" || nowMs >= later,
  };
  const second = await sync({ from: world, quirks });
  expect([second.status, second.result.operations.map(({ status }) => status)]).toEqual([
    0,
    before.map(() => "applied"),
  ]);
  for (const { target } of world.state.triggers.values()) targets.add(target.id);
  expect([...targets]).toEqual(["other"]);
});

test("an interrupt ends the wait at once, and the refusal is on record", async () => {
  let refusals = 0;
  const world = makeWorld({
    argv: "--output json",
    files,
    quirks: publishedAfter(1e9),
    intercept: (_, forward) => {
      const response = forward();
      if (response.status === 400 && (refusals += 1) > 4) world.interrupt.abort();
      return response;
    },
  });
  const startedMs = world.clock.now();
  expect(await run(world)).toBe(130);
  expect(world.clock.now() - startedMs).toBeLessThan(15_000);
  const { operations } = JSON.parse(world.out()) as Shown;
  expect(new Set(operations.map(({ status }) => status))).toEqual(new Set(["failed"]));
  const outcomes = trailOf(world.files).filter(({ event }) => event === "change.failed");
  expect(outcomes.map(({ attempted, success }) => [attempted, success])).toEqual(
    operations.map(() => [true, false]),
  );
});

test("a process that dies while it waits leaves intents that the next run closes as not done", async () => {
  let posts = 0;
  const from = makeWorld({ argv: "", files });
  await new Promise<void>((resolve) => {
    const intercept: Intercept = (request, forward) => {
      if (request.method !== "POST" || !request.url.includes("/triggers")) return forward();
      if ((posts += 1) < 5) return answer(400, { message: "not published" });
      resolve();
      return new Promise(() => undefined);
    };
    void runWorld({ argv: "", from, intercept, processes: { pid: 666 } });
  });
  await from.clock.sleep(90_000);
  const next = await runWorld({ argv: "--output json", from, processes: { pid: 7, isAlive: () => false } });
  expect([next.status, storedIn(from)]).toEqual([0, wholeOf(triggers, "alpha")]);
  const closings = trailOf(from.files).filter(({ error }) => error?.includes("it did not take effect"));
  expect(closings.map(({ success }) => success)).toEqual(wholeOf(triggers, "alpha").map(() => false));
});

test.each([
  ["names another field", 400, { errors: [{ field: "matchCriteria", message: "bad" }] }],
  ["names another field in words", 400, { message: "topicName v2.x is not available" }],
  ["names the topic", 400, { message: `${triggers.eventTypes.join(" or ")} is not offered` }],
  [
    "names a limit",
    400,
    {
      message: "No.",
      code: "bad.request",
      limit: { key: "triggers.max", namespace: "event.orchestration" },
    },
  ],
  ["names a limit in its code", 400, { message: "No.", code: "max.triggers.reached" }],
  ["has another status", 422, { message: "no" }],
])("a refusal that %s is not repeated", async (_, status, body) => {
  const { world, tookMs, result } = await sync({
    intercept: (request, forward) =>
      request.method === "POST" && request.url.includes("/triggers") ? answer(status, body) : forward(),
  });
  expect(methodsOf(world)).toEqual(wholeOf(triggers, "alpha").map(() => "POST"));
  expect(tookMs).toBeLessThan(5_000);
  expect(result.operations.map((one) => one.status)).toEqual(
    wholeOf(triggers, "alpha").map(() => "failed"),
  );
});

test("a refusal after the workflow took another trigger is about something else", async () => {
  let posts = 0;
  const { world, tookMs, result } = await sync({
    argv: "--output json --concurrency 1",
    intercept: (request, forward) =>
      request.method === "POST" && request.url.includes("/triggers") && (posts += 1) > 1
        ? answer(400, { message: "no" })
        : forward(),
  });
  expect(tookMs).toBeLessThan(5_000);
  expect(result.operations.map((one) => one.status)[0]).toBe("applied");
  expect(methodsOf(world).length).toBeLessThanOrEqual(2 * wholeOf(triggers, "alpha").length);
});
