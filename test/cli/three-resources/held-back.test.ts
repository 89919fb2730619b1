// What holds a group of any kind back: somebody else's resource in its way, orphans, guards, --create-only, a freeze.
import { describe, expect, test } from "vitest";
import { compareText } from "../../../src/lib/compare.ts";
import { storedIn, wholeOf } from "../../support/kinds.ts";
import { methodsOf, writesOf } from "../../support/world.ts";
import {
  kinds,
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
  watch,
  expectNothingToDo,
  expectSoundTrail,
} from "./groups.ts";

describe.each(kinds)("$nouns", (kind) => {
  const { noun, nouns } = kind;
  const size = sizeOf(kind);

  describe("that stand in the way", () => {
    const notes = {
      unmarked: "Consumer group: alpha",
      foreign: "Consumer group: alpha | Managed by: reconcile (voice)",
    };

    test("unmarked: the group is skipped, the others go on; --adopt takes them over", async () => {
      const world = start(filesOf(kind, ["alpha", "beta"]));
      const ids = putGroup(kind, world, "alpha", notes.unmarked);
      const { status, result, became } = await see(world, "");
      const errors = result.diagnostics.filter(({ severity }) => severity === "error");
      expect(errors.map(({ code, message, hint }) => [code, message, hint])).toEqual(
        ids.length === 1
          ? [
              [
                "ownership/unmarked",
                `${noun} "alpha-by-hand-0" (id ${ids[0]}) of group "alpha" has no owner, so the group is skipped`,
                "pass --adopt to take it over, or delete it",
              ],
            ]
          : [
              [
                "ownership/unmarked",
                `${ids.length} ${nouns} of group "alpha" have no owner, so the group is skipped: ` +
                  ids.map((id, at) => `"alpha-by-hand-${at}" (id ${id})`).join(" and "),
                "pass --adopt to take them over, or delete them",
              ],
            ],
      );
      const reasons = result.operations
        .filter(({ group }) => group === "alpha")
        .map(({ reason }) => reason);
      expect(reasons).toEqual(times(size, "the consumer group exists, but without this owner's mark"));
      expect([status, became]).toEqual([
        1,
        [...times(size, "create alpha skipped"), ...times(size, "create beta applied")],
      ]);
      const adopted = await see(world, "--adopt");
      expect([adopted.status, adopted.became]).toEqual([0, times(size, "adopt alpha applied")]);
      expect(storedIn(world)).toEqual([...wholeOf(kind, "alpha"), ...wholeOf(kind, "beta")]);
      expect(
        kind
          .stored(world.state)
          .slice(0, size)
          .map(({ id }) => id),
      ).toEqual(ids);
      await expectNothingToDo(world);
      await expectSoundTrail(world);
    });

    test("another owner's are never touched, whatever flags say", async () => {
      const world = start(filesOf(kind, ["alpha", "beta"]));
      const [id = ""] = putGroup(kind, world, "alpha", notes.foreign);
      const { status, result, became } = await see(world, "--adopt --prune --allow-deletes");
      const [error] = result.diagnostics.filter(({ severity }) => severity === "error");
      expect([error?.code, error?.message]).toEqual([
        "ownership/otherOwner",
        `${noun} "alpha-by-hand-0" (id ${id}) of group "alpha" is managed by owner "voice", so the group is skipped`,
      ]);
      expect(error?.hint).toContain("pass --adopt-from voice");
      expect([status, became.filter((what) => what.endsWith("applied"))]).toEqual([
        1,
        times(size, "create beta applied"),
      ]);
      expect(storedIn(world)).toEqual([
        ...wholeOf(kind, "alpha", { description: notes.foreign }),
        ...wholeOf(kind, "beta"),
      ]);
    });
  });

  test("without a manifest they are reported, and deleted with --prune alone", async () => {
    const world = await synced(filesOf(kind, ["alpha", "beta", "old"]));
    world.files.take(fileOf("old"));
    const reported = await see(world, "");
    expect([reported.status, reported.became, writesOf(reported.world)]).toEqual([0, [], []]);
    expect(reported.result.orphans.map(({ group, endpoint }) => [group, endpoint])).toEqual(
      times(size, ["old", kind.endpointOf("old")]),
    );
    const pruned = await see(world, "--prune --allow-deletes");
    expect([pruned.status, pruned.became]).toEqual([0, times(size, "delete old applied")]);
    expect(methodsOf(pruned.world)).toEqual(stepsOf(kind, "delete"));
    expect(storedIn(world)).toEqual([...wholeOf(kind, "alpha"), ...wholeOf(kind, "beta")]);
    await expectNothingToDo(world, "--prune");
    await expectSoundTrail(world);
  });

  test("pruning too many is refused in the words of the kind; everything else is applied", async () => {
    const world = await synced(filesOf(kind, ["alpha", "old", "older"]));
    world.files.take(fileOf("old"));
    world.files.take(fileOf("older"));
    set(world, filesOf(kind, ["new"]));
    const { status, result, became } = await see(world, "--prune");
    const [error] = result.diagnostics.filter(({ severity }) => severity === "error");
    expect([status, error?.code, error?.message, error?.hint]).toEqual([
      ...[1, "prune/tooMany"],
      `would delete ${2 * size} of ${3 * size} ${nouns} (67 %, the limit is 30 %)`,
      "pass --allow-deletes to go on this once, or set maxDeletePercent in the config to at least 67",
    ]);
    expect(became).toEqual([
      ...times(size, "create new applied"),
      ...times(size, "delete old skipped"),
      ...times(size, "delete older skipped"),
    ]);
    expect((await go(world, "--prune --allow-deletes")).status).toBe(0);
    expect(storedIn(world)).toEqual([...wholeOf(kind, "alpha"), ...wholeOf(kind, "new")]);
  });

  test("--create-only makes what is new; the next sync does the rest", async () => {
    const world = await synced(filesOf(kind, ["alpha", "old"]));
    const before = storedIn(world);
    world.files.take(fileOf("old"));
    set(world, filesOf(kind, ["alpha"], { tail: "  state: disabled" }));
    set(world, filesOf(kind, ["beta"]));
    const flags = "--prune --allow-deletes";
    const { status, result, world: after } = await see(world, `--create-only ${flags} --detailed-exitcode`);
    expect([status, result.ok, methodsOf(after)]).toEqual([2, true, stepsOf(kind, "create")]);
    const left = { status: "skipped", error: "--create-only: left to a sync without it", frozen: true };
    expect(result.operations).toMatchObject([
      ...times(size, { action: "update", group: "alpha", ...left }),
      ...times(size, { action: "create", group: "beta", status: "applied", error: null }),
      ...times(size, { action: "delete", group: "old", ...left }),
    ]);
    expect(storedIn(world)).toEqual(
      [...before, ...wholeOf(kind, "beta")].sort((a, b) => compareText(a.endpoint, b.endpoint)),
    );
    const again = await see(world, `--create-only ${flags} --detailed-exitcode`);
    expect([again.status, writesOf(again.world)]).toEqual([0, []]);
    const rest = await see(world, flags);
    expect([rest.status, rest.became]).toEqual([
      0,
      [...times(size, "update alpha applied"), ...times(size, "delete old applied")],
    ]);
    await expectNothingToDo(world);
    await expectSoundTrail(world);
  });

  test("an annotation has a group make what is new, and wait; the others go on", async () => {
    const pooled = (...urls: readonly string[]) => filesOf(kind, ["alpha"], { pool: urls });
    const world = await synced({ ...pooled(kind.url(0)), ...filesOf(kind, ["beta"]) });
    const before = storedIn(world);
    const waiting = "$&\n  annotations: { reconcile.genesys/create-only: until it is associated }";
    const grown = pooled(kind.url(0), kind.url(1))[fileOf("alpha")] ?? "";
    set(world, { [fileOf("alpha")]: grown.replace(/^ {2}name: alpha$/m, waiting) });
    set(world, filesOf(kind, ["beta"], { tail: "  state: disabled" }));
    const { status, became, result } = await see(world, "");
    const made = kind.granularity === "endpoint" ? ["create alpha applied"] : [];
    expect([status, became.filter((what) => !what.includes("beta"))]).toEqual([
      0,
      [...made, "update alpha skipped"],
    ]);
    expect(became.filter((what) => what === "update beta applied")).toHaveLength(size);
    const warning = {
      severity: "warning",
      code: "group/createOnly",
      message:
        'group "alpha" makes what is new and waits (until it is associated): 1 operation is held back',
      hint: "take the annotation reconcile.genesys/create-only away to let the group go on",
    };
    expect(result.diagnostics).toContainEqual(expect.objectContaining(warning));
    const alphas = (all: typeof before) => all.filter(({ description }) => description.includes("alpha"));
    expect(alphas(storedIn(world)).slice(0, alphas(before).length)).toEqual(alphas(before));
    const again = await see(world, "");
    expect([again.status, again.became, writesOf(again.world)]).toEqual([0, ["update alpha skipped"], []]);
    expect(again.result.diagnostics).toContainEqual(expect.objectContaining(warning));
    const { intercept, lost } = watch(world, "alpha");
    set(world, { [fileOf("alpha")]: grown });
    expect([(await see(world, "", { intercept })).status, lost]).toEqual([0, []]);
    await expectNothingToDo(world);
    await expectSoundTrail(world);
  });

  test("a freeze holds its group back, and no other", async () => {
    const world = await synced(filesOf(kind, ["alpha", "beta"]));
    const edited = filesOf(kind, ["alpha", "beta"], { tail: "  state: disabled" });
    set(world, edited);
    const frozen = "$&\n  annotations: { reconcile.genesys/freeze: the migration }";
    set(world, { [fileOf("alpha")]: (edited[fileOf("alpha")] ?? "").replace(/^ {2}name: .*$/m, frozen) });
    const { status, became, result } = await see(world, "");
    expect([status, became]).toEqual([
      0,
      [...times(size, "update alpha skipped"), ...times(size, "update beta applied")],
    ]);
    expect(result.groups.map(({ group, frozen: why, skipped }) => [group, why, skipped])).toEqual([
      ["alpha", "the migration", "frozen: the migration"],
      ["beta", null, null],
    ]);
    const now = [...wholeOf(kind, "alpha"), ...wholeOf(kind, "beta", { state: "disabled" })];
    expect(storedIn(world)).toEqual(now);
    set(world, edited);
    expect((await see(world, "")).became).toEqual(times(size, "update alpha applied"));
    await expectNothingToDo(world);
  });
});
