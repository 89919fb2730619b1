// One port over the three resources: what is listed is remembered with the driver that it came from.
import { describe, expect, it, test } from "vitest";
import type { Driver } from "../../src/genesys/driver.ts";
import { joinDrivers, type Drivers } from "../../src/genesys/drivers.ts";
import { makeEventBridgeDriver } from "../../src/kinds/eventbridge/driver.ts";
import { makeTriggersDriver } from "../../src/kinds/trigger/driver.ts";
import { makeWebhooksDriver } from "../../src/kinds/webhook/driver.ts";
import { ReconcileError } from "../../src/model/errors.ts";
import type { Scheme } from "../../src/model/resource-kind.ts";
import type { LiveWebhook, WebhookDocument } from "../../src/model/webhook.ts";
import { kinds, type TestKind } from "../support/kinds.ts";
import { makeSandboxApi } from "./fake-api.ts";
import { failureOf } from "./fake-send.ts";

const documentOf = ({ url, hasRetryPolicy, hasTriggerOptions }: TestKind): WebhookDocument => ({
  name: "g-1a2b3c4d",
  endpoint: url(0),
  eventTypes: ["v2.users.{id}.presence"],
  retryPolicy: hasRetryPolicy ? { retryCount: 3, retryInterval: "PT1M", retryOnTimeout: true } : null,
  state: "enabled",
  description: "Consumer group: g",
  ...(hasTriggerOptions
    ? { trigger: { matchCriteria: [], eventTTLSeconds: null, delayBySeconds: null } }
    : {}),
});

/** One resource of each kind, its id the scheme; `failing`: what a list ends with instead. */
function setUp(wanted: ReadonlySet<Scheme>, failing: Partial<Record<Scheme, ReconcileError>> = {}) {
  const calls: string[] = [];
  const driverOf = (kind: TestKind): Driver => {
    const found: LiveWebhook = { ...documentOf(kind), id: kind.scheme };
    const note = <T>(call: string, answer: T): Promise<T> => {
      calls.push(`${kind.scheme} ${call}`);
      const failure = call === "list" ? failing[kind.scheme] : undefined;
      return failure ? Promise.reject(failure) : Promise.resolve(answer);
    };
    return {
      list: () => note("list", [found]),
      read: (id) => note(`read ${id}`, found),
      create: (document) => note("create", { ...document, id: `new ${kind.scheme}` }),
      update: (id, document) => note(`update ${id}`, { ...document, id }),
      delete: (id) => note(`delete ${id}`, undefined),
    };
  };
  const drivers = Object.fromEntries(kinds.map((kind) => [kind.scheme, driverOf(kind)]));
  return { driver: joinDrivers(drivers as unknown as Drivers, wanted), calls };
}

const schemes = kinds.map(({ scheme }) => scheme);
const all: ReadonlySet<Scheme> = new Set(schemes);
const idsOf = (webhooks: readonly LiveWebhook[]) => webhooks.map(({ id }) => id);
const gone = new ReconcileError("api/notFound", "GET /api/v2/x: not found (404)", { correlationId: "c-1" });

describe("the list", () => {
  it.each<[readonly Scheme[]]>([[[]], [["https:"]], [["workflow:", "eventbridge:"]], [schemes]])(
    "of %j asks for these alone",
    async (asked) => {
      const { driver, calls } = setUp(new Set(asked));
      const inOrder = schemes.filter((scheme) => asked.includes(scheme));
      expect(idsOf(await driver.list())).toEqual(inOrder);
      expect(calls).toEqual(inOrder.map((scheme) => `${scheme} list`));
    },
  );

  it.each(kinds)("of $nouns is explained where the platform does not offer them", async (kind) => {
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
    const listing = (...ids: readonly string[]) =>
      ({ list: () => Promise.resolve(ids.map((id) => ({ id }))) }) as unknown as Driver;
    const drivers = {
      ...{ "https:": listing("a", "b"), "eventbridge:": listing("c"), "workflow:": listing("d", "a") },
    };
    expect(await failureOf(joinDrivers(drivers, all).list())).toMatchObject({
      code: "api/malformed",
      message: "two resources have the id a",
    });
  });

  it("can be made again", async () => {
    const { driver } = setUp(all);
    expect(idsOf(await driver.list())).toEqual(schemes);
    expect(idsOf(await driver.list())).toEqual(schemes);
  });
});

describe.each(kinds)("of $nouns", (kind) => {
  const { scheme } = kind;
  const document = documentOf(kind);

  it("what was listed is read, updated and deleted by their own driver", async () => {
    const { driver, calls } = setUp(all);
    await driver.list();
    calls.splice(0);
    expect(await driver.read(scheme)).toEqual({ ...document, id: scheme });
    expect(await driver.update(scheme, document)).toEqual({ ...document, id: scheme });
    await driver.delete(scheme);
    expect(calls).toEqual(["read", "update", "delete"].map((call) => `${scheme} ${call} ${scheme}`));
  });

  it("a create goes by the scheme of its endpoint, and is known from then on", async () => {
    const { driver, calls } = setUp(new Set());
    const { id } = await driver.create(document);
    await driver.delete(id);
    expect(calls).toEqual([`${scheme} create`, `${scheme} delete new ${scheme}`]);
  });
});

test("what one has listed another one may write that shares its owners", async () => {
  const listing = { list: () => Promise.resolve([{ id: "a" }]), delete: () => Promise.resolve() };
  const drivers = Object.fromEntries(schemes.map((scheme) => [scheme, listing])) as unknown as Drivers;
  const owners = new Map<string, Driver>();
  const needed = new Set<Scheme>(["workflow:"]);
  await joinDrivers(drivers, needed, owners).list();
  await joinDrivers(drivers, new Set(), owners).delete("a");
  expect(() => joinDrivers(drivers, needed).delete("a")).toThrow("is written after it was listed");
});

test("what was never listed nor created is nobody's: a bug", () => {
  const { driver } = setUp(all);
  expect(() => driver.read("x")).toThrow("a resource is written after it was listed");
});

test("against the sandbox, all three side by side", async () => {
  const { api, clock, state } = makeSandboxApi();
  const driver = joinDrivers(
    {
      "https:": makeWebhooksDriver(api),
      "eventbridge:": makeEventBridgeDriver({
        ...{ api, clock, random: { next: () => 0, id: () => "id" } },
        ...{ interrupted: new AbortController().signal, onWait: () => undefined },
      }),
      "workflow:": makeTriggersDriver(api),
    },
    all,
  );
  const documents = kinds.map(documentOf);
  const made = await Promise.all(documents.map((document) => driver.create(document)));
  expect(made).toEqual(documents.map((document, index) => ({ ...document, id: made[index]?.id })));
  expect([state.webhooks.size, state.integrations.size, state.triggers.size]).toEqual([1, 1, 1]);
  expect(await driver.list()).toEqual(made);
  for (const { id, ...document } of made) {
    const disabled = { ...document, state: "disabled" } as WebhookDocument;
    expect(await driver.update(id, disabled)).toEqual({ ...disabled, id });
    await driver.delete(id);
    expect(await driver.read(id)).toBeNull();
  }
  expect(await driver.list()).toEqual([]);
});
