// A list that lags behind, or that is empty during an outage: what the trail knows is looked up before it counts as gone.
import { describe, expect, test } from "vitest";
import type { ReportedResult } from "../../../src/model/result.ts";
import { storedIn, wholeOf, type TestKind } from "../../support/kinds.ts";
import {
  answer,
  makeWorld,
  manifest,
  runWorld,
  trailOf,
  trailPath,
  writesOf,
  type Intercept,
  type TestWorld,
  type WorldOptions,
} from "../../support/world.ts";
import { integrations, kinds, login, listOf, sizeOf } from "./groups.ts";

const quirks = { listLagMs: 3_600_000 };

const fileOf = (group: string) => `subscriptions/${group}.yaml`;

async function run(from: TestWorld, argv: string, more: Partial<WorldOptions> = {}) {
  const done = await runWorld({ argv: `${argv} --output json`, from, ...more });
  const result = JSON.parse(done.out) as ReportedResult;
  return { ...done, result, became: result.operations.map(({ action, status }) => `${action} ${status}`) };
}

/** A world in which each group has been synced, with a list that shows nothing of it. */
async function synced(kind: TestKind, ...groups: readonly string[]): Promise<TestWorld> {
  const files = Object.fromEntries(groups.map((group) => [fileOf(group), manifest(group, { kind })]));
  const world = makeWorld({ argv: "", files, quirks });
  const { status, world: after } = await run(world, "sync");
  expect(status).toBe(0);
  return after;
}

/** As an outage answers a list: 200, and nothing in it. */
const emptyLists: Intercept = (request, forward) => {
  const { pathname } = new URL(request.url);
  const isList = kinds.some(({ path }) => path === pathname) && request.method === "GET";
  return isList ? answer(200, { entities: [], total: 0, pageCount: 0 }) : forward();
};

