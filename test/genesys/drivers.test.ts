// The drivers of several kinds as one port: each call goes to the driver of its resource's kind.
import { describe, expect, it, test } from "vitest";
import type { Driver, MakeDriver } from "../../src/genesys/driver.ts";
import { joinDrivers } from "../../src/genesys/drivers.ts";
import { builtInDrivers } from "../../src/kinds/drivers.ts";
import { webhook } from "../../src/kinds/webhook/kind.ts";
import { wholeListing } from "../../src/model/listing.ts";
import { ReconcileError } from "../../src/model/errors.ts";
import type { Kind } from "../../src/model/kind.ts";
import type { LiveResource, ResourceDocument } from "../../src/model/resource.ts";
import { kinds as testKinds, liveFrom, type TestKind } from "../support/kinds.ts";
import { makeSandboxApi } from "./fake-api.ts";
import { failureOf } from "./fake-send.ts";

const documentOf = ({ url, options }: TestKind): ResourceDocument => ({
  name: "g-1a2b3c4d",
  endpoint: url(0),
  eventTypes: ["v2.users.{id}.presence"],
  retryPolicy:
    options?.key === "retryPolicy" ? { retryCount: 3, retryInterval: "PT1M", retryOnTimeout: true } : null,
  state: "enabled",
  description: "Consumer group: g",
  ...(options?.key === "trigger"
    ? { trigger: { matchCriteria: [], eventTTLSeconds: null, delayBySeconds: null } }
    : {}),
});

/** One resource of each kind, its id the scheme; `failing`: what a list ends with instead, by scheme. */
function setUp(wanted: ReadonlySet<Kind>, failing: Readonly<Record<string, ReconcileError>> = {}) {
  const calls: string[] = [];
  const driverOf = (kind: TestKind): Driver => {
    const found = liveFrom({ ...documentOf(kind), id: kind.scheme });
    const note = <T>(call: string, answer: T): Promise<T> => {
      calls.push(`${kind.scheme} ${call}`);
      const failure = call === "list" ? failing[kind.scheme] : undefined;
      return failure ? Promise.reject(failure) : Promise.resolve(answer);
    };
    return {
      list: () => note("list", wholeListing([found])),
      read: (id) => note(`read ${id}`, found),
      create: (document) => note("create", liveFrom({ ...document, id: `new ${kind.scheme}` })),
      update: (id, document) => note(`update ${id}`, liveFrom({ ...document, id })),
      delete: (id) => note(`delete ${id}`, undefined),
    };
  };
  const drivers = new Map(testKinds.map((one) => [one.kind, driverOf(one)]));
  return { driver: joinDrivers(drivers, wanted), calls };
}

const schemes = testKinds.map(({ scheme }) => scheme);
const kindsOf = (asked: readonly string[]): ReadonlySet<Kind> =>
  new Set(testKinds.filter(({ scheme }) => asked.includes(scheme)).map(({ kind }) => kind));
const all = kindsOf(schemes);
const idsOf = (live: readonly LiveResource[]) => live.map(({ id }) => id);
const gone = new ReconcileError("api/notFound", "GET /api/v2/x: not found (404)", { correlationId: "c-1" });

