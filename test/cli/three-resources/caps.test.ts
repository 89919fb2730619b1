// How many integrations an organisation can have: what a pass asks, and what becomes of a plan that does not fit.
import { describe, expect, test } from "vitest";
import type { SandboxQuirks } from "../../../src/sandbox/quirks.ts";
import {
  asksOrganisation,
  answer,
  makeWorld,
  writesOf,
  type Intercept,
  type TestWorld,
} from "../../support/world.ts";
import { filesOf, go, integrations, listOf, login, putGroup, see, set } from "./groups.ts";

const typePath = "/api/v2/integrations/types/amazon-eventbridge-source";
const typeRead = `GET ${typePath}`;

const worldOf = (groups: readonly string[], quirks: SandboxQuirks = {}): TestWorld =>
  makeWorld({ argv: "", files: filesOf(integrations, groups), quirks });

const typeAnswers =
  (status: number, body: object): Intercept =>
  (request, forward) =>
    request.url.endsWith(typePath) ? answer(status, body) : forward();

describe("the type is read", () => {
  test("by a dry run whose plan creates an integration, once, and by a sync", async () => {
    const world = worldOf(["alpha", "beta"], { maxInstances: 2 });
    const planned = await go(world, "plan");
    expect([planned.status, planned.world.requests]).toEqual([
      0,
      [login, listOf(integrations), asksOrganisation, typeRead],
    ]);
    const synced = await see(world, "");
    expect([synced.status, synced.world.requests.filter((one) => one === typeRead).length]).toEqual([0, 1]);
  });

  test("by no pass whose plan creates none", async () => {
    const world = worldOf(["alpha"], { maxInstances: 1 });
    expect((await go(world, "")).status).toBe(0);
    set(world, filesOf(integrations, ["alpha"], { tail: "  state: disabled\n" }));
    const update = await see(world, "");
    expect(update.became).toEqual(["update alpha applied"]);
    expect(update.world.requests).not.toContain(typeRead);
    expect((await go(world, "")).world.requests).toEqual([login, listOf(integrations)]);
  });

  test.each<[string, Intercept, readonly string[]]>([
    ["is forbidden", typeAnswers(403, { message: "no" }), []],
    ["is nonsense", typeAnswers(200, { maxInstances: "many" }), []],
    ["names no number", typeAnswers(200, { id: "amazon-eventbridge-source" }), []],
    ["is 404", typeAnswers(404, { message: "no" }), ["create/notOffered"]],
  ])("and a pass goes on where the answer %s", async (_, intercept, codes) => {
    const { became, warnings, status } = await see(worldOf(["alpha"]), "", { intercept });
    expect([became, status]).toEqual([["create alpha applied"], 0]);
    expect(warnings.filter((code) => code.startsWith("create/"))).toEqual(codes);
  });
});

describe("a plan that does not fit", () => {
  const full = (): TestWorld => {
    const world = worldOf(["alpha", "beta", "gamma"], { maxInstances: 3 });
    putGroup(integrations, world, "theirs", "");
    return world;
  };

  const refusalOf = (group: string, used: number, taken: string): string =>
    `group "${group}" is skipped: 1 more EventBridge integration would be too many: ` +
    `the organisation can have 3 EventBridge integrations, and has ${used}${taken}`;

  test("is said before the first write: groups without room are skipped, others go on", async () => {
    const world = full();
    const planned = await see(world, "plan");
    const skipped = ["create alpha planned", "create beta planned", "create gamma skipped"];
    expect([planned.became, planned.status, planned.codes]).toEqual([skipped, 1, ["create/tooMany"]]);
    const message = refusalOf("gamma", 1, ", and this plan creates 2 for other groups");
    expect(planned.about("create/tooMany")).toMatchObject([
      {
        message,
        file: "subscriptions/gamma.yaml",
        hint: expect.stringContaining("raise the limit") as string,
      },
    ]);
    const { became, status, world: after } = await see(world, "");
    expect([became, status]).toEqual([
      ["create alpha applied", "create beta applied", "create gamma skipped"],
      1,
    ]);
    expect(writesOf(after).filter((one) => one.startsWith("POST"))).toHaveLength(2);
    const next = await see(world, "");
    expect([next.became, next.about("create/tooMany")[0]?.message, writesOf(next.world)]).toEqual([
      ["create gamma skipped"],
      refusalOf("gamma", 3, ""),
      [],
    ]);
  });

  test("is skipped as a whole group, also where it would delete something later", async () => {
    const world = worldOf(["alpha"], { maxInstances: 1 });
    expect((await go(world, "")).status).toBe(0);
    const moved = filesOf(integrations, ["alpha"]);
    for (const [path, text] of Object.entries(moved))
      set(world, { [path]: text.replace(integrations.endpointOf("alpha"), integrations.url(7)) });
    const { became, status, world: after } = await see(world, "");
    expect([became, status, writesOf(after)]).toEqual([
      ["create alpha skipped", "delete alpha skipped"],
      1,
      [],
    ]);
  });

  test("has room for what an earlier pass has begun", async () => {
    const world = worldOf(["alpha"], { maxInstances: 1 });
    const stopped = await see(world, "", {
      intercept: (request, forward) => (request.method === "PUT" ? answer(500, {}) : forward()),
    });
    expect([stopped.status, world.state.integrations.size]).toEqual([1, 1]);
    expect((await see(world, "")).became).toEqual(["create alpha applied"]);
  });

  test("is held back where a saved plan is applied, too", async () => {
    const world = worldOf(["alpha"], { maxInstances: 1 });
    expect((await go(world, "plan --out plan.json")).status).toBe(0);
    putGroup(integrations, world, "theirs", "");
    const { became, codes, world: after } = await see(world, "apply plan.json");
    expect([became, codes, writesOf(after)]).toEqual([["create alpha skipped"], ["create/tooMany"], []]);
  });
});

test("the platform's own refusal of one too many says how many there are, and the way out", async () => {
  const world = worldOf(["alpha"], { maxInstances: 1 });
  putGroup(integrations, world, "theirs", "");
  const { result, status } = await see(world, "", { intercept: typeAnswers(403, { message: "no" }) });
  expect(status).toBe(1);
  expect(result.operations[0]).toMatchObject({
    ...{ status: "failed", platformCode: "max.integrations.reached" },
    error: expect.stringMatching(
      /is reached\.; the list before showed 1 EventBridge integration, .* ask Genesys Cloud to raise the limit/,
    ) as string,
  });
});
