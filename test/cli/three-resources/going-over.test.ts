// A group that goes over from one kind of resource to another, without a moment at which nothing is delivered.
import { describe, expect, test } from "vitest";
import { compareText } from "../../../src/lib/compare.ts";
import { storedIn, wholeOf, type TestKind } from "../../support/kinds.ts";
import {
  answer,
  methodsOf,
  forgetTrail,
  writesOf,
  type Intercept,
  type TestWorld,
} from "../../support/world.ts";
import {
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
  stepsOf,
  watch,
  expectNothingToDo,
  expectSoundTrail,
} from "./groups.ts";

describe.each(pairs)("a group that goes over from $from.nouns to $to.nouns", ({ from, to }) => {
  const pooled = (kind: TestKind) => ({ pool: [kind.url(0), kind.url(1)] });
  const created = (status: string) => times(sizeOf(to), `create alpha ${status}`);
  const deleted = (status: string) => times(sizeOf(from), `delete alpha ${status}`);

  /** It is live as the one kind, and its manifest names the other. */
  async function turned(): Promise<TestWorld> {
    const world = await synced(filesOf(from, ["alpha"]));
    set(world, filesOf(to, ["alpha"]));
    return world;
  }

  test("is created before it is deleted, and nothing is undelivered at any request", async () => {
    const world = await turned();
    const { intercept, lost } = watch(world, "alpha");
    const { status, became, codes, world: after } = await see(world, "", { intercept });
    expect([status, became, codes]).toEqual([0, [...created("applied"), ...deleted("applied")], []]);
    expect(methodsOf(after)).toEqual([...stepsOf(to, "create"), ...stepsOf(from, "delete")]);
    expect(after.requests.slice(0, 3)).toEqual([login, listOf(to), listOf(from)]);
    expect([lost, storedIn(world)]).toEqual([[], wholeOf(to, "alpha")]);
    await expectNothingToDo(world, "--prune");
    expect((await go(world, "")).world.requests).toEqual([login, listOf(to)]);
    await expectSoundTrail(world);
  });

  test("over the whole of its pool, too", async () => {
    const world = await synced(filesOf(from, ["alpha"], pooled(from)));
    set(world, filesOf(to, ["alpha"], pooled(to)));
    const { intercept, lost } = watch(world, "alpha");
    const { status, became } = await see(world, "", { intercept });
    expect([status, became]).toEqual([
      0,
      [...times(2, "create alpha applied"), ...times(2, "delete alpha applied")],
    ]);
    expect([lost, storedIn(world).map(({ endpoint }) => endpoint)]).toEqual([[], [to.url(0), to.url(1)]]);
    await expectNothingToDo(world, "--prune");
  });

  test("is shown with what it leaves: a row, and a line, an endpoint", async () => {
    const world = await turned();
    const [was, is] = [from.endpointOf("alpha"), to.endpointOf("alpha")];
    const { out: table } = await go(world, "plan --output markdown");
    expect(table.split("\n").filter((line) => /^\| (create|delete)/.test(line))).toEqual([
      `| create | \`${is}\` | 0 → 2 | \`██░░░░░░░░\` 2/15 | the group goes over to ${to.nouns} |`,
      `| delete | \`${was}\` | 2 → 0 |  | the group no longer uses this endpoint |`,
    ]);
    const { out } = await go(world, "plan --explain");
    const why = out.slice(out.indexOf("  why\n")).split("\n\n")[0]?.split("\n").slice(1);
    const wide = Math.max(was.length, is.length);
    expect(why).toEqual([
      `    ${is.padEnd(wide)}  weight 1, share 2: gets 2, holds 0, 0 stay, 2 move here`,
      `    ${was.padEnd(wide)}  not in use any more: 2 event types must go`,
      `    2 event types move: the group no longer uses ${was}`,
      "    0 of 2 live event types stay; no balanced assignment moves fewer than 2",
    ]);
  });

  test("by a saved plan", async () => {
    const world = await turned();
    const plan = await go(world, "plan --out p.json");
    expect([plan.status, writesOf(plan.world)]).toEqual([0, []]);
    const { intercept, lost } = watch(world, "alpha");
    const { status, became } = await see(world, "apply p.json", { intercept });
    expect([status, became]).toEqual([0, [...created("applied"), ...deleted("applied")]]);
    expect([lost, storedIn(world)]).toEqual([[], wholeOf(to, "alpha")]);
    await expectNothingToDo(world);
  });

  test("by --create-only first: then both deliver, and a sync without it takes the old ones away", async () => {
    const world = await turned();
    const { intercept, lost } = watch(world, "alpha");
    const first = await see(world, "--create-only", { intercept });
    expect([first.status, first.became]).toEqual([0, [...created("applied"), ...deleted("skipped")]]);
    const left = first.result.operations.filter(({ status }) => status === "skipped");
    expect(left.map(({ frozen }) => frozen)).toEqual(times(sizeOf(from), true));
    expect(methodsOf(first.world)).toEqual(stepsOf(to, "create"));
    expect(storedIn(world)).toEqual(
      [...wholeOf(from, "alpha"), ...wholeOf(to, "alpha")].sort((a, b) =>
        compareText(a.endpoint, b.endpoint),
      ),
    );
    const second = await see(world, "", { intercept });
    expect([second.status, second.became]).toEqual([0, deleted("applied")]);
    expect([lost, storedIn(world)]).toEqual([[], wholeOf(to, "alpha")]);
    await expectNothingToDo(world);
  });

  test("stays as it is where the new ones are refused", async () => {
    const world = await turned();
    const refuse: Intercept = (request, forward) =>
      request.method === "POST" && request.url.includes(to.path)
        ? answer(400, { message: "no" })
        : forward();
    const { status, became } = await see(world, "", { intercept: refuse });
    expect([status, became]).toEqual([1, [...created("failed"), ...deleted("skipped")]]);
    expect(storedIn(world)).toEqual(wholeOf(from, "alpha"));
    expect((await see(world, "")).became).toEqual([...created("applied"), ...deleted("applied")]);
    await expectSoundTrail(world);
  });

  test("waits while it is frozen", async () => {
    const world = await turned();
    const frozen = "$&\n  annotations: { reconcile.genesys/freeze: not yet }";
    const text = world.files.text(fileOf("alpha")).replace(/^ {2}name: .*$/m, frozen);
    set(world, { [fileOf("alpha")]: text });
    const { status, became, world: after } = await see(world, "--prune");
    expect([status, became]).toEqual([0, [...created("skipped"), ...deleted("skipped")]]);
    expect([writesOf(after), storedIn(world)]).toEqual([[], wholeOf(from, "alpha")]);
  });

  test("goes back by `rollback --last`, and nothing is undelivered at any request", async () => {
    const world = await turned();
    await go(world, "");
    const { intercept, lost } = watch(world, "alpha");
    const { status, codes, world: after } = await see(world, "rollback --last", { intercept });
    expect([status, codes]).toEqual([0, []]);
    expect(methodsOf(after)).toEqual([...stepsOf(from, "create"), ...stepsOf(to, "delete")]);
    expect([lost, storedIn(world)]).toEqual([[], wholeOf(from, "alpha")]);
    const plan = await see(world, "plan");
    expect(plan.became).toEqual([...created("planned"), ...deleted("planned")]);
    set(world, filesOf(from, ["alpha"]));
    await expectNothingToDo(world);
    await expectSoundTrail(world);
  });

  test("keeps what it had where no trail says so, unless a manifest names that kind", async () => {
    const world = await turned();
    forgetTrail(world.files);
    const first = await see(world, "");
    expect([first.status, first.became]).toEqual([0, created("applied")]);
    expect(first.world.requests.slice(0, 2)).toEqual([login, listOf(to)]);
    expect(first.world.requests).not.toContain(listOf(from));
    set(world, filesOf(from, ["beta"]));
    const { intercept, lost } = watch(world, "alpha");
    const second = await see(world, "", { intercept });
    expect([second.status, [...second.became].sort(compareText)]).toEqual([
      0,
      [...times(sizeOf(from), "create beta applied"), ...deleted("applied")].sort(compareText),
    ]);
    expect(lost).toEqual([]);
    await expectNothingToDo(world);
  });
});

