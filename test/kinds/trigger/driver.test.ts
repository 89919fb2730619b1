// Triggers: listed from cursor to cursor, and replaced by the version that was seen.
// More than 400 lines, because it is the whole of one driver, whose requests are few and whose answers are many.
import { liveFrom } from "../../support/kinds.ts";
import { describe, expect, it, test } from "vitest";
import { parseRecord } from "../../../src/audit/parse-record.ts";
import { makeTriggersDriver } from "../../../src/kinds/trigger/driver.ts";
import { ReconcileError } from "../../../src/model/errors.ts";
import { maxOptionLevels } from "../../../src/model/nesting.ts";
import type { LiveResource, ResourceDocument } from "../../../src/model/resource.ts";
import {
  makeFakeApi,
  makeSandboxApi,
  makeScriptedApi,
  ok,
  portsOn,
  shown,
  type FakeApi,
} from "../../genesys/fake-api.ts";
import { failureOf } from "../../genesys/fake-send.ts";
import { makeEntry, makeTrail } from "../../audit/samples.ts";
import { document, unset } from "./sample.ts";

const path = "/api/v2/processautomation/triggers";

/** As the platform has it. */
const stored = (id: string, more: object = {}) => ({
  ...{ id, name: document.name, topicName: "v2.users.{id}.presence", enabled: true, version: 1 },
  ...{ target: { type: "Workflow", id: "flow-1" }, matchCriteria: [], description: document.description },
  ...{ selfUri: `${path}/${id}`, ...more },
});
/** What a request says of the document, but for its version. */
const body = {
  ...{ name: document.name, topicName: "v2.users.{id}.presence", enabled: true, matchCriteria: [] },
  ...{ target: { type: "Workflow", id: "flow-1" }, description: document.description },
};
const live = (id: string): LiveResource => liveFrom({ ...document, id });
const ids = (length: number) => Array.from({ length }, (_, index) => `t${index}`);
const page = (entities: readonly unknown[], after?: string) => ({
  entities,
  ...(after === undefined ? {} : { nextUri: `${path}?pageSize=200&after=${after}` }),
});

function setUp({ calls, ...api }: FakeApi) {
  return { driver: makeTriggersDriver(portsOn(api)), calls };
}

const script = (...answers: readonly unknown[]) => setUp(makeScriptedApi(answers));
const gone = new ReconcileError("api/notFound", "gone");

describe("the list", () => {
  it("goes from cursor to cursor, and has each trigger once", async () => {
    const { driver, calls } = script(
      page(
        ["t0", "t1"].map((id) => stored(id)),
        "a%2Bb%2Fc%3D",
      ),
      page(
        ["t1", "t2"].map((id) => stored(id)),
        "d",
      ),
      page([]),
    );
    expect((await driver.list()).live).toEqual(ids(3).map(live));
    expect(shown(calls)).toEqual([
      `GET ${path}?pageSize=200`,
      `GET ${path}?pageSize=200&after=a%2Bb%2Fc%3D`,
      `GET ${path}?pageSize=200&after=d`,
    ]);
  });

  it.each([
    ["is missing", {}],
    ["is null", { nextUri: null }],
    ["is empty", { nextUri: "" }],
  ])("ends where nextUri %s", async (_, more) => {
    const { driver, calls } = script({ ...page([stored("t0")]), ...more });
    expect([(await driver.list()).live, calls.length]).toEqual([[live("t0")], 1]);
  });

  it.each([
    ["itself", ["a", "a"]],
    ["one before it", ["a", "b", "a"]],
  ])("is refused where a page leads to %s", async (_, cursors) => {
    const { driver, calls } = script(...cursors.map((cursor) => page([stored("t0")], cursor)));
    expect(await failureOf(driver.list())).toMatchObject({
      code: "api/malformed",
      message: `GET ${path}: a page leads to itself`,
    });
    expect(calls).toHaveLength(cursors.length);
  });

  it("is given up after more pages than anybody has", async () => {
    const { driver, calls } = setUp(makeFakeApi((_, index) => ok(page([], `c${index}`))));
    expect(await failureOf(driver.list())).toMatchObject({
      code: "api/tooManyPages",
      message: `GET ${path}: more than 1000 pages of triggers`,
    });
    expect(calls).toHaveLength(1_000);
  });

  it("is what the sandbox has, page after page", async () => {
    const { api, state, sent } = makeSandboxApi();
    const driver = makeTriggersDriver(portsOn(api));
    const all = ids(450).toSorted();
    for (const id of all)
      state.triggers.set(id, { ...body, target: { type: "Workflow", id: "flow-1" }, id, version: 1 });
    expect((await driver.list()).live).toEqual(all.map(live));
    expect(sent).toEqual([
      `GET ${path}?pageSize=200`,
      `GET ${path}?pageSize=200&after=${all[199]}`,
      `GET ${path}?pageSize=200&after=${all[399]}`,
    ]);
  });
});

