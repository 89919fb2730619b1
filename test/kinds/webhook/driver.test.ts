import { liveFrom } from "../../support/kinds.ts";
import { expect, test } from "vitest";
import type { ApiAnswer } from "../../../src/genesys/client/parse-answer.ts";
import { makeWebhooksDriver } from "../../../src/kinds/webhook/driver.ts";
import { ReconcileError } from "../../../src/model/errors.ts";
import type { LiveResource, ResourceDocument } from "../../../src/model/resource.ts";
import { makeFakeApi, ok, type Call } from "../../genesys/fake-api.ts";
import { failureOf } from "../../genesys/fake-send.ts";

const document: ResourceDocument = {
  name: "g-1a2b3c4d",
  endpoint: "https://a.example.com/x",
  eventTypes: ["a.b", "c.d"],
  retryPolicy: { retryCount: 3, retryInterval: "PT1M", retryOnTimeout: true },
  state: "enabled",
  description: "Consumer group: g",
};

function setUp(answerTo: Parameters<typeof makeFakeApi>[0]) {
  const { calls, ...api } = makeFakeApi(answerTo);
  return { driver: makeWebhooksDriver({ api }), calls };
}

const stored = (id: string): LiveResource => liveFrom({ ...document, id });
/** The same as the platform answers it. */
const answered = (live: Partial<LiveResource>): object => {
  const ours = ["kind", "group", "owner", "delivers"];
  return Object.fromEntries(Object.entries(live).filter(([key]) => !ours.includes(key)));
};
const range = (length: number) => Array.from({ length }, (_, index) => stored(`w${index}`));
const pageNumberOf = (call: Call) => Number(new URL(call.path, "https://x").searchParams.get("pageNumber"));

function pageOf(all: readonly LiveResource[], pageNumber: number): ApiAnswer {
  const entities = all.slice((pageNumber - 1) * 100, pageNumber * 100).map(answered);
  return ok({
    entities,
    pageNumber,
    pageSize: 100,
    total: all.length,
    pageCount: Math.ceil(all.length / 100),
  });
}