describe.each(pairs.filter(({ to }) => to.isMadeInSteps))(
  "a group that goes over from $from.nouns to $to.nouns which are not active yet",
  ({ from, to }) => {
    test("keeps what it has until they are", async () => {
      const world = await synced(filesOf(from, ["alpha"]));
      set(world, filesOf(to, ["alpha"]));
      const { intercept, lost } = watch(world, "alpha");
      const stuck: Intercept = async (request, forward) => {
        const response = await intercept(request, forward);
        if (request.method !== "GET" || !request.url.includes(to.path)) return response;
        return { ...response, body: response.body.replaceAll('"ACTIVE"', '"ACTIVATING"') };
      };
      const kept = times(sizeOf(from), "delete alpha skipped");
      const first = await see(world, "", { intercept: stuck });
      expect([first.status, first.became]).toEqual([1, ["create alpha failed", ...kept]]);
      const second = await see(world, "", { intercept: stuck });
      expect([second.status, second.became]).toEqual([1, ["update alpha failed", ...kept]]);
      expect(writesOf(second.world)).toEqual([]);
      const third = await see(world, "", { intercept });
      expect([third.status, third.became]).toEqual([0, times(sizeOf(from), "delete alpha applied")]);
      expect([lost, storedIn(world)]).toEqual([[], wholeOf(to, "alpha")]);
      await expectNothingToDo(world);
      await expectSoundTrail(world);
    });
  },
);