test("what others wrote is read as it is, what is missing as empty or unset", async () => {
  const criterion = { jsonPath: "mediaType", operator: "In", values: ["VOICE"] };
  const { driver } = script(
    page([
      { id: "bare", version: 0, topicName: "v2.x" },
      stored("nulls", {
        ...{ name: null, description: null, target: null, enabled: null },
        ...{ matchCriteria: null, eventTTLSeconds: null, delayBySeconds: null },
      }),
      stored("elsewhere", { target: { type: "Function", id: "f" } }),
      stored("nowhere", { target: { type: "Workflow", id: 5 } }),
      stored("full", {
        ...{ enabled: false, eventTTLSeconds: 60, delayBySeconds: 90, theirs: 1 },
        matchCriteria: [criterion, { jsonPath: "a", operator: "Equal", value: 0, other: 1 }],
      }),
    ]),
  );
  const empty = { name: "", description: "", endpoint: "workflow:", state: "disabled" };
  expect((await driver.list()).live).toEqual(
    [
      { ...live("bare"), ...empty, eventTypes: ["v2.x"] },
      { ...live("nulls"), ...empty },
      { ...live("elsewhere"), endpoint: "workflow:" },
      { ...live("nowhere"), endpoint: "workflow:" },
      {
        ...live("full"),
        state: "disabled",
        unmodelled: ["theirs", "matchCriteria.other"],
        trigger: {
          matchCriteria: [criterion, { jsonPath: "a", operator: "Equal", value: 0 }],
          eventTTLSeconds: 60,
          delayBySeconds: 90,
        },
      },
    ].map(liveFrom),
  );
});

const options = `the options of trigger t to be criteria and seconds, at most ${maxOptionLevels} levels deep`;

describe("options that are nested deeply", () => {
  const nested = (levels: number): unknown => JSON.parse("[".repeat(levels) + "]".repeat(levels));
  /** Something stands so many levels below these options. */
  const deep = (levels: number) => ({
    matchCriteria: [{ jsonPath: "a", operator: "Equal", value: nested(levels - 2) }],
  });
  const foreign = { description: "by hand" };

  it("are read as deep as a record can hold them", async () => {
    const { driver } = script(stored("t0", deep(maxOptionLevels)));
    const found = await driver.read("t0");
    expect(found?.trigger?.matchCriteria).toEqual(deep(maxOptionLevels).matchCriteria);
    const recorded = { ...document, trigger: { ...unset, ...deep(maxOptionLevels) } } as ResourceDocument;
    // No patch holds them deeper than one that replaces the whole document.
    const patch = [{ op: "replace", path: "", value: recorded }] as const;
    const text = await makeTrail([makeEntry({ before: recorded, after: recorded, patch })]);
    expect(parseRecord(text.trimEnd())).toMatchObject({ ok: true });
  });

  it("leave a trigger unread below that, whether it is ours or not", async () => {
    const tooDeep = deep(maxOptionLevels + 1);
    const message = `expected the options of trigger t0 to be criteria and seconds, at most ${maxOptionLevels} levels deep`;
    expect(await failureOf(script(stored("t0", tooDeep)).driver.read("t0"))).toMatchObject({
      code: "api/malformed",
      message: `GET ${path}/t0: ${message}`,
    });
    for (const whose of [{}, foreign]) {
      const { driver } = script(page([stored("t0", { ...tooDeep, ...whose }), stored("t1")]));
      const found = await driver.list();
      expect(found.live.map(({ id }) => id)).toEqual(["t1"]);
      expect(found.unread).toMatchObject([{ id: "t0", why: message }]);
    }
  });

  it("may have any depth without a bug", async () => {
    const endless = deep(100_000);
    const { driver } = script(page([stored("t0", { ...endless, ...foreign }), stored("t1")]));
    expect((await driver.list()).live.map(({ id }) => id)).toEqual(["t1"]);
    const { owner } = live("t0");
    expect((await script(page([stored("t0", endless)])).driver.list()).unread).toMatchObject([{ owner }]);
  });
});

