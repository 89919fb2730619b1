// Triggers, of which the platform takes two alike, when their group gets a new name.
import { describe, expect, test } from "vitest";
import type { Result } from "../../../src/model/result.ts";
import { storedIn } from "../../support/kinds.ts";
import { manifest, methodsOf, type TestWorld } from "../../support/world.ts";
import {
  triggers,
  eventTypes,
  filesOf,
  fileOf,
  set,
  start,
  synced,
  see,
  times,
  putGroup,
  watch,
  expectNothingToDo,
  expectSoundTrail,
} from "./groups.ts";

describe("a group of triggers that gets a new name", () => {
  const sales = () => ({
    [fileOf("sales")]: manifest("alpha", { kind: triggers, eventTypes }).replace(
      "name: alpha",
      "name: sales",
    ),
  });

  async function renamed(): Promise<TestWorld> {
    const world = await synced(filesOf(triggers, ["alpha"]));
    world.files.take(fileOf("alpha"));
    set(world, sales());
    return world;
  }

  test.each(["--adopt", "--prune --allow-deletes"])(
    "takes them over, each in one write: `%s`",
    async (flags) => {
      const world = await renamed();
      const ids = [...world.state.triggers.keys()];
      const { intercept, lost } = watch(world, "alpha", "sales");
      const { status, became, world: after } = await see(world, flags, { intercept });
      expect([status, became, methodsOf(after), lost]).toEqual([
        0,
        times(2, "update sales applied"),
        times(2, "PUT"),
        [],
      ]);
      expect([...world.state.triggers.keys()]).toEqual(ids);
      await expectNothingToDo(world, "--prune");
      await expectSoundTrail(world);
    },
  );

  test("is told that its workflows start twice, until it takes them over", async () => {
    const world = await renamed();
    const twice = ({ diagnostics }: Result) => diagnostics.filter(({ code }) => code === "trigger/twice");
    const { status, became, result } = await see(world, "");
    const warning = {
      severity: "warning",
      message: expect.stringMatching(
        /^2 event types of group "sales" start a workflow twice: trigger "alpha-[0-9a-f]{8}" \(id id-\d+\) of group "alpha" and 1 more do so, too$/,
      ) as string,
      hint: 'pass --adopt to take it over from group "alpha", which has no manifest any more',
    };
    expect([status, became]).toEqual([0, times(2, "create sales applied")]);
    expect(twice(result)).toEqual([expect.objectContaining(warning)]);
    const after = await see(world, "--adopt");
    expect([after.status, after.became, twice(after.result).map(({ hint }) => hint)]).toEqual([
      0,
      [],
      ['pass --prune to delete it: its group "alpha" has no manifest any more'],
    ]);
    expect((await see(world, "--prune")).became).toEqual(times(2, "delete alpha skipped"));
    expect((await see(world, "--prune --allow-deletes")).became).toEqual(times(2, "delete alpha applied"));
    expect(storedIn(world)).toHaveLength(2);
    await expectNothingToDo(world, "--prune");
  });

  test("takes over none whose conditions are others", async () => {
    const world = await renamed();
    for (const [id, one] of world.state.triggers)
      world.state.triggers.set(id, { ...one, eventTTLSeconds: 60 });
    const { status, became, result } = await see(world, "--adopt");
    expect([status, became, result.orphans.length]).toEqual([0, times(2, "create sales applied"), 2]);
    expect(result.diagnostics.map(({ code }) => code)).not.toContain("trigger/twice");
    expect(storedIn(world)).toHaveLength(4);
  });

  test("shares with no other new group what there is one of", async () => {
    const world = await renamed();
    set(world, {
      [fileOf("zulu")]: manifest("alpha", { kind: triggers, eventTypes })
        .replace("name: alpha", "name: zulu")
        .replace("/var/data/alpha", "/var/data/zulu"),
    });
    const { became } = await see(world, "plan --adopt --out p.json");
    const planned = [...times(2, "update sales"), ...times(2, "create zulu")];
    expect(became).toEqual(planned.map((what) => `${what} planned`));
    const { status, became: done } = await see(world, "apply p.json");
    expect([status, done]).toEqual([0, planned.map((what) => `${what} applied`)]);
  });

  test("is told of triggers that somebody made by hand", async () => {
    const world = start(filesOf(triggers, ["alpha"]));
    putGroup(triggers, world, "alpha", "mine");
    const { result } = await see(world, "plan");
    expect(result.diagnostics).toContainEqual(
      expect.objectContaining({
        code: "trigger/twice",
        message:
          '2 event types of group "alpha" start a workflow twice: trigger "alpha-by-hand-0" (id by-hand-0) of no group and 1 more do so, too',
        hint: 'take it over: write "Consumer group: alpha" into that trigger\'s description and pass --adopt; or delete it',
      }),
    );
  });
});
