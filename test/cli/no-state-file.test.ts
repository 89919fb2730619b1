// A manifest without a state file, of each kind: nothing on the platform names one.
import { expect, test } from "vitest";
import type { Result } from "../../src/model/result.ts";
import { kinds, storedIn, wholeOf, type TestKind } from "../support/kinds.ts";
import { makeWorld, manifest, runWorld, trailOf, type TestWorld } from "../support/world.ts";

const path = "subscriptions/alpha.yaml";
const without = (kind: TestKind): string =>
  manifest("alpha", { kind }).replace(/ {2}offsetTracking: .*\n/, "");
const description = "Consumer group: alpha | Managed by: reconcile (default)";

async function planned(from: TestWorld): Promise<Result["operations"]> {
  const { out } = await runWorld({ argv: "plan --output json", from });
  return (JSON.parse(out) as Result).operations;
}

test.each(kinds)("$nouns: the description has two fields, and a second plan is empty", async (kind) => {
  const { status, world, err } = await runWorld({ argv: "", files: { [path]: without(kind) } });
  expect([status, err]).toEqual([0, ""]);
  expect(storedIn(world)).toEqual(wholeOf(kind, "alpha", { description }));
  expect(await planned(world)).toEqual([]);
});

test.each(kinds)(
  "$nouns: a state file that goes is written once, and rollback names it again",
  async (kind) => {
    const { world } = await runWorld({ argv: "", files: { [path]: manifest("alpha", { kind }) } });
    world.files.set(path, without(kind));
    expect((await runWorld({ argv: "", from: world })).status).toBe(0);
    expect(storedIn(world)).toEqual(wholeOf(kind, "alpha", { description }));
    expect(await planned(world)).toEqual([]);
    const run = trailOf(world.files).at(-1)?.runId ?? "";
    expect((await runWorld({ argv: `rollback --run ${run}`, from: world })).status).toBe(0);
    expect(storedIn(world)).toEqual(wholeOf(kind, "alpha"));
  },
);

test.each(kinds)("$nouns: import writes no state file that no description names", async (kind) => {
  const made = makeWorld({ argv: "" });
  const endpoint = kind.endpointOf("alpha");
  const eventTypes = kind.eventTypes.slice(0, 1);
  kind.put(made.state, {
    id: "made-1",
    name: "alpha-x",
    endpoint,
    eventTypes,
    description: "Consumer group: alpha",
  });
  const { world, out } = await runWorld({ argv: "import", from: made });
  expect(out).not.toContain("stateFile");
  expect(world.files.text(path)).not.toContain("offsetTracking");
  expect((await runWorld({ argv: "--adopt", from: world })).status).toBe(0);
  expect(storedIn(world)).toEqual(wholeOf(kind, "alpha", { eventTypes, description }).slice(0, 1));
});