it("has no triggers on a page without a list of them", async () => {
  expect(await script({ selfUri: path }).driver.list()).toEqual({ live: [], unread: [], hidden: 0 });
});

describe("an answer that makes no sense", () => {
  it.each<[unknown, string]>([
    [undefined, "a JSON object with a page of triggers"],
    [[], "a JSON object with a page of triggers"],
    [{ entities: {} }, "entities to be an array"],
    [{ entities: [], nextUri: 5 }, "nextUri to be text"],
    [{ entities: [], nextUri: path }, "nextUri to have a cursor"],
    [{ entities: [], nextUri: `${path}?pageSize=200` }, "nextUri to have a cursor"],
  ])("a page %j is malformed: expected %s", async (answer, expected) => {
    const failure = await failureOf(script(answer).driver.list());
    expect(failure.code).toBe("api/malformed");
    expect(failure.message).toContain(`GET ${path}: expected ${expected}`);
  });

  it.each<[ReturnType<typeof page>, string]>([
    [page([document.description]), "a trigger as a JSON object"],
    [page([stored("u", { id: undefined })]), "a trigger's id to be 1 to 128 letters, digits, or _ . : ~ -"],
    [page([stored("..")]), "a trigger's id to be"],
    [page([stored("a/b")]), "a trigger's id to be"],
    [page([stored("x".repeat(129))]), "a trigger's id to be"],
    [page([stored("t", { version: undefined })]), "version of trigger t to be a whole number"],
    [page([stored("t", { version: "1" })]), "version of trigger t to be a whole number"],
    [page([stored("t", { version: 1.5 })]), "version of trigger t to be a whole number"],
    [page([stored("t", { topicName: null })]), "topicName of trigger t to be text"],
    [page([stored("t", { name: 5 })]), "name and description of trigger t to be text"],
    [
      page([stored("t", { description: { text: document.description } })]),
      "name and description of trigger t to be text",
    ],
    [page([stored("t", { matchCriteria: {} })]), options],
    [page([stored("t", { matchCriteria: ["x"] })]), options],
    [page([stored("t", { matchCriteria: [{ operator: "In" }] })]), options],
    [page([stored("t", { matchCriteria: [{ jsonPath: "a", operator: 1 }] })]), options],
    [page([stored("t", { eventTTLSeconds: "60" })]), options],
    [page([stored("t", { delayBySeconds: false })]), options],
  ])("of a page %j, one trigger is unread: expected %s", async ({ entities }, expected) => {
    const found = await script(page([...entities, stored("t0")])).driver.list();
    expect(found.live).toEqual([live("t0")]);
    const { group, owner } = live("t0");
    expect(found.unread).toMatchObject([{ group, owner }]);
    expect(found.unread[0]?.why).toContain(`expected ${expected}`);
  });

  it("is unread where it is none of ours, too", async () => {
    const theirs = { description: "Consumer group: g" };
    const { driver } = script(
      page([null, "x", {}, stored("..", theirs), stored("t", { version: "1", ...theirs }), stored("t0")]),
    );
    const found = await driver.list();
    expect(found.live).toEqual([live("t0")]);
    const nothing = { id: null, group: null, owner: null };
    const shown = { group: "g", owner: null };
    expect(found.unread).toMatchObject([
      ...[nothing, nothing, nothing],
      ...[
        { ...shown, id: null },
        { ...shown, id: "t" },
      ],
    ]);
  });

  it("to a read of another one is refused", async () => {
    expect(await failureOf(script(stored("t2")).driver.read("t1"))).toMatchObject({
      code: "api/malformed",
      message: `GET ${path}/t1: expected the resource that was asked for`,
    });
  });

  it("to a read is malformed, too", async () => {
    expect(await failureOf(script(stored("t", { version: null })).driver.read("t"))).toMatchObject({
      code: "api/malformed",
      message: `GET ${path}/t: expected version of trigger t to be a whole number`,
    });
  });

  it.each([undefined, {}, stored("t", { version: "2" })])(
    "to a write, %j, leaves it open",
    async (answer) => {
      const writes = [
        script(answer).driver.create(document),
        script(stored("t"), answer).driver.update("t", document),
      ];
      for (const write of writes)
        expect(await failureOf(write)).toMatchObject({
          code: "api/outcomeUnknown",
          cause: { code: "api/malformed" },
        });
    },
  );
});