describe("the list", () => {
  it.each<[readonly string[]]>([[[]], [["https:"]], [["workflow:", "eventbridge:"]], [schemes]])(
    "of %j asks for these alone",
    async (asked) => {
      const { driver, calls } = setUp(kindsOf(asked));
      const inOrder = schemes.filter((scheme) => asked.includes(scheme));
      expect(idsOf((await driver.list()).live)).toEqual(inOrder);
      expect(calls).toEqual(inOrder.map((scheme) => `${scheme} list`));
    },
  );

  it.each(testKinds)("of $nouns is explained where the platform does not offer them", async (kind) => {
    const { scheme, nouns } = kind;
    const { driver } = setUp(all, { [scheme]: gone });
    expect(await failureOf(driver.list())).toMatchObject({
      ...{ code: "api/notOffered", message: gone.message, correlationId: "c-1" },
      hint: `this organisation does not offer ${nouns}: \`reconcile doctor\` shows what it offers`,
    });
  });

  it.each(["api/forbidden", "api/unavailable", "api/unauthorized", "api/malformed"])(
    "swallows no %s",
    async (code) => {
      const failure = new ReconcileError(code, "no");
      expect(await failureOf(setUp(all, { "workflow:": failure }).driver.list())).toBe(failure);
    },
  );

  it("refuses two resources of different kinds with one id", async () => {
    const ids: Readonly<Record<string, readonly string[]>> = {
      "https:": ["a", "b"],
      "eventbridge:": ["c"],
      "workflow:": ["d", "a"],
    };
    const listing = (one: TestKind): Driver =>
      ({
        list: () =>
          Promise.resolve(
            wholeListing((ids[one.scheme] ?? []).map((id) => liveFrom({ ...documentOf(one), id }))),
          ),
      }) as unknown as Driver;
    const drivers = new Map(testKinds.map((one) => [one.kind, listing(one)]));
    expect(await failureOf(joinDrivers(drivers, all).list())).toMatchObject({
      code: "api/malformed",
      message: "two resources have the id a",
    });
  });

  it("can be made again", async () => {
    const { driver } = setUp(all);
    expect(idsOf((await driver.list()).live)).toEqual(schemes);
    expect(idsOf((await driver.list()).live)).toEqual(schemes);
  });
});

describe.each(testKinds)("of $nouns", (one) => {
  const { kind, scheme } = one;
  const document = documentOf(one);
  const ref = { kind, id: scheme };
  const live = liveFrom({ ...document, id: scheme });

  it("each call goes to the driver of the kind, whether its resources were listed or not", async () => {
    const { driver, calls } = setUp(new Set());
    expect(await driver.read(ref)).toEqual(live);
    expect(await driver.update(ref, document)).toEqual(live);
    await driver.delete(ref);
    await driver.create(kind, document);
    const own = ["read", "update", "delete"].map((call) => `${scheme} ${call} ${scheme}`);
    expect(calls).toEqual([...own, `${scheme} create`]);
  });
});

test("a kind without a driver is a bug", () => {
  const resource = { kind: webhook, id: "x" };
  expect(() => joinDrivers(new Map(), all).read(resource)).toThrow("webhooks have a driver");
});

test("against the sandbox, all three side by side", async () => {
  const { api, clock, state } = makeSandboxApi();
  const ports = {
    ...{ api, clock, random: { next: () => 0, id: () => "id" } },
    ...{ interrupted: new AbortController().signal, onWait: () => undefined },
  };
  const makers: readonly (readonly [Kind, MakeDriver])[] = [...builtInDrivers];
  const driver = joinDrivers(new Map(makers.map(([kind, make]) => [kind, make(ports)])), all);
  const documents = testKinds.map((one) => [one.kind, documentOf(one)] as const);
  const made = await Promise.all(documents.map(([kind, document]) => driver.create(kind, document)));
  expect(made).toEqual(
    documents.map(([, document], index) => liveFrom({ ...document, id: made[index]?.id ?? "" })),
  );
  expect([state.webhooks.size, state.integrations.size, state.triggers.size]).toEqual([1, 1, 1]);
  expect((await driver.list()).live).toEqual(made);
  for (const [index, [kind, document]] of documents.entries()) {
    const ref = { kind, id: made[index]?.id ?? "" };
    const disabled = { ...document, state: "disabled" } as const;
    expect(await driver.update(ref, disabled)).toEqual(liveFrom({ ...disabled, id: ref.id }));
    await driver.delete(ref);
    expect(await driver.read(ref)).toBeNull();
  }
  expect((await driver.list()).live).toEqual([]);
});
