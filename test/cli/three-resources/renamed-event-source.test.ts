// An event source, for which a plan makes one integration, when its group gets a new name.
import { describe, expect, test } from "vitest";
import { compareText } from "../../../src/lib/compare.ts";
import { storedIn, wholeOf } from "../../support/kinds.ts";
import { makeWorld, manifest, methodsOf, writesOf, type TestWorld } from "../../support/world.ts";
import {
  webhooks,
  integrations,
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

describe("an event source whose group gets a new name", () => {
  const renamed = (text: string) => text.replace("name: alpha", "name: sales");
  const source = integrations.endpointOf("alpha");
  const salesAt = (types: readonly string[] = eventTypes) =>
    renamed(manifest("alpha", { kind: integrations, eventTypes: types }));

  async function live(): Promise<TestWorld> {
    const world = await synced(filesOf(integrations, ["alpha"]));
    return world;
  }

  async function handedOver(): Promise<TestWorld> {
    const world = await live();
    world.files.take(fileOf("alpha"));
    set(world, { [fileOf("sales")]: salesAt() });
    return world;
  }

  const description =
    "Consumer group: sales | Offset tracking: /var/data/alpha.json | Managed by: reconcile (default)";

  test.each(["--adopt", "--prune --allow-deletes"])(
    "is handed over in one update, without a gap: `%s`",
    async (flags) => {
      const world = await handedOver();
      const ids = [...world.state.integrations.keys()];
      const { intercept, lost } = watch(world, "alpha", "sales");
      const { status, became, result, world: after } = await see(world, flags, { intercept });
      expect([status, became, methodsOf(after), lost]).toEqual([0, ["update sales applied"], ["PUT"], []]);
      expect(result.operations[0]?.reason).toBe(
        'taken over from group "alpha", which has no manifest any more; description changed; name changed',
      );
      expect(storedIn(world)).toEqual(wholeOf(integrations, "alpha", { description }));
      expect([...world.state.integrations.keys()]).toEqual(ids);
      await expectNothingToDo(world, "--prune");
      await expectSoundTrail(world);
    },
  );

  test("by a saved plan, and given back by `rollback --last`", async () => {
    const world = await handedOver();
    const before = wholeOf(integrations, "alpha");
    await go(world, "plan --adopt --out p.json");
    expect((await see(world, "apply p.json")).became).toEqual(["update sales applied"]);
    const { intercept, lost } = watch(world, "alpha", "sales");
    const { status, became } = await see(world, "rollback --last", { intercept });
    expect([status, became, lost, storedIn(world)]).toEqual([0, ["update sales applied"], [], before]);
    expect((await see(world, "plan --adopt")).became).toEqual(["update sales planned"]);
    await expectSoundTrail(world);
  });

  /** What is live once its group, its owner or both are another's. */
  const remark = (world: TestWorld, now: string): void => {
    for (const one of integrations.stored(world.state))
      integrations.put(world.state, { ...one, name: "theirs", description: now });
  };

  test.each<
    [string, (world: TestWorld) => void, { message: RegExp; hint: string; others: readonly string[] }]
  >([
    [
      "another declared group has",
      (world) => {
        const moved = manifest("alpha", { kind: integrations, eventTypes }).replace(
          source,
          integrations.url(1),
        );
        set(world, { [fileOf("alpha")]: moved });
      },
      {
        message: /is "alpha-[0-9a-f]{8}" \(id id-\d+\) of group "alpha"$/,
        hint: 'use another suffix, or take it out of group "alpha" first and sync, then give it to this one',
        others: ["create alpha applied", "delete alpha applied"],
      },
    ],
    [
      "another owner has",
      (world) => {
        world.files.take(fileOf("alpha"));
        remark(world, "Consumer group: alpha | Managed by: reconcile (voice)");
      },
      {
        message: /is "theirs" \(id id-\d+\) of group "alpha"$/,
        hint: 'use another suffix, or let owner "voice" give it up',
        others: [],
      },
    ],
    [
      "nobody has",
      (world) => {
        world.files.take(fileOf("alpha"));
        remark(world, "");
      },
      {
        message: /is "theirs" \(id id-\d+\) of no group$/,
        hint:
          'use another suffix, or take it over: write "Consumer group: sales" into that EventBridge integration\'s ' +
          "notes and pass --adopt; or delete it",
        others: [],
      },
    ],
    [
      "loses something with it",
      (world) => {
        world.files.take(fileOf("alpha"));
        set(world, { [fileOf("sales")]: salesAt(eventTypes.slice(0, 1)) });
      },
      {
        message: /is "alpha-[0-9a-f]{8}" \(id id-\d+\) of group "alpha"$/,
        hint: `use another suffix, or pass --prune to take it over without ${eventTypes[1] ?? ""}, which group "alpha" had`,
        others: [],
      },
    ],
  ])("that %s is not taken, and the way out is said; the others go on", async (_, change, expected) => {
    const world = await live();
    set(world, { [fileOf("sales")]: salesAt().replace("/var/data/alpha", "/var/data/sales") });
    change(world);
    set(world, filesOf(webhooks, ["beta"], { eventTypes: eventTypes.slice(0, 1) }));
    const before = integrations.stored(world.state).map((one) => one.description);
    const { status, result, became } = await see(world, "--adopt");
    const errors = result.diagnostics.filter(({ severity }) => severity === "error");
    expect(errors.map(({ code, hint, file }) => [code, hint, file])).toEqual([
      ["source/taken", expected.hint, fileOf("sales")],
    ]);
    expect(errors[0]?.message).toMatch(expected.message);
    expect(errors[0]?.message).toContain(
      `group "sales" is skipped: reconcile makes one integration for an event source, and that of ${source} `,
    );
    const sales = /^(?:create|update) sales skipped$/;
    expect(became.filter((what) => sales.test(what))).toHaveLength(1);
    expect([status, became.filter((what) => !sales.test(what)).sort(compareText)]).toEqual([
      1,
      [...expected.others, "create beta applied"].sort(compareText),
    ]);
    expect(integrations.stored(world.state).map((one) => one.description)).toEqual(before);
    await expectSoundTrail(world);
  });

  test("is handed over as far as the pool still has it; what left the pool is pruned after", async () => {
    const [kept, gone, come] = [0, 1, 2].map(integrations.url);
    const of = (...pool: readonly (string | undefined)[]) =>
      manifest("alpha", { kind: integrations, eventTypes, pool: pool.map(String) });
    const world = await synced({ [fileOf("alpha")]: of(kept, gone) });
    world.files.take(fileOf("alpha"));
    set(world, { [fileOf("sales")]: renamed(of(kept, come)) });
    const { intercept, lost } = watch(world, "alpha", "sales");
    const { status, became, result } = await see(world, "--prune", { intercept });
    expect([status, became.toSorted(compareText), lost, result.orphans.length]).toEqual([
      0,
      ["create sales applied", "delete alpha applied", "update sales applied"],
      [],
      1,
    ]);
    expect(storedIn(world).map(({ endpoint }) => endpoint)).toEqual([kept, come]);
    await expectNothingToDo(world, "--prune");
  });

  test.each<[string, string]>([
    ["", "pass --adopt to take it over from"],
    ["--group sales --prune", "pass --adopt --group alpha to take it over from"],
  ])("is not handed over unasked: `%s`", async (flags, way) => {
    const world = await handedOver();
    const { status, result, world: after } = await see(world, flags);
    const errors = result.diagnostics.filter(({ severity }) => severity === "error");
    expect(errors.map(({ hint }) => hint)).toEqual([
      `use another suffix, or ${way} group "alpha", which has no manifest any more`,
    ]);
    expect([status, writesOf(after)]).toEqual([1, []]);
    expect(storedIn(world)).toEqual(wholeOf(integrations, "alpha"));
  });

  test("keeps what another new group has not got yet", async () => {
    const world = await live();
    world.files.take(fileOf("alpha"));
    const [kept = "", parted = ""] = eventTypes;
    set(world, {
      [fileOf("sales")]: salesAt([kept]).replace("/var/data/alpha", "/var/data/sales"),
      ...filesOf(integrations, ["ops"], { eventTypes: [parted] }),
    });
    const { intercept, lost } = watch(world, "alpha", "sales", "ops");
    const first = await see(world, "--prune", { intercept });
    const errors = first.result.diagnostics.filter(({ severity }) => severity === "error");
    expect(errors.map(({ hint }) => hint)).toEqual([
      `use another suffix, or let this group deliver ${parted}, too, until group "ops" has been synced: no resource would deliver that meanwhile`,
    ]);
    set(world, { [fileOf("sales")]: salesAt().replace("/var/data/alpha", "/var/data/sales") });
    expect((await see(world, "--prune", { intercept })).status).toBe(0);
    set(world, { [fileOf("sales")]: salesAt([kept]).replace("/var/data/alpha", "/var/data/sales") });
    expect([(await see(world, "--prune", { intercept })).status, lost]).toEqual([0, []]);
    await expectNothingToDo(world, "--prune");
  });

  test("that somebody else makes meanwhile stays theirs, and nothing half-made is left", async () => {
    const files = filesOf(integrations, ["alpha"]);
    const world = makeWorld({ argv: "", files, quirks: { refusesSharedSources: true } });
    const theirs = { id: "x1", name: "theirs", endpoint: source, eventTypes, description: "" };
    const {
      status,
      became,
      world: after,
    } = await see(world, "", {
      intercept: (request, forward) => {
        const response = forward();
        const isCreate = request.method === "POST" && request.url.includes(integrations.path);
        if (isCreate) integrations.put(world.state, theirs);
        return response;
      },
    });
    expect([status, became, methodsOf(after).at(-1)]).toEqual([1, ["create alpha skipped"], "DELETE"]);
    expect(integrations.stored(world.state).map(({ id }) => id)).toEqual(["x1"]);
    const next = await see(world, "");
    expect([next.status, next.codes, writesOf(next.world)]).toEqual([1, ["source/taken"], []]);
    await expectSoundTrail(world);
  });

  test("is taken once the other group has given it up", async () => {
    const world = await live();
    const moved = manifest("alpha", { kind: integrations, eventTypes }).replace(
      source,
      integrations.url(1),
    );
    set(world, {
      [fileOf("alpha")]: moved,
      [fileOf("sales")]: salesAt().replace("/var/data/alpha", "/var/data/sales"),
    });
    expect((await see(world, "")).status).toBe(1);
    const { status, became } = await see(world, "");
    expect([status, became]).toEqual([0, ["create sales applied"]]);
    await expectNothingToDo(world);
  });
});