describe("create", () => {
  it("sends the document without what is unset, and returns what is stored", async () => {
    const { driver, calls } = script(stored("t1"));
    expect(await driver.create(document)).toEqual(live("t1"));
    expect(calls).toEqual([{ method: "POST", path, body }]);
  });

  it.each([{ eventTTLSeconds: 60 }, { delayBySeconds: 90 }])("sends %j alone", async (seconds) => {
    const matchCriteria = [{ jsonPath: "mediaType", operator: "Equal", value: "VOICE" }];
    const trigger = { ...unset, matchCriteria, ...seconds };
    const { driver, calls } = script(stored("t1", { matchCriteria, ...seconds }));
    expect(await driver.create({ ...document, trigger })).toEqual({ ...live("t1"), trigger });
    expect(calls).toEqual([{ method: "POST", path, body: { ...body, matchCriteria, ...seconds } }]);
  });

  it("needs no options, and may leave it disabled", async () => {
    const { name, endpoint, eventTypes, retryPolicy, description } = document;
    const { driver, calls } = script(stored("t1", { enabled: false }));
    await driver.create({ name, endpoint, eventTypes, retryPolicy, description, state: "disabled" });
    expect(calls).toEqual([{ method: "POST", path, body: { ...body, enabled: false } }]);
  });
});

