// The driver of EventBridge integrations: what it lists and reads, and what it makes of answers without sense.
import { describe, expect, it, test } from "vitest";
import { makeFakeApi, ok, shown } from "../../genesys/fake-api.ts";
import { failureOf } from "../../genesys/fake-send.ts";
import {
  type States,
  at,
  config,
  configuration,
  document,
  empty,
  emptyWord,
  failure,
  firstPage,
  gone,
  inError,
  integration,
  list,
  live,
  off,
  on,
  path,
  posted,
  script,
  setUp,
  source,
  turningOff,
  turningOn,
} from "../../genesys/eventbridge-api.ts";

describe("the list", () => {
  const id = "amazon-eventbridge-source";
  const got = (what: string) => `GET ${what}`;

  it("asks for integrations of one type, and takes their configurations from it", async () => {
    const { driver, calls } = script(list(integration(on)));
    expect((await driver.list()).live).toEqual([live("i1")]);
    expect(shown(calls)).toEqual([`GET ${firstPage}`]);
  });

  it.each<[string, States, string]>([
    ["ENABLED and ACTIVE", on, "enabled"],
    ["ENABLED, and says no more", ["ENABLED", ""], "activating"],
    ["ENABLED and ACTIVATING", turningOn, "activating"],
    ["ENABLED and in ERROR", inError, "error"],
    ["ENABLED, but INACTIVE", ["ENABLED", "INACTIVE"], "inactive"],
    ["DISABLED and INACTIVE", off, "disabled"],
    ["DISABLED, and still DEACTIVATING", turningOff, "disabled"],
    ["DISABLED, but ACTIVE", ["DISABLED", "ACTIVE"], "disabled"],
  ])("says of one that is %s what it delivers", async (_, states, state) => {
    expect((await script(list(integration(states))).driver.list()).live).toEqual([live("i1", { state })]);
  });

  it("asks for each configuration that it does not hold, four at once, and takes a missing one for empty", async () => {
    const ids = Array.from({ length: 9 }, (_, index) => `i${index}`);
    const together: number[] = [];
    let underWay = 0;
    const { driver, calls } = setUp(
      makeFakeApi(async (call) => {
        if (call.path === firstPage) return ok(list(...ids.map((id) => integration(on, null, id))));
        together.push((underWay += 1));
        await new Promise((resolve) => setImmediate(resolve));
        underWay -= 1;
        if (call.path.includes("i8")) throw gone;
        return ok(configuration());
      }),
    );
    expect((await driver.list()).live).toEqual(ids.slice(0, 8).map((id) => live(id)));
    expect(shown(calls)).toEqual([
      `GET ${firstPage}`,
      ...ids.map((id) => `GET ${path}/${id}/config/current`),
    ]);
    expect(Math.max(...together)).toBe(4);
  });

  it("takes the platform's word for empty notes for no notes", async () => {
    const notes = emptyWord;
    const begun = configuration({ version: 1, properties: {}, notes });
    const { driver } = script(
      list(integration(off, begun), integration(on, configuration({ notes }), "i2")),
    );
    expect((await driver.list()).live).toEqual([live("i2", { description: "" })]);
  });

  it("asks for no other configuration after one that fails", async () => {
    const { driver, calls } = setUp(
      makeFakeApi((_, index) => {
        if (index > 0) return failure("api/unavailable");
        return ok(list(...Array.from({ length: 20 }, (_, number) => integration(on, null, `i${number}`))));
      }),
    );
    expect((await failureOf(driver.list())).code).toBe("api/unavailable");
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls.length).toBeLessThan(10);
  });

  it("counts more than it shows, as the platform does, where a list of all types is refused", async () => {
    const page = { ...list(integration(on)), total: 3 };
    const { driver } = script(page, failure("api/forbidden"), page);
    expect(await driver.list()).toEqual({ live: [live("i1")], unread: [], hidden: 2 });
  });

  const allTypes = `${path}?pageSize=100&pageNumber=1`;
  it.each<[string, readonly object[], readonly string[], number]>([
    [
      "is read twice, and counts those that it does not show",
      [{ ...integration(on), integrationType: { id } }],
      [firstPage, allTypes, firstPage],
      2,
    ],
    [
      "hides none where the platform counts all types",
      [integration(on), { integrationType: { id: "x" } }],
      [firstPage, allTypes],
      0,
    ],
  ])("of which the platform counts more than it shows %s", async (_, all, requests, hidden) => {
    const page = { ...list(integration(on)), total: 3 };
    const { driver, calls } = script(page, { ...list(...all), total: 3 }, page);
    expect(await driver.list()).toEqual({ live: [live("i1")], unread: [], hidden });
    expect(shown(calls)).toEqual(requests.map(got));
  });

  it("leaves out one that somebody has only begun to make", async () => {
    const { driver } = script(list(integration(off, empty()), integration(on, undefined, "i2")));
    expect((await driver.list()).live).toEqual([live("i2")]);
  });

  it("reads what others wrote as it is, what is missing as empty", async () => {
    const bare = { id: "bare", intendedState: "ENABLED" };
    const { driver } = script(
      list(
        { ...bare, config: { current: { version: 0, properties: { theirs: 1, eventFilter: ["a"] } } } },
        {
          ...bare,
          id: "odd",
          name: null,
          config: { current: configuration({ properties: { awsAccountId: 5 } }) },
        },
        integration(
          off,
          configuration({ notes: null, properties: { ...source, eventFilter: null } }),
          "nulls",
        ),
      ),
    );
    const nothing = { name: "", endpoint: "eventbridge://", eventTypes: [] };
    expect((await driver.list()).live).toEqual([
      live("bare", {
        ...{ ...nothing, eventTypes: ["a"], state: "activating", description: "" },
        unmodelled: ["config.properties.theirs"],
      }),
      live("odd", { ...nothing, state: "activating" }),
      live("nulls", { state: "disabled", description: "", eventTypes: [] }),
    ]);
  });
});

