// Each of the three resources by itself: planned, synced, saved and applied, and rolled back.
import { describe, expect, test } from "vitest";
import { compareText } from "../../../src/lib/compare.ts";
import { genesysTopics } from "../../../src/model/genesys-topics.ts";
import { storedIn, wholeOf } from "../../support/kinds.ts";
import {
  asksOrganisation,
  makeWorld,
  methodsOf,
  trailPath,
  writesOf,
  type TestWorld,
} from "../../support/world.ts";
import {
  kinds,
  login,
  listOf,
  filesOf,
  fileOf,
  set,
  start,
  synced,
  go,
  see,
  sizeOf,
  times,
  stepsOf,
  putGroup,
  expectNothingToDo,
  expectSoundTrail,
} from "./groups.ts";

describe.each(kinds)("$nouns", (kind) => {
  const { noun, nouns } = kind;
  const size = sizeOf(kind);

  test("a plan sends the login, one list, and asks how many there can be where that is capped", async () => {
    const world = start(filesOf(kind, ["alpha", "beta"]));
    const { last, world: after } = await go(world, "plan");
    expect(last).toBe(
      `Plan: ${2 * size} to create, 0 to update, 0 to delete, 0 to adopt, 0 unchanged; 0 event types move`,
    );
    const asked = kind.cap ? [`GET ${kind.cap.path}`] : [];
    expect([after.requests, storedIn(after)]).toEqual([
      [login, listOf(kind), asksOrganisation, ...asked],
      [],
    ]);
  });

  test("a sync makes them; a second one asks for one list, and has nothing to do or to record", async () => {
    const world = start(filesOf(kind, ["alpha", "beta"]));
    const first = await go(world, "");
    expect([first.status, first.last]).toEqual([
      0,
      `Done: ${2 * size} created, 0 updated, 0 deleted, 0 adopted, 0 unchanged; 0 event types moved`,
    ]);
    expect(storedIn(world)).toEqual([...wholeOf(kind, "alpha"), ...wholeOf(kind, "beta")]);
    const trail = world.files.text(trailPath);
    const second = await go(world, "");
    expect(second.out).toBe(
      `mypurecloud.com as owner "default"\nDone: 0 created, 0 updated, 0 deleted, 0 adopted, ${2 * size} unchanged; 0 event types moved\n`,
    );
    expect([second.status, second.world.requests]).toEqual([0, [login, listOf(kind)]]);
    expect(world.files.text(trailPath)).toBe(trail);
  });

  test.each([
    ["refuses a second resource of an endpoint where it may", { refusesSharedSources: true }],
    ["takes it", {}],
  ])("two machines at once come to the same where the platform %s", async (_, quirks) => {
    const texts = filesOf(kind, ["alpha"]);
    const here = makeWorld({ argv: "", files: texts, quirks });
    const { state, clock, random } = here;
    const there = { ...start(texts), state, clock, random, quirks };
    let isFirst = true;
    const first = await see(here, "", {
      intercept: async (request, forward) => {
        const isCreate = request.method === "POST" && request.url.includes(kind.path);
        if (isCreate && isFirst) {
          isFirst = false;
          expect((await see(there, "")).status).toBe(0);
        }
        return forward();
      },
    });
    expect(first.status).toBe(0);
    // Where the platform has taken both, the next pass deletes one.
    if (storedIn(here).length > size)
      expect((await see(here, "")).became).toContain("delete alpha applied");
    expect(storedIn(here)).toEqual(wholeOf(kind, "alpha"));
    await expectNothingToDo(here);
    await expectSoundTrail(here);
  });

  describe("40 event types for one endpoint", () => {
    const many = { eventTypes: genesysTopics.slice(20, 60) };
    const raised = {
      "reconcile.yaml": [
        "apiVersion: reconcile.genesys/v1",
        "kind: ReconcileConfig",
        "limits: { maxEventTypesPerEndpoint: 40 }",
      ].join("\n"),
    };
    const orRaise =
      kind.maxEventTypes === null
        ? `, or raise limits.maxEventTypesPerEndpoint in reconcile.yaml: no source names a limit for ${nouns}`
        : "";
    const refusal = {
      code: "eventTypes/tooMany",
      message: "40 event types need 3 endpoints of 15 event types each, but there is no endpointPool",
      hint: `add an endpointPool of at least 3 endpoints${orRaise}`,
    };

    test("are too many, and it is said what helps", async () => {
      const { status, result, world } = await see(start(filesOf(kind, ["alpha"], many)), "");
      expect([status, result.diagnostics]).toEqual([1, [expect.objectContaining(refusal)]]);
      expect(world.requests).toEqual([]);
    });

    test("are delivered where the config allows them and the platform takes them", async () => {
      const world = start({ ...filesOf(kind, ["alpha"], many), ...raised });
      const { status, became, codes, result } = await see(world, "");
      if (kind.maxEventTypes !== null) {
        expect([status, result.diagnostics, storedIn(world)]).toEqual([
          1,
          [expect.objectContaining(refusal)],
          [],
        ]);
        return;
      }
      const whole = kind.granularity === "endpoint" ? 1 : 40;
      expect([status, became, codes]).toEqual([0, times(whole, "create alpha applied"), []]);
      expect(result.groups.map(({ capacity }) => capacity)).toEqual([40]);
      const stored = storedIn(world);
      expect([stored.length, new Set(stored.map(({ endpoint }) => endpoint))]).toEqual([
        whole,
        new Set([kind.endpointOf("alpha")]),
      ]);
      expect(stored.flatMap((one) => one.eventTypes).sort(compareText)).toEqual(
        many.eventTypes.toSorted(compareText),
      );
      await expectNothingToDo(world);
    });
  });

  describe("a saved plan", () => {
    async function saved(): Promise<TestWorld> {
      const world = await synced(filesOf(kind, ["alpha"]));
      set(world, filesOf(kind, ["alpha"], { tail: "  state: disabled" }));
      set(world, filesOf(kind, ["beta"]));
      const { world: after } = await go(world, "plan --out p.json");
      expect(writesOf(after)).toEqual([]);
      return world;
    }

    test("is applied exactly, and once", async () => {
      const world = await saved();
      const first = await go(world, "apply p.json");
      expect([first.status, first.last]).toEqual([
        0,
        `Done: ${size} created, ${size} updated, 0 deleted, 0 adopted, 0 unchanged; 0 event types moved`,
      ]);
      expect(storedIn(world)).toEqual([
        ...wholeOf(kind, "alpha", { state: "disabled" }),
        ...wholeOf(kind, "beta"),
      ]);
      const again = await see(world, "apply p.json");
      expect([again.status, again.codes, again.world.requests]).toEqual([1, ["plan/appliedAlready"], []]);
      await expectNothingToDo(world);
      await expectSoundTrail(world);
    });

    test.each<[string, (world: TestWorld) => unknown, RegExp]>([
      [
        "changed",
        ({ state }) => {
          kind.switchOff(state);
        },
        /of group "alpha" has changed: state$/,
      ],
      [
        "took away",
        ({ state }) => {
          for (const { id } of kind.stored(state)) kind.remove(state, id);
        },
        /of group "alpha" is gone$/,
      ],
      [
        "added",
        (world) => putGroup(kind, world, "beta", "Consumer group: beta"),
        /of group "beta" was not there$/,
      ],
    ])("is stale once somebody %s what it touches", async (_, change, message) => {
      const world = await saved();
      // After a minute, what is not found is gone.
      await world.clock.advance(60_000);
      const idsIn = () => kind.stored(world.state).map(({ id }) => id);
      const ids = idsIn();
      change(world);
      const left = idsIn();
      // What the trail knows and the list no longer shows is read by its id before it counts as gone.
      const looks = ids.filter((id) => !left.includes(id)).map((id) => `GET ${kind.path}/${id}`);
      const before = storedIn(world);
      const { status, result, codes, world: after } = await see(world, "apply p.json");
      expect([status, codes]).toEqual([1, ["plan/stale", "plan/webhookChanged"]]);
      const said = result.diagnostics.filter(({ code }) => code === "plan/webhookChanged");
      expect(said.map((one) => message.test(one.message))).toEqual(times(size, true));
      const [first, second, ...rest] = after.requests;
      expect([first, second, rest.toSorted(), storedIn(world)]).toEqual([
        login,
        listOf(kind),
        looks.toSorted(),
        before,
      ]);
    });
  });

  describe("`rollback --last`", () => {
    /** Back to where the run found it; the manifests still want what the run did. */
    async function expectTakenBack(
      world: TestWorld,
      before: unknown,
      steps: readonly string[],
      again: readonly string[],
    ): Promise<void> {
      const { status, codes, world: after } = await see(world, "rollback --last --allow-deletes");
      expect([status, codes, methodsOf(after)]).toEqual([0, [], steps]);
      expect(storedIn(world)).toEqual(before);
      const plan = await see(world, "plan --prune --allow-deletes");
      expect([plan.status, plan.became]).toEqual([0, again]);
      expect((await see(world, "--prune --allow-deletes")).status).toBe(0);
      await expectNothingToDo(world);
      await expectSoundTrail(world);
    }

    test("takes a create back", async () => {
      const world = await synced(filesOf(kind, ["alpha"]));
      await expectTakenBack(world, [], stepsOf(kind, "delete"), times(size, "create alpha planned"));
    });

    test("takes an update back", async () => {
      const world = await synced(filesOf(kind, ["alpha"]));
      const ids = kind.stored(world.state).map(({ id }) => id);
      set(world, filesOf(kind, ["alpha"], { tail: "  state: disabled" }));
      await go(world, "");
      const again = times(size, "update alpha planned");
      // The state alone is one step of those that an update may take.
      const step = kind.isMadeInSteps ? ["PATCH"] : stepsOf(kind, "update");
      await expectTakenBack(world, wholeOf(kind, "alpha"), step, again);
      expect(kind.stored(world.state).map(({ id }) => id)).toEqual(ids);
    });

    test("takes a prune back", async () => {
      const world = await synced(filesOf(kind, ["alpha", "old"]));
      const before = storedIn(world);
      world.files.take(fileOf("old"));
      await go(world, "--prune --allow-deletes");
      expect(storedIn(world)).toEqual(wholeOf(kind, "alpha"));
      const again = times(size, "delete old planned");
      await expectTakenBack(world, before, stepsOf(kind, "create"), again);
    });

    test("of what someone changed since is refused, and names the resource by its kind", async () => {
      const world = await synced(filesOf(kind, ["alpha"]));
      kind.switchOff(world.state);
      const before = storedIn(world);
      const { status, result, world: after } = await see(world, "rollback --last --allow-deletes");
      expect(
        result.diagnostics.map(({ message }) => message.replace(/"alpha-\w+" \(id .*?\)/, "IT")),
      ).toEqual([`group "alpha" is not rolled back: someone changed ${noun} IT since: state`]);
      expect([status, writesOf(after), storedIn(world)]).toEqual([1, [], before]);
    });
  });
});
