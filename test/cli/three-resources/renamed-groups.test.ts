// A group with a new name takes its resources over, for each kind: in place, without a gap.
import { describe, expect, test } from "vitest";
import { kinds, storedIn } from "../../support/kinds.ts";
import { manifest, runWorld } from "../../support/world.ts";
import {
  eventTypes,
  filesOf,
  fileOf,
  set,
  synced,
  go,
  see,
  watch,
  expectNothingToDo,
  expectSoundTrail,
} from "./groups.ts";

describe.each(kinds)("a group of $nouns whose manifest has `renamedFrom`", (kind) => {
  const renamed = (tail = "  renamedFrom: alpha") =>
    manifest("alpha", { kind, eventTypes, tail }).replace("name: alpha", "name: sales");

  async function renamedWorld(tail?: string) {
    const world = await synced(filesOf(kind, ["alpha", "beta"]));
    world.files.take(fileOf("alpha"));
    set(world, { [fileOf("sales")]: renamed(tail) });
    return world;
  }

  test("keeps its resources: one update each, no gap, no orphan, nothing for a guard to count", async () => {
    const world = await renamedWorld();
    world.files.set(
      "reconcile.yaml",
      "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nmaxDeletePercent: 0\n",
    );
    const ids = kind.stored(world.state).map(({ id }) => id);
    const { intercept, lost } = watch(world, "alpha", "sales");
    const { status, became, result, about } = await see(world, "sync --prune", { intercept });
    expect([status, lost, about("prune/tooMany"), result.summary.orphans]).toEqual([0, [], [], 0]);
    expect(new Set(became)).toEqual(new Set(["update sales applied"]));
    expect(result.operations[0]?.reason).toContain('taken over from group "alpha"');
    expect(kind.stored(world.state).map(({ id }) => id)).toEqual(ids);
    expect(kind.stored(world.state).some(({ description }) => description.includes("group: alpha"))).toBe(
      false,
    );
    await expectNothingToDo(world, "--prune");
    await expectSoundTrail(world);
  });

  test("does so alone with --group, and by a saved plan", async () => {
    const world = await renamedWorld();
    await go(world, "plan --group sales --out p.json");
    expect(new Set((await see(world, "apply p.json")).became)).toEqual(new Set(["update sales applied"]));
    await expectNothingToDo(world);
  });

  test("what it already has under its new name stays, and the old one's double goes last", async () => {
    const world = await renamedWorld("");
    if (kind.eventTypeOfTwoGroups.becomes === "refused") return;
    await go(world, "sync");
    set(world, { [fileOf("sales")]: renamed() });
    const { status, became } = await see(world, "sync");
    expect([status, new Set(became)]).toEqual([0, new Set(["delete sales applied"])]);
    await expectNothingToDo(world, "--prune");
  });

  test("a frozen one leaves its resources as they are, and no prune takes them", async () => {
    const world = await renamedWorld();
    const frozen = renamed().replace(
      "  name: sales",
      '  name: sales\n  annotations: { reconcile.genesys/freeze: "a while" }',
    );
    set(world, { [fileOf("sales")]: frozen });
    const before = storedIn(world);
    await see(world, "sync --prune --allow-deletes");
    expect(storedIn(world)).toEqual(before);
  });

  test("another owner's resources of that name are not touched", async () => {
    const world = await synced(filesOf(kind, ["beta"]));
    kind.put(world.state, {
      ...{ id: "w1", name: "alpha-1", endpoint: kind.endpointOf("other"), eventTypes: kind.eventTypes },
      description: "Consumer group: alpha | Managed by: reconcile (rivals)",
    });
    set(world, { [fileOf("sales")]: renamed() });
    const { became } = await see(world, "plan");
    expect(new Set(became)).toEqual(new Set(["create sales planned"]));
  });
});

test.each([
  ["the old group is still declared, later", "a", "z"],
  ["the old group is still declared, earlier", "z", "a"],
])("an error: %s", async (_, own, other) => {
  const { status, out } = await runWorld({
    argv: "validate",
    files: {
      [`subscriptions/${own}.yaml`]: manifest("sales", { tail: "  renamedFrom: alpha" }),
      [`subscriptions/${other}.yaml`]: manifest("alpha"),
    },
  });
  expect(status).toBe(1);
  expect(out).toContain(`group "alpha" still has a manifest, at subscriptions/${other}.yaml:4:9`);
  expect(out).toContain("renamedFrom/stillDeclared");
  expect(out).toContain(`subscriptions/${own}.yaml:9:16`);
});

test("an error: two groups have one former name; a group has its own", async () => {
  const tail = "  renamedFrom: alpha";
  const two = {
    "subscriptions/a.yaml": manifest("sales", { tail }),
    "subscriptions/b.yaml": manifest("support", { tail }),
  };
  const { status, out } = await runWorld({ argv: "validate", files: two });
  expect(status).toBe(1);
  expect(out).toContain('another group takes over "alpha" already, at subscriptions/a.yaml:9:16');
  const own = await runWorld({
    argv: "validate",
    files: { "subscriptions/a.yaml": manifest("alpha", { tail }) },
  });
  expect(own.out).toContain("renamedFrom/stillDeclared");
});