test.each([
  [0, 1],
  [1, 1],
  [100, 1],
  [101, 2],
  [950, 10],
])("%i webhooks take %i requests", async (count, requests) => {
  const { driver, calls } = setUp((call) => pageOf(range(count), pageNumberOf(call)));
  expect((await driver.list()).live).toEqual(range(count));
  expect(calls.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(
    Array.from(
      { length: requests },
      (_, index) => `GET /api/v2/webhooks?pageSize=100&pageNumber=${index + 1}`,
    ).sort(),
  );
});

test("the first page alone, then at most four at once", async () => {
  let underWay = 0;
  const together: number[] = [];
  const { driver } = setUp(async (call) => {
    together.push((underWay += 1));
    await new Promise((resolve) => setImmediate(resolve));
    underWay -= 1;
    return pageOf(range(1_000), pageNumberOf(call));
  });
  expect((await driver.list()).live).toHaveLength(1_000);
  expect(together.slice(0, 2)).toEqual([1, 1]);
  expect(Math.max(...together)).toBe(4);
});

test("a webhook on two pages is listed once", async () => {
  const { driver, calls } = setUp((call) => {
    const all = [...range(100), stored("w0"), stored("w100")];
    const page = pageOf(all, pageNumberOf(call)).body as object;
    return ok({ ...page, total: 101 });
  });
  expect((await driver.list()).live.map(({ id }) => id)).toEqual(range(101).map(({ id }) => id));
  expect(calls).toHaveLength(2);
});

test("without a page count the total says how many pages there are", async () => {
  const { driver, calls } = setUp((call) => {
    const { entities, total } = pageOf(range(250), pageNumberOf(call)).body as Record<string, unknown>;
    return ok({ entities, total });
  });
  expect((await driver.list()).live).toHaveLength(250);
  expect(calls).toHaveLength(3);
});

test("a deletion between two pages makes it list again", async () => {
  const before = range(150);
  const after = before.filter(({ id }) => id !== "w5");
  const { driver, calls } = setUp((call, index) =>
    pageOf(index === 0 ? before : after, pageNumberOf(call)),
  );
  expect((await driver.list()).live).toEqual(after);
  expect(calls).toHaveLength(4);
});

test.each<[string, (index: number) => object]>([
  ["shows another webhook", (index) => ({ entities: [stored(`w${index}`)], total: 2, pageCount: 1 })],
  ["counts another number", (index) => ({ entities: [stored("w0")], total: 2 + index, pageCount: 1 })],
  ["shows more", (index) => ({ entities: range(index), total: 9, pageCount: 1 })],
])("a list that %s each time is given up after three times", async (_, page) => {
  const { driver, calls } = setUp((_call, index) => ok(page(index)));
  expect(await failureOf(driver.list())).toMatchObject({
    code: "api/unstableList",
    message: `GET /api/v2/webhooks: the list changed each of the 3 times that it was read`,
  });
  expect(calls).toHaveLength(3);
});

test("a list of which the platform counts more than it shows counts if a second reading agrees", async () => {
  const { driver, calls } = setUp(() => ok({ entities: [stored("w0")], total: 3, pageCount: 1 }));
  const { live, ...more } = await driver.list();
  expect([live.map(({ id }) => id), more]).toEqual([["w0"], { unread: [], hidden: 2 }]);
  expect(calls).toHaveLength(2);
});

test("a list of which two pages disagree on the number never counts, however often it is read", async () => {
  const { driver, calls } = setUp((call) => {
    const page = pageOf(range(150), pageNumberOf(call)).body as object;
    return ok({ ...page, total: 151 + pageNumberOf(call) });
  });
  expect((await failureOf(driver.list())).code).toBe("api/unstableList");
  expect(calls).toHaveLength(6);
});

test("a list that shows more than the platform counts is read once", async () => {
  const { driver, calls } = setUp(() => ok({ entities: range(2), total: 1, pageCount: 1 }));
  expect(await driver.list()).toMatchObject({ live: range(2), hidden: 0 });
  expect(calls).toHaveLength(1);
});

test("more pages than anybody has are refused", async () => {
  const { driver, calls } = setUp(() => ok({ entities: [], total: 100_001, pageCount: 1_001 }));
  const failure = await failureOf(driver.list());
  expect(failure.code).toBe("api/tooManyPages");
  expect(failure.message).toContain("1001 pages of webhooks, the limit is 1000");
  expect(calls).toHaveLength(1);
});

test("after a page that fails the pages not yet asked for are left alone", async () => {
  const { driver, calls } = setUp((call, index) =>
    index === 1 ? new ReconcileError("api/forbidden", "no") : pageOf(range(10_000), pageNumberOf(call)),
  );
  expect((await failureOf(driver.list())).code).toBe("api/forbidden");
  await new Promise((resolve) => setImmediate(resolve));
  expect(calls.length).toBeLessThan(15);
});

test("what others wrote is read as it is, what is missing as empty", async () => {
  const entities = [
    { id: "bare" },
    {
      id: "nulls",
      name: null,
      endpoint: null,
      eventTypes: null,
      retryPolicy: null,
      state: null,
      description: null,
    },
    {
      ...answered(stored("odd")),
      ...{ retryPolicy: { retryCount: "3" }, state: "paused", extra: 1, links: { self: "x" } },
    },
    { ...answered(stored("half")), retryPolicy: { retryCount: 1, retryInterval: "PT1S" } },
  ];
  const { driver } = setUp(() => ok({ entities, total: 4, pageCount: 1 }));
  const empty = { name: "", endpoint: "", eventTypes: [], retryPolicy: null, state: "", description: "" };
  expect((await driver.list()).live).toEqual(
    [
      { id: "bare", ...empty },
      { id: "nulls", ...empty },
      { ...stored("odd"), retryPolicy: null, state: "paused", unmodelled: ["extra"] },
      { ...stored("half"), retryPolicy: null },
    ].map(liveFrom),
  );
});

const page = (entity: unknown) => ({ entities: [entity], total: 1, pageCount: 1 });

test.each<[unknown, string]>([
  [undefined, "a JSON object with a page of webhooks"],
  [[], "a JSON object with a page of webhooks"],
  [{ total: 0 }, "entities to be an array"],
  [{ entities: [] }, "total to be a whole number"],
  [{ entities: [], total: -1 }, "total to be a whole number"],
  [{ entities: [], total: 0, pageCount: 0.5 }, "pageCount to be a whole number"],
])("a page %j is malformed: expected %s", async (body, expected) => {
  const { driver } = setUp(() => ok(body));
  const failure = await failureOf(driver.list());
  expect(failure.code).toBe("api/malformed");
  expect(failure.message).toContain(`GET /api/v2/webhooks: expected ${expected}`);
});

test.each<[ReturnType<typeof page>, string]>([
  [page(null), "a webhook as a JSON object"],
  [page({}), "a webhook's id to be"],
  [page({ id: "" }), "a webhook's id to be"],
  [page({ id: ".." }), "a webhook's id to be"],
  [page({ id: "a/b" }), "a webhook's id to be"],
  [page({ id: "x".repeat(129) }), "a webhook's id to be"],
  [page({ id: "a", name: 5 }), "name of webhook a to be text"],
  [page({ id: "a", eventTypes: "x" }), "eventTypes of webhook a to be an array of text"],
  [page({ id: "a", eventTypes: [1] }), "eventTypes of webhook a to be an array of text"],
])("of a page %j, one webhook is unread: expected %s", async ({ entities }, expected) => {
  const { driver } = setUp(() => ok({ entities: [...entities, answered(stored("w1"))], total: 2 }));
  const { live, unread } = await driver.list();
  expect(live).toEqual([stored("w1")]);
  expect(unread).toHaveLength(1);
  expect(unread[0]?.why).toContain(`expected ${expected}`);
});

test("what an unread webhook shows of itself is told", async () => {
  const description = "Consumer group: g | Managed by: reconcile (default)";
  const odd = { id: "w2", name: "n", description, eventTypes: 5 };
  const { driver } = setUp(() => ok({ entities: [odd, { ...odd, name: 5, id: 7 }, odd], total: 2 }));
  expect((await driver.list()).unread).toMatchObject([
    { id: "w2", name: "n", owner: "default", group: "g" },
    { id: null, name: null, owner: "default", group: "g" },
  ]);
});

test("create sends the document and returns what is stored", async () => {
  const { driver, calls } = setUp(() => ({ ...ok({ ...answered(stored("w1")), links: {} }), status: 201 }));
  expect(await driver.create(document)).toEqual(stored("w1"));
  expect(calls).toEqual([{ method: "POST", path: "/api/v2/webhooks", body: document }]);
});

test("update replaces by id and returns what is stored", async () => {
  const { driver, calls } = setUp(() => ok(answered(stored("a:b"))));
  expect(await driver.update("a:b", document)).toEqual(stored("a:b"));
  expect(calls).toEqual([{ method: "PUT", path: "/api/v2/webhooks/a%3Ab", body: document }]);
});

test("update repeats the fields that it does not know, as they were last read, without those of the platform", async () => {
  const theirs = { ...{ id: "w1", links: { self: "x" }, version: 3 }, custom: { a: 1 }, empty: null };
  const { driver, calls } = setUp(({ method }) => {
    const retryPolicy = { ...document.retryPolicy, jitter: method === "GET" ? 5 : 6 };
    return ok({ ...document, ...theirs, retryPolicy });
  });
  const found = await driver.read("w1");
  expect(found).toEqual({ ...stored("w1"), unmodelled: ["custom", "retryPolicy.jitter"] });
  for (const jitter of [5, 6]) {
    await driver.update("w1", document);
    const retryPolicy = { ...document.retryPolicy, jitter };
    expect(calls.at(-1)?.body).toEqual({ ...document, custom: { a: 1 }, empty: null, retryPolicy });
  }
});

test("a write whose answer makes no sense has an unknown outcome", async () => {
  const { driver } = setUp(() => ok({ id: "" }));
  for (const call of [() => driver.create(document), () => driver.update("w1", document)]) {
    const failure = await failureOf(call());
    expect(failure.code).toBe("api/outcomeUnknown");
    expect(failure.cause).toMatchObject({ code: "api/malformed" });
  }
});

test("delete is done when the webhook is gone, whoever deleted it", async () => {
  const { driver, calls } = setUp((_call, index) =>
    index === 0 ? { ...ok(undefined), status: 204 } : new ReconcileError("api/notFound", "gone"),
  );
  await driver.delete("w1");
  await driver.delete("w1");
  expect(calls).toEqual(Array(2).fill({ method: "DELETE", path: "/api/v2/webhooks/w1" }));
});

test("other failures of a delete are not swallowed", async () => {
  const { driver } = setUp(() => new ReconcileError("api/forbidden", "no"));
  expect((await failureOf(driver.delete("w1"))).code).toBe("api/forbidden");
});

test("an id that is none is never put into an address", async () => {
  const { driver, calls } = setUp(() => ok({}));
  expect((await failureOf(driver.update("..", document))).code).toBe("api/invalidId");
  expect((await failureOf(driver.delete("a/b"))).code).toBe("api/invalidId");
  expect(calls).toEqual([]);
});