describe.each(kinds)("$nouns", (kind) => {
  const size = sizeOf(kind);

  test("what was just created and is not listed yet is read by its id: no drift, nothing to do, no second one", async () => {
    const world = await synced(kind, "alpha");
    const before = world.files.text(trailPath);
    const plan = await run(world, "plan");
    expect([plan.result.drift, plan.became, plan.status]).toEqual([[], [], 0]);
    const sync = await run(plan.world, "sync");
    expect([sync.became, writesOf(sync.world), sync.status]).toEqual([[], [], 0]);
    expect(sync.result.summary.unchanged).toBe(size);
    expect(storedIn(world)).toEqual(wholeOf(kind, "alpha"));
    expect(world.files.text(trailPath)).toBe(before);
  });

  test("an empty list of an outage makes nothing anew", async () => {
    const files = { [fileOf("alpha")]: manifest("alpha", { kind }) };
    const first = await run(makeWorld({ argv: "", files }), "sync");
    const second = await run(first.world, "sync", { intercept: emptyLists });
    expect([second.became, writesOf(second.world), second.status]).toEqual([[], [], 0]);
    expect(storedIn(second.world)).toEqual(wholeOf(kind, "alpha"));
  });

  test("what was just changed and is listed as it was is no drift, and not written again", async () => {
    const first = await run(
      makeWorld({ argv: "", files: { [fileOf("alpha")]: manifest("alpha", { kind }) } }),
      "sync",
    );
    first.world.files.set(
      fileOf("alpha"),
      manifest("alpha", { kind }).replace("alpha.json", "elsewhere.json"),
    );
    const second = await run(first.world, "sync", { quirks });
    expect(second.became).toEqual(Array.from({ length: size }, () => "update applied"));
    const third = await run(second.world, "sync");
    expect([third.result.drift, third.became, writesOf(third.world)]).toEqual([[], [], []]);
  });

  test("what was just deleted and is still listed counts as gone", async () => {
    const first = await run(
      makeWorld({ argv: "", files: { [fileOf("alpha")]: manifest("alpha", { kind }) } }),
      "sync",
    );
    const text = first.world.files.text(fileOf("alpha"));
    first.world.files.set(fileOf("beta"), manifest("beta", { kind }));
    first.world.files.take(fileOf("alpha"));
    const second = await run(first.world, "sync --prune --allow-deletes", { quirks });
    expect(second.became).toContain("delete applied");
    const third = await run(second.world, "sync --prune --allow-deletes");
    expect([third.result.orphans, third.became, writesOf(third.world)]).toEqual([[], [], []]);
    // It comes back at once, although the list shows what is not there.
    third.world.files.set(fileOf("alpha"), text);
    const fourth = await run(third.world, "sync");
    expect(fourth.became).toEqual(Array.from({ length: size }, () => "create applied"));
    expect(storedIn(fourth.world)).toEqual([...wholeOf(kind, "alpha"), ...wholeOf(kind, "beta")]);
  });

  test("a deleted one costs one read until it is made anew, and no read afterwards", async () => {
    const files = { [fileOf("alpha")]: manifest("alpha", { kind }) };
    const first = await run(makeWorld({ argv: "", files }), "sync");
    const ids = kind.stored(first.world.state).map(({ id }) => id);
    for (const id of ids) kind.remove(first.world.state, id);
    const plan = await run(first.world, "plan");
    const cap = kind === integrations ? [`GET ${kind.path}/types/amazon-eventbridge-source`] : [];
    const reads = ids.map((id) => `GET ${kind.path}/${id}`);
    expect([...plan.world.requests].sort()).toEqual([login, listOf(kind), ...reads, ...cap].sort());
    expect(plan.became).toHaveLength(size);
    expect(plan.result.operations[0]?.reason).toMatch(/deleted outside/);
    const second = await run(plan.world, "sync");
    expect(second.became).toEqual(Array.from({ length: size }, () => "create applied"));
    const third = await run(second.world, "sync");
    expect(third.world.requests).toEqual([login, listOf(kind)]);
  });

  test("a group of which one cannot be read is held back, and the others go on", async () => {
    const world = await synced(kind, "alpha");
    world.files.set(fileOf("beta"), manifest("beta", { kind }));
    const ids = kind.stored(world.state).map(({ id }) => id);
    const refuse: Intercept = (request, forward) => {
      const isOne = ids.some((id) => request.url.includes(`/${id}`));
      return isOne ? answer(403, { message: "not for you", code: "forbidden" }) : forward();
    };
    const second = await run(world, "sync", { intercept: refuse });
    expect(second.status).toBe(1);
    const errors = second.result.diagnostics.filter(({ severity }) => severity === "error");
    expect(errors).toMatchObject([{ code: "api/forbidden" }]);
    expect(errors[0]?.message).toMatch(/^group "alpha" is skipped: /);
    expect(storedIn(world)).toEqual([...wholeOf(kind, "alpha"), ...wholeOf(kind, "beta")]);
    expect(trailOf(world.files).filter(({ event }) => event === "change.applied")).toHaveLength(2 * size);
  });

  test("a saved plan and a rollback see what is there, too", async () => {
    const world = await synced(kind, "alpha");
    world.files.set(fileOf("beta"), manifest("beta", { kind }));
    const plan = await run(world, "plan --out plan.json");
    const applied = await run(plan.world, "apply plan.json");
    expect([applied.became, applied.status]).toEqual([
      Array.from({ length: size }, () => "create applied"),
      0,
    ]);
    const { runId } = applied.result;
    const back = await run(applied.world, `rollback --run ${runId} --allow-deletes`);
    expect([back.became, back.status]).toEqual([Array.from({ length: size }, () => "delete applied"), 0]);
    expect(storedIn(world)).toEqual(wholeOf(kind, "alpha"));
    const again = await run(back.world, `rollback --run ${back.result.runId}`);
    expect(again.became).toEqual(Array.from({ length: size }, () => "create applied"));
    expect(storedIn(world)).toEqual([...wholeOf(kind, "alpha"), ...wholeOf(kind, "beta")]);
  });
});