describe("an answer that makes no sense", () => {
  const ours = { notes: document.description };

  it.each<[unknown, string]>([
    [[], "a JSON object with a page of integrations"],
    [{ entities: {} }, "entities to be an array"],
    [{ entities: [] }, "total to be a whole number"],
  ])("a page %j is malformed: expected %s", async (answer, expected) => {
    const found = await failureOf(script(answer).driver.list());
    expect(found.code).toBe("api/malformed");
    expect(found.message).toContain(`GET ${path}: expected ${expected}`);
  });

  it.each<[ReturnType<typeof list>, string]>([
    [list(document.description), "an integration as a JSON object"],
    [
      list({ config: { current: configuration() } }),
      "an integration's id to be 1 to 128 letters, digits, or _ . : ~ -",
    ],
    [list(integration(on, undefined, "..")), "an integration's id to be"],
    [list(integration(on, undefined, "a/b")), "an integration's id to be"],
    [list({ id: "a", name: 5, ...ours }), "name of integration a to be text"],
    [list({ id: "a", ...ours }), "intendedState of integration a to be text"],
    [list({ id: "a", intendedState: true, ...ours }), "intendedState of integration a to be text"],
  ])("of a page %j, one integration is unread: expected %s", async ({ entities }, expected) => {
    const found = await script(list(...entities, integration(on, undefined, "i9"))).driver.list();
    expect(found.live).toEqual([live("i9")]);
    const { group, owner } = live("i9");
    expect(found.unread).toMatchObject([{ group, owner }]);
    expect(found.unread[0]?.why).toContain(`expected ${expected}`);
  });

  it.each<[unknown, string]>([
    [null, "a configuration as a JSON object"],
    [[], "a configuration as a JSON object"],
    [configuration({ version: undefined }), "the configuration's version to be a whole number"],
    [configuration({ version: "2" }), "the configuration's version to be a whole number"],
    [configuration({ properties: null }), "the configuration's properties to be an object"],
    [configuration({ properties: [] }), "the configuration's properties to be an object"],
    [configuration({ properties: { eventFilter: "x" } }), "eventFilter to be an array of text"],
    [configuration({ properties: { eventFilter: [1] } }), "eventFilter to be an array of text"],
  ])("of a configuration %j, the integration is unread: expected %s", async (answer, expected) => {
    const { driver, calls } = script(list(integration(on, answer)), answer);
    const why = `GET ${config}: expected ${expected}`;
    expect(await driver.list()).toMatchObject({ live: [], unread: [{ id: "i1", why }] });
    expect(calls).toHaveLength(2);
  });

  it.each([
    ["is forbidden", "api/forbidden"],
    ["is refused", "api/rejected"],
    ["conflicts with something", "api/conflict"],
    ["makes the platform fail", "api/unavailable"],
  ])("whose configuration %s is unread, and the others are read", async (_, code) => {
    const { driver } = script(list(integration(on, null, "i2"), integration(off)), failure(code));
    expect(await driver.list()).toMatchObject({
      live: [live("i1", { state: "disabled" })],
      unread: [{ id: "i2" }],
    });
  });

  it.each([
    { notes: 5 },
    { notes: "theirs", properties: { eventFilter: "x" } },
    { version: "2", notes: "" },
  ])("a configuration of somebody else's, with %j, is left out of the list", async (theirs) => {
    const { driver } = script(list(integration(on, null, "i2"), integration(off)), configuration(theirs));
    expect((await driver.list()).live).toEqual([live("i1", { state: "disabled" })]);
  });

  it("is left out of the list where a configuration of somebody else's is nested without end", async () => {
    const advanced: unknown = JSON.parse("[".repeat(100_000) + "]".repeat(100_000));
    const theirs = configuration({ notes: "theirs", properties: { eventFilter: "x" }, advanced });
    const { driver } = script(list(integration(on, null, "i2"), integration(off)), theirs);
    expect((await driver.list()).live).toEqual([live("i1", { state: "disabled" })]);
  });

  it("is left out of the list while the platform is still deleting it, and gone when it is read", async () => {
    const going = { ...integration(off, undefined, "i2"), intendedState: "DELETED" };
    const { driver } = script(list(going, integration(off)), going);
    expect((await driver.list()).live).toEqual([live("i1", { state: "disabled" })]);
    expect(await driver.read("i2")).toBeNull();
  });

  it("is left out of the list where it is none of ours, or of another type", async () => {
    const other = { ...integration(on), integrationType: { id: "webhook" } };
    const { driver, calls } = script(
      list(null, {}, { id: "a" }, { id: "b", name: 5 }, other, integration(off)),
    );
    expect((await driver.list()).live).toEqual([live("i1", { state: "disabled" })]);
    expect(calls).toHaveLength(1);
  });

  it("to a read of another one is refused", async () => {
    for (const other of [
      integration(on, undefined, "i2"),
      { ...integration(on), integrationType: { id: "x" } },
    ])
      expect(await failureOf(script(other).driver.read("i1"))).toMatchObject({
        code: "api/malformed",
        message: `GET ${at}: expected the resource that was asked for`,
      });
  });

  it("to a read is malformed, too", async () => {
    expect(await failureOf(script({ id: "i1" }).driver.read("i1"))).toMatchObject({
      code: "api/malformed",
      message: `GET ${at}: expected intendedState of integration i1 to be text`,
    });
  });

  it.each([undefined, {}, { id: "" }, { id: ".." }])(
    "to the first step, %j, leaves it open",
    async (answer) => {
      const { driver, calls } = script(answer);
      expect(await failureOf(driver.create(document))).toMatchObject({
        code: "api/outcomeUnknown",
        cause: { code: "api/malformed", message: `POST ${path}: expected an integration with an id` },
      });
      expect(calls).toEqual([posted]);
    },
  );
});

test("read returns the integration, or null where there is none", async () => {
  const { driver, calls } = script(integration(turningOn), integration(off, null), configuration(), gone);
  expect([await driver.read("i1"), await driver.read("i1"), await driver.read("i1")]).toEqual([
    live("i1", { state: "activating" }),
    live("i1", { state: "disabled" }),
    null,
  ]);
  expect(shown(calls)).toEqual([`GET ${at}`, `GET ${at}`, `GET ${config}`, `GET ${at}`]);
});

test("an id that is none is never put into an address", async () => {
  const { driver, calls } = script();
  for (const call of [driver.read("a/b"), driver.update("..", document), driver.delete("a b")])
    expect((await failureOf(call)).code).toBe("api/invalidId");
  expect(calls).toEqual([]);
});