describe("update", () => {
  const at = `${path}/t1`;
  const moved: ResourceDocument = { ...document, endpoint: "workflow:flow-2" };
  const target = { type: "Workflow", id: "flow-2" };

  it("repeats the version that was listed, and after that the one that was answered", async () => {
    const { driver, calls } = script(
      page([stored("t1", { version: 7 })]),
      stored("t1", { target, version: 8 }),
      stored("t1", { version: 9 }),
    );
    await driver.list();
    expect(await driver.update("t1", moved)).toEqual(liveFrom({ ...moved, id: "t1" }));
    expect(await driver.update("t1", document)).toEqual(live("t1"));
    expect(calls.slice(1)).toEqual([
      { method: "PUT", path: at, body: { ...body, target, version: 7 } },
      { method: "PUT", path: at, body: { ...body, version: 8 } },
    ]);
  });

  it.each([
    ["created", (driver: ReturnType<typeof makeTriggersDriver>) => driver.create(document)],
    ["read", (driver: ReturnType<typeof makeTriggersDriver>) => driver.read("t1")],
  ])("repeats the version that was %s", async (_, see) => {
    const { driver, calls } = script(stored("t1", { version: 3 }), stored("t1", { version: 4 }));
    expect(await see(driver)).toEqual(live("t1"));
    await driver.update("t1", document);
    expect(calls.at(-1)).toEqual({ method: "PUT", path: at, body: { ...body, version: 3 } });
  });

  it("reads first what it has not seen", async () => {
    const { driver, calls } = script(stored("t1", { version: 3 }), stored("t1", { version: 4 }));
    await driver.update("t1", document);
    expect(calls).toEqual([
      { method: "GET", path: at },
      { method: "PUT", path: at, body: { ...body, version: 3 } },
    ]);
  });

  it("says that there is none where there is none", async () => {
    const { driver, calls } = script(gone);
    expect(await failureOf(driver.update("t1", document))).toMatchObject({
      code: "api/notFound",
      message: `PUT ${at}: not found`,
    });
    expect(shown(calls)).toEqual([`GET ${at}`]);
  });

  it("keeps what the platform or somebody else has set of the target, wherever it moves to", async () => {
    const theirs = { type: "Workflow", id: "flow-1", workflowTargetSettings: { dataFormat: "Json" } };
    const { driver, calls } = script(
      page([stored("t1", { target: theirs })]),
      stored("t1", { target: { ...theirs, id: "flow-2" }, version: 2 }),
    );
    await driver.list();
    await driver.update("t1", moved);
    const kept = { ...target, workflowTargetSettings: { dataFormat: "Json" } };
    expect(calls.at(-1)).toEqual({ method: "PUT", path: at, body: { ...body, target: kept, version: 1 } });
  });

  it("repeats the fields that it does not know, without those of the platform", async () => {
    const [known, other] = ["a", "b"].map((value) => ({ jsonPath: "x", operator: "Equal", value }));
    const theirs = { priority: 1, empty: null };
    const odd = { ...known, ignoreCase: true };
    const { driver, calls } = script(
      page([stored("t1", { ...theirs, dateCreated: "…", matchCriteria: [odd, other] })]),
      stored("t1", { version: 2 }),
    );
    await driver.list();
    const trigger = { ...unset, matchCriteria: [other, known] } as typeof document.trigger;
    await driver.update("t1", { ...document, ...(trigger ? { trigger } : {}) });
    expect(calls.at(-1)?.body).toEqual({ ...body, ...theirs, matchCriteria: [other, odd], version: 1 });
  });

  it.each([
    ["a 409", `PUT ${at}: conflicts with what is there (409)`],
    ["a 400 of its version", "The version DOES NOT match the current version 5."],
  ])(
    "that is refused with %s is a conflict, and the next one is based on a fresh version",
    async (_, words) => {
      const refusal = new ReconcileError("api/conflict", words, { correlationId: "c-1" });
      const { driver, calls } = script(
        page([stored("t1")]),
        refusal,
        stored("t1", { version: 5 }),
        stored("t1", { version: 6 }),
      );
      await driver.list();
      expect(await failureOf(driver.update("t1", document))).toMatchObject({
        code: "api/conflict",
        message: words,
        correlationId: "c-1",
      });
      expect(await driver.update("t1", document)).toEqual(live("t1"));
      expect(calls.slice(1)).toEqual([
        { method: "PUT", path: at, body: { ...body, version: 1 } },
        { method: "GET", path: at },
        { method: "PUT", path: at, body: { ...body, version: 5 } },
      ]);
    },
  );

  it.each(["api/outcomeUnknown", "api/rejected", "api/forbidden"])(
    "that ends with %s says so, and the next one looks first",
    async (code) => {
      const failure = new ReconcileError(code, "no");
      const { driver, calls } = script(page([stored("t1")]), failure, stored("t1"), stored("t1"));
      await driver.list();
      expect(await failureOf(driver.update("t1", document))).toBe(failure);
      await driver.update("t1", document);
      expect(shown(calls.slice(1))).toEqual([`PUT ${at}`, `GET ${at}`, `PUT ${at}`]);
    },
  );
});

test("read returns the trigger, or null where there is none", async () => {
  const { driver, calls } = script(stored("a:b"), gone);
  expect([await driver.read("a:b"), await driver.read("a:b")]).toEqual([live("a:b"), null]);
  expect(shown(calls)).toEqual(Array(2).fill(`GET ${path}/a%3Ab`));
});

test("delete is done when the trigger is gone, whoever deleted it", async () => {
  const { driver, calls } = script(undefined, gone);
  await driver.delete("t1");
  await driver.delete("t1");
  expect(calls).toEqual(Array(2).fill({ method: "DELETE", path: `${path}/t1` }));
});

test.each([
  ["read", (driver: ReturnType<typeof makeTriggersDriver>) => driver.read("t1")],
  ["delete", (driver: ReturnType<typeof makeTriggersDriver>) => driver.delete("t1")],
])("other failures of a %s are not swallowed", async (_, call) => {
  const { driver } = script(new ReconcileError("api/forbidden", "no"));
  expect((await failureOf(call(driver))).code).toBe("api/forbidden");
});

