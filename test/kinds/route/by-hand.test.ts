// What someone does to a route in AWS by hand: it is put right, or named and left alone.
import { expect, test } from "vitest";
import type { TestWorld } from "../../support/world.ts";
import { manifest } from "../../support/world.ts";
import { configOf, runWithAws, topics } from "./aws-world.ts";

const files = {
  "reconcile.yaml": configOf({}),
  "subscriptions/alpha.yaml": manifest("alpha", {
    eventTypes: topics,
    pool: ["https://hooks.example.com/1"],
  }),
};

async function made(): Promise<TestWorld> {
  const { status, world } = await runWithAws("sync", { files });
  expect(status).toBe(0);
  return world;
}

/** Replaces the only entry of a map by what `change` makes of it. */
function edit<T>(map: Map<string, T>, change: (one: T) => T): void {
  const [[key, one] = []] = [...map];
  if (key === undefined || one === undefined) throw new Error("there is nothing to edit");
  map.set(key, change(one));
}

test("an endpoint that was sent elsewhere is put back in place, under its name", async () => {
  const world = await made();
  edit(world.state.aws.destinations, (one) => ({
    ...one,
    InvocationEndpoint: "https://elsewhere.example.com/x",
  }));
  const { status, out, world: after } = await runWithAws("sync", { from: world });
  expect([status, out.includes("1 updated")]).toEqual([0, true]);
  const { destinations, rules } = after.state.aws;
  expect([...destinations.values()].map((one) => one.InvocationEndpoint)).toEqual([
    "https://hooks.example.com/1",
  ]);
  expect(rules.size).toBe(1);
});

test.each([
  [
    "a pattern that matches less",
    { EventPattern: '{"detail-type":["v2.users.{id}.presence"],"region":["x"]}' },
  ],
  ["an event type that was taken out", { EventPattern: '{"detail-type":["v2.users.{id}.presence"]}' }],
  ["a rule that was disabled", { State: "DISABLED" }],
])("%s is put right", async (_, change) => {
  const world = await made();
  const [before] = [...world.state.aws.rules.values()];
  edit(world.state.aws.rules, (one) => ({ ...one, ...change }));
  const { status, world: after } = await runWithAws("sync", { from: world });
  const [rule] = [...after.state.aws.rules.values()];
  expect([status, rule?.EventPattern, rule?.State]).toEqual([0, before?.EventPattern, "ENABLED"]);
  const third = await runWithAws("sync --output json", { from: after });
  expect(JSON.parse(third.out)).toMatchObject({ ok: true, operations: [] });
});

test("a target of someone else keeps its rule, disabled, and the pass names it", async () => {
  const world = await made();
  const foreign = { Id: "log", Arn: "arn:aws:logs:us-east-1:123456789012:log-group:/events" };
  edit(world.state.aws.rules, (one) => ({ ...one, Targets: [...one.Targets, foreign] }));
  await world.files.write(
    "subscriptions/alpha.yaml",
    manifest("beta", { eventTypes: topics }).replaceAll("events.example", "hooks.example"),
  );
  const { status, out, world: after } = await runWithAws("sync --prune --allow-deletes", { from: world });
  expect(status).toBe(1);
  expect(out).toContain(foreign.Arn);
  const kept = [...after.state.aws.rules.values()].find(({ Name }) => Name.startsWith("alpha-"));
  expect([kept?.State, kept?.Targets]).toEqual(["DISABLED", [foreign]]);
});

test("a rule of a planned route's name without a marker holds its group back, also with --adopt", async () => {
  const world = await made();
  edit(world.state.aws.rules, (one) => ({ ...one, Description: "mine" }));
  for (const command of ["sync", "sync --adopt"]) {
    const { status, out, actions } = await runWithAws(command, { from: world });
    expect([command, status]).toEqual([command, 1]);
    expect(out).toContain("alpha");
    expect(actions.filter((action) => /^(Put|Remove|Delete|Create|Update)/.test(action))).toEqual([]);
  }
});
