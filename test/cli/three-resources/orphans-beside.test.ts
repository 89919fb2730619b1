// Resources of one kind whose manifest is gone, while the manifests that are left name another kind.
import { describe, expect, test } from "vitest";
import { ReconcileError } from "../../../src/model/errors.ts";
import { storedIn, wholeOf } from "../../support/kinds.ts";
import { forgetTrail, trailOf, type Intercept, type TestWorld } from "../../support/world.ts";
import {
  kinds,
  login,
  listOf,
  pairs,
  filesOf,
  fileOf,
  set,
  synced,
  go,
  see,
  sizeOf,
  times,
  refusing,
  expectSoundTrail,
} from "./groups.ts";

describe.each(pairs)(
  "$from.nouns of which no manifest speaks any more, beside $to.nouns",
  ({ from, to }) => {
    async function left(): Promise<TestWorld> {
      const world = await synced({ ...filesOf(from, ["old"]), ...filesOf(to, ["alpha"]) });
      world.files.take(fileOf("old"));
      return world;
    }

    test("are found through the trail, and pruned", async () => {
      const world = await left();
      const reported = await see(world, "");
      expect([reported.status, reported.world.requests]).toEqual([0, [login, listOf(to), listOf(from)]]);
      expect(reported.result.orphans.map(({ group, endpoint }) => [group, endpoint])).toEqual(
        times(sizeOf(from), ["old", from.endpointOf("old")]),
      );
      const pruned = await see(world, "--prune --allow-deletes");
      expect([pruned.status, pruned.became]).toEqual([0, times(sizeOf(from), "delete old applied")]);
      expect(storedIn(world)).toEqual(wholeOf(to, "alpha"));
      expect((await go(world, "")).world.requests).toEqual([login, listOf(to)]);
      await expectSoundTrail(world);
    });

    test("may be named together with a group that has a manifest", async () => {
      const world = await left();
      forgetTrail(world.files);
      set(world, filesOf(from, ["other"]));
      const { status, became } = await see(world, "--group old --group alpha --prune --allow-deletes");
      expect([status, became]).toEqual([0, times(sizeOf(from), "delete old applied")]);
      expect(storedIn(world)).toEqual(wholeOf(to, "alpha"));
    });

    test("are what a change takes away, where the base speaks of them", async () => {
      const world = await left();
      forgetTrail(world.files);
      const revisions = { main: { ...filesOf(from, ["old"]), ...filesOf(to, ["alpha"]) } };
      const { status, result } = await see(world, "plan --prune --allow-deletes --base main", {
        revisions,
      });
      expect([
        status,
        result.operations.map(({ action, group, origin }) => [action, group, origin]),
      ]).toEqual([0, times(sizeOf(from), ["delete", "old", "change"])]);
    });

    test("are looked for by --prune alone where there is no trail", async () => {
      const world = await left();
      forgetTrail(world.files);
      const before = storedIn(world);
      const plan = await see(world, "plan");
      expect([plan.result.orphans, plan.world.requests]).toEqual([[], [login, listOf(to)]]);
      expect(storedIn(world)).toEqual(before);
      const { status, became, world: after } = await see(world, "--prune --allow-deletes");
      expect([status, became]).toEqual([0, times(sizeOf(from), "delete old applied")]);
      expect(after.requests.slice(0, 4)).toEqual([login, ...kinds.map(listOf)]);
      expect(storedIn(world)).toEqual(wholeOf(to, "alpha"));
    });

    test.each([404, 403])(
      "are left as they are where their list answers %i, and said to be there",
      async (code) => {
        const world = await left();
        const before = storedIn(world);
        const intercept = refusing(from, code);
        const { status, became, result } = await see(world, "--prune --allow-deletes", { intercept });
        const number = sizeOf(from) === 1 ? `1 ${from.noun}` : `${sizeOf(from)} ${from.nouns}`;
        const were = sizeOf(from) === 1 ? "it was" : "they were";
        const words = code === 404 ? "not found (404)" : "forbidden (403)";
        expect(result.diagnostics.map(({ severity, message }) => [severity, message])).toContainEqual([
          "warning",
          `${number} in the audit trail could not be listed, so ${were} left unchanged: ${listOf(from)}: ${words}: no`,
        ]);
        expect([status, became, storedIn(world)]).toEqual([0, [], before]);
      },
    );

    /** A pass that was cut short in its deletes: nobody knows what came of them. */
    async function cutShort(): Promise<TestWorld> {
      const world = await left();
      const lost: Intercept = (request, forward) => {
        if (request.method !== "DELETE") return forward();
        throw new ReconcileError("network/reset", "the connection was reset");
      };
      expect((await see(world, "--prune --allow-deletes", { intercept: lost })).status).toBe(1);
      return world;
    }

    const outcomesOf = ({ files }: TestWorld, from_: number) =>
      trailOf(files)
        .slice(from_)
        .filter(
          ({ event, group }) =>
            event.startsWith("change.") && event !== "change.intended" && group === "old",
        )
        .map(({ event, success, error }) => [event, success, error?.replace(/run \S+ /, "run X ")]);

    test("what came of a write that was cut short is not said while their list is refused", async () => {
      const world = await cutShort();
      const open = trailOf(world.files).length;
      const refused = await see(world, "", { intercept: refusing(from, 403) });
      expect([refused.status, trailOf(world.files).slice(open)]).toEqual([0, []]);
      set(world, filesOf(to, ["beta"]));
      expect((await see(world, "", { intercept: refusing(from, 403) })).became).toContain(
        "create beta applied",
      );
      const carried = [
        "change.failed",
        null,
        "out of sight: run X ended before it knew, and this run could not look",
      ];
      expect(outcomesOf(world, open)).toEqual(times(outcomesOf(world, open).length, carried));
      const marked = trailOf(world.files).filter((record) => record.carried);
      expect(marked.length).toBe(outcomesOf(world, open).length);
      set(world, filesOf(to, ["gamma"]));
      await see(world, "", { intercept: refusing(from, 403) });
      const before = trailOf(world.files).length;
      const seen = await see(world, "--prune --allow-deletes");
      expect([seen.status, storedIn(world).length]).toEqual([0, 3 * sizeOf(to)]);
      const said = outcomesOf(world, before).map(([event, success]) => [event, success]);
      expect(said.length).toBeGreaterThan(sizeOf(from));
      expect(said.slice(0, -sizeOf(from)).every(([event]) => event === "change.failed")).toBe(true);
      expect(said.slice(-sizeOf(from))).toEqual(times(sizeOf(from), ["change.applied", true]));
      await expectSoundTrail(world);
    });

    test("nor by a pass about other groups, which did not look", async () => {
      const world = await cutShort();
      const open = trailOf(world.files).length;
      set(world, filesOf(to, ["beta"]));
      const other = await see(world, "--group beta");
      expect([other.status, other.world.requests.includes(listOf(from))]).toEqual([0, false]);
      expect(outcomesOf(world, open).map(([, success]) => success)).toEqual(
        times(outcomesOf(world, open).length, null),
      );
      const before = trailOf(world.files).length;
      await see(world, "--prune --allow-deletes");
      expect(outcomesOf(world, before).length).toBeGreaterThan(sizeOf(from));
      expect(storedIn(world).length).toBe(2 * sizeOf(to));
      await expectSoundTrail(world);
    });

    test("the guard counts both", async () => {
      const world = await left();
      set(world, filesOf(from, ["older"]));
      await go(world, "");
      world.files.take(fileOf("older"));
      const { status, result } = await see(world, "plan --prune");
      const number = 2 * sizeOf(from);
      const all = number + sizeOf(to);
      expect([status, result.diagnostics.map(({ message }) => message)]).toEqual([
        1,
        expect.arrayContaining([
          `would delete ${number} of ${all} resources (${Math.round((100 * number) / all)} %, the limit is 30 %)`,
        ]),
      ]);
    });
  },
);
