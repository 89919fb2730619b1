// What is printed and saved of each kind is as the published schemas say.
import { describe, expect, test } from "vitest";
import type { Result } from "../../../src/model/result.ts";
import { faultsIn } from "../../support/published-schema.ts";
import { manifest, type TestWorld } from "../../support/world.ts";
import {
  kinds,
  eventTypes,
  filesOf,
  fileOf,
  set,
  go,
  see,
  times,
  putGroup,
  expectNothingToDo,
  expectSoundTrail,
  growing,
} from "./groups.ts";

describe.each(kinds)("of $nouns", (kind) => {
  const two = kind.url(1);

  /** Something of everything: a move, an orphan, drift, another owner's, an unmarked one. */
  async function everything(): Promise<TestWorld> {
    const world = await growing(kind);
    set(world, filesOf(kind, ["drifted", "old"]));
    await go(world, "");
    kind.switchOff(world.state);
    world.files.take(fileOf("old"));
    set(world, filesOf(kind, ["beta", "new"]));
    putGroup(kind, world, "beta", "Consumer group: beta");
    set(world, { [fileOf("alpha")]: manifest("alpha", { kind, eventTypes, pool: [two, kind.url(2)] }) });
    return world;
  }

  test.each([
    "plan --output json",
    "plan --explain --prune --output json",
    "--output json",
    "--create-only --prune --allow-deletes --output json",
    "--adopt --prune --allow-deletes --explain --output json",
    "rollback --last --dry-run --output json",
    "rollback --last --force --allow-deletes --output json",
  ])("is as schemas/result.v1.json says: `%s`", async (argv) => {
    const { out } = await go(await everything(), argv);
    expect(faultsIn("result", out)).toBeNull();
    const { operations } = JSON.parse(out) as Result;
    expect(operations.map(({ endpoint }) => endpoint.startsWith(kind.scheme))).toEqual(
      times(operations.length, true),
    );
    expect(operations.length).toBeGreaterThan(0);
  });

  test("a saved plan is as schemas/plan.v1.json says, and so is what came of it", async () => {
    const world = await everything();
    await go(world, "plan --adopt --prune --allow-deletes --out p.json");
    expect(faultsIn("plan", world.files.text("p.json"))).toBeNull();
    const applied = await see(world, "apply p.json");
    expect([applied.status, faultsIn("result", applied.out)]).toEqual([0, null]);
    const refused = await see(world, "apply p.json");
    expect([refused.status, faultsIn("result", refused.out)]).toEqual([1, null]);
    await expectNothingToDo(world);
    await expectSoundTrail(world);
  });
});