test("an id that is none is never put into an address", async () => {
  const { driver, calls } = script();
  for (const call of [driver.read("a/b"), driver.update("..", document), driver.delete("a b")])
    expect((await failureOf(call)).code).toBe("api/invalidId");
  expect(calls).toEqual([]);
});

describe("against the sandbox", () => {
  const delayed = { ...unset, delayBySeconds: 90 };
  const only = (state: ReturnType<typeof makeSandboxApi>["state"]) => [...state.triggers.values()];

  it("one is made, found, moved, and deleted", async () => {
    const { api, state } = makeSandboxApi();
    const driver = makeTriggersDriver(portsOn(api));
    const made = await driver.create(document);
    const { id } = made;
    expect([made, (await driver.list()).live, only(state)]).toEqual([
      live(id),
      [live(id)],
      [{ ...body, id, version: 1 }],
    ]);
    const wanted: ResourceDocument = {
      ...{ ...document, endpoint: "workflow:flow-2", state: "disabled", trigger: delayed },
    };
    expect(await driver.update(id, wanted)).toEqual(liveFrom({ ...wanted, id }));
    expect(only(state)).toEqual([
      {
        ...body,
        target: { type: "Workflow", id: "flow-2" },
        enabled: false,
        delayBySeconds: 90,
        id,
        version: 2,
      },
    ]);
    // What is unset is left out, and so it is gone.
    expect(await driver.update(id, document)).toEqual(live(id));
    expect(only(state)).toEqual([{ ...body, id, version: 3 }]);
    await driver.delete(id);
    await driver.delete(id);
    expect([await driver.read(id), only(state)]).toEqual([null, []]);
  });

  it("somebody else's write in between is a conflict, and then seen", async () => {
    const { api, state } = makeSandboxApi();
    const driver = makeTriggersDriver(portsOn(api));
    const { id } = await driver.create(document);
    const theirs = { ...body, target: { type: "Workflow" as const, id: "theirs" }, id, version: 2 };
    state.triggers.set(id, theirs);
    expect(await failureOf(driver.update(id, document))).toMatchObject({
      code: "api/conflict",
      message: expect.stringContaining("does not match the current version 2") as unknown,
    });
    expect(only(state)).toEqual([theirs]);
    expect(await driver.update(id, document)).toEqual(live(id));
    expect(only(state)).toEqual([{ ...body, id, version: 3 }]);
  });

  it.each([400, 408, 409])("an outdated version that is answered %i is a conflict", async (status) => {
    const message = "The version DOES NOT match the current version 5.";
    const { api, sent } = makeSandboxApi((request, forward) =>
      request.method === "PUT"
        ? { status, headers: {}, body: JSON.stringify({ message, code: "bad.request", status }) }
        : forward(),
    );
    const driver = makeTriggersDriver(portsOn(api));
    const { id } = await driver.create(document);
    const failure = await failureOf(driver.update(id, document));
    expect(failure).toMatchObject({ code: "api/conflict", platformCode: "bad.request" });
    expect(failure.message).toContain(message);
    expect(sent.filter((one) => one.startsWith("PUT"))).toHaveLength(1);
  });

  it("a move that states an outdated version, as only a nested error says, is a conflict", async () => {
    const errors = [{ code: "version.conflict", message: "Somebody was faster." }];
    const { api } = makeSandboxApi((request, forward) =>
      request.method === "PUT"
        ? {
            status: 400,
            headers: {},
            body: JSON.stringify({ message: "No.", code: "bad.request", errors }),
          }
        : forward(),
    );
    const driver = makeTriggersDriver(portsOn(api));
    const { id } = await driver.create(document);
    const elsewhere = { ...document, endpoint: "workflow:elsewhere" };
    expect(await failureOf(driver.update(id, elsewhere))).toMatchObject({ code: "api/conflict" });
  });

  it("a topic cannot change, and is left as it is", async () => {
    const { api, state } = makeSandboxApi();
    const driver = makeTriggersDriver(portsOn(api));
    const { id } = await driver.create(document);
    expect(await failureOf(driver.update(id, { ...document, eventTypes: ["v2.other"] }))).toMatchObject({
      code: "api/rejected",
    });
    expect(only(state)).toEqual([{ ...body, id, version: 1 }]);
  });
});
