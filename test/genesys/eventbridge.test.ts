// EventBridge integrations: made step by step, each after a look, and waited for until the platform says that it is so.
import { describe, expect, it, test } from "vitest";
import { makeEventBridgeDriver } from "../../src/genesys/eventbridge.ts";
import { ReconcileError } from "../../src/model/errors.ts";
import type { HttpResponse } from "../../src/model/http.ts";
import type { LiveWebhook, WebhookDocument } from "../../src/model/webhook.ts";
import type { StoredIntegration } from "../../src/sandbox/integration-rules.ts";
import { makeFakeClock } from "../support/fake-clock.ts";
import {
  makeFakeApi,
  makeSandboxApi,
  makeScriptedApi,
  ok,
  shown,
  type FakeApi,
  type SandboxApi,
} from "./fake-api.ts";
import { failureOf, reply } from "./fake-send.ts";

const path = "/api/v2/integrations";
const at = `${path}/i1`;
const config = `${at}/config/current`;
const firstPage = `${path}?pageSize=100&pageNumber=1&integrationType=amazon-eventbridge-source`;

const document: WebhookDocument = {
  name: "g-1a2b3c4d",
  endpoint: "eventbridge://123456789012/us-east-1/orders",
  eventTypes: ["v2.users.{id}.presence", "v2.users.{id}.routingstatus"],
  retryPolicy: null,
  state: "enabled",
  description: "Consumer group: g | Managed by: reconcile (default)",
};
const live = (id: string, more: Partial<LiveWebhook> = {}): LiveWebhook => ({ ...document, id, ...more });

const source = {
  ...{ awsAccountId: "123456789012", awsAccountRegion: "us-east-1", eventSourceSuffix: "orders" },
  eventFilter: document.eventTypes,
};

/** As the platform has it. */
const configuration = (more: object = {}) => ({
  ...{ id: "i1", name: document.name, version: 2, properties: source, advanced: {} },
  ...{ notes: document.description, credentials: {}, selfUri: config, ...more },
});
const empty = (version = 1) => configuration({ version, properties: {}, notes: "" });
/** What empty notes may read as. */
const emptyWord = "node_dynamodb_empty_string";

type States = readonly [intended: string, reported: string, reason?: string];

function integration([intendedState, code, reason]: States, current: unknown = configuration(), id = "i1") {
  const detail = reason === undefined ? {} : { detail: { message: "?", messageWithParams: reason } };
  return {
    id,
    name: document.name,
    intendedState,
    reportedState: { code, ...detail },
    config: { current },
  };
}

const off: States = ["DISABLED", "INACTIVE"];
const turningOn: States = ["ENABLED", "ACTIVATING"];
const on: States = ["ENABLED", "ACTIVE"];
const turningOff: States = ["DISABLED", "DEACTIVATING"];
const inError: States = ["ENABLED", "ERROR", "The account is unknown."];

const list = (...entities: readonly unknown[]) => ({ entities, total: entities.length, pageCount: 1 });
const failure = (code: string, words = "no") => new ReconcileError(code, words);
const gone = failure("api/notFound");
const mismatch = failure("api/conflict", "The version does not match the current version.");

const post = { name: document.name, integrationType: { id: "amazon-eventbridge-source" } };
const posted = { method: "POST", path, body: post };
const looked = { method: "GET", path: at };
const put = (body: object) => ({ method: "PUT", path: config, body });
const switched = (intendedState: string) => ({ method: "PATCH", path: at, body: { intendedState } });
const deleted = { method: "DELETE", path: at };

function setUp({ calls, ...api }: FakeApi) {
  const clock = makeFakeClock(0);
  clock.autoAdvance();
  const interrupt = new AbortController();
  const waits: string[] = [];
  const driver = makeEventBridgeDriver({
    ...{ api, clock, random: { next: () => 0, id: () => "id" }, interrupted: interrupt.signal },
    onWait: (words) => void waits.push(words),
  });
  return { driver, calls, clock, interrupt, waits };
}

const repeat = (times: number, ...what: readonly unknown[]) =>
  Array.from({ length: times }, () => what).flat();
/** After one list of the first of these. */
async function listed(first: unknown, ...answers: readonly unknown[]) {
  const started = script(list(first), ...answers);
  await started.driver.list();
  started.calls.splice(0);
  return started;
}

const script = (...answers: readonly unknown[]) => setUp(makeScriptedApi(answers));

describe("the list", () => {
  it("asks for integrations of one type, and takes their configurations from it", async () => {
    const { driver, calls } = script(list(integration(on)));
    expect(await driver.list()).toEqual([live("i1")]);
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
    expect(await script(list(integration(states))).driver.list()).toEqual([live("i1", { state })]);
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
    expect(await driver.list()).toEqual(ids.slice(0, 8).map((id) => live(id)));
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
    expect(await driver.list()).toEqual([live("i2", { description: "" })]);
  });

  it("asks for no other configuration after one that fails", async () => {
    const { driver, calls } = setUp(
      makeFakeApi((_, index) => {
        if (index > 0) return failure("api/forbidden");
        return ok(list(...Array.from({ length: 20 }, (_, number) => integration(on, null, `i${number}`))));
      }),
    );
    expect((await failureOf(driver.list())).code).toBe("api/forbidden");
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls.length).toBeLessThan(10);
  });

  it("leaves out one that somebody has only begun to make", async () => {
    const { driver } = script(list(integration(off, empty()), integration(on, undefined, "i2")));
    expect(await driver.list()).toEqual([live("i2")]);
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
    expect(await driver.list()).toEqual([
      live("bare", { ...nothing, eventTypes: ["a"], state: "activating", description: "" }),
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
    [list(document.description), "an integration as a JSON object (entities[0])"],
    [
      list(integration(on), { config: { current: configuration() } }),
      "an integration's id to be 1 to 128 letters, digits, or _ . : ~ - (entities[1])",
    ],
    [list(integration(on, undefined, "..")), "an integration's id to be"],
    [list(integration(on, undefined, "a/b")), "an integration's id to be"],
    [list({ id: "a", name: 5, ...ours }), "name of integration a to be text (entities[0])"],
    [list({ id: "a", ...ours }), "intendedState of integration a to be text (entities[0])"],
    [list({ id: "a", intendedState: true, ...ours }), "intendedState of integration a to be text"],
  ])("a page %j is malformed: expected %s", async (answer, expected) => {
    const found = await failureOf(script(answer).driver.list());
    expect(found.code).toBe("api/malformed");
    expect(found.message).toContain(`GET ${path}: expected ${expected}`);
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
  ])("a configuration %j is malformed, wherever it stands: expected %s", async (answer, expected) => {
    const { driver, calls } = script(list(integration(on, answer)), answer);
    expect(await failureOf(driver.list())).toMatchObject({
      code: "api/malformed",
      message: `GET ${config}: expected ${expected}`,
    });
    expect(calls).toHaveLength(2);
  });

  it.each([
    { notes: 5 },
    { notes: "theirs", properties: { eventFilter: "x" } },
    { version: "2", notes: "" },
  ])("a configuration of somebody else's, with %j, is left out of the list", async (theirs) => {
    const { driver } = script(list(integration(on, null, "i2"), integration(off)), configuration(theirs));
    expect(await driver.list()).toEqual([live("i1", { state: "disabled" })]);
  });

  it("is left out of the list while the platform is still deleting it, and gone when it is read", async () => {
    const going = { ...integration(off, undefined, "i2"), intendedState: "DELETED" };
    const { driver } = script(list(going, integration(off)), going);
    expect(await driver.list()).toEqual([live("i1", { state: "disabled" })]);
    expect(await driver.read("i2")).toBeNull();
  });

  it("is left out of the list where it is none of ours, or of another type", async () => {
    const other = { ...integration(on), integrationType: { id: "webhook" } };
    const { driver, calls } = script(
      list(null, {}, { id: "a" }, { id: "b", name: 5 }, other, integration(off)),
    );
    expect(await driver.list()).toEqual([live("i1", { state: "disabled" })]);
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

describe("create", () => {
  const whole = configuration({ version: 1 });

  it("makes it, configures it, switches it on, and waits until the platform says that it delivers", async () => {
    const { driver, calls, clock, waits } = script(
      ...[{ id: "i1" }, integration(off, empty()), configuration(), integration(off)],
      ...[integration(turningOn), integration(turningOn), integration(turningOn), integration(on)],
    );
    expect(await driver.create(document)).toEqual(live("i1"));
    expect(calls).toEqual([
      ...[posted, looked, put(whole), looked, switched("ENABLED"), looked, looked, looked],
    ]);
    expect(waits).toEqual(Array(2).fill("g-1a2b3c4d is activating"));
    expect(clock.monotonic()).toBe(1_000 + 2_000);
  });

  it("leaves it off where it shall be off", async () => {
    const { driver, calls, waits } = script({ id: "i1" }, integration(off, empty()), {}, integration(off));
    const disabled: WebhookDocument = { ...document, state: "disabled" };
    expect(await driver.create(disabled)).toEqual(live("i1", { state: "disabled" }));
    expect([calls, waits]).toEqual([[posted, looked, put(whole), looked], []]);
  });

  it("goes on with one that somebody has only begun to make", async () => {
    const { driver, calls } = script(
      ...[list(integration(off, empty(4))), integration(off, empty(4)), {}],
      ...[integration(off), {}, integration(on)],
    );
    expect(await driver.list()).toEqual([]);
    expect(await driver.create(document)).toEqual(live("i1"));
    expect(calls.slice(1)).toEqual([
      ...[looked, put(configuration({ version: 4 })), looked, switched("ENABLED"), looked],
    ]);
  });

  it("goes on with one that only has to be switched on", async () => {
    const { driver, calls } = script(list(integration(off)), integration(off), {}, integration(on));
    expect(await driver.list()).toEqual([live("i1", { state: "disabled" })]);
    expect(await driver.create(document)).toEqual(live("i1"));
    expect(calls.slice(1)).toEqual([looked, switched("ENABLED"), looked]);
  });

  it.each([
    ["for another event source", { properties: { ...source, eventSourceSuffix: "other" } }],
    ["of another group", { notes: "Consumer group: other" }],
  ])("leaves one of its name %s alone", async (_, more) => {
    const theirs = integration(off, configuration(more), "i2");
    const { driver, calls } = script(list(theirs), { id: "i1" }, integration(on));
    await driver.list();
    expect(await driver.create(document)).toEqual(live("i1"));
    expect(calls.slice(1)).toEqual([posted, looked]);
  });

  it.each([emptyWord, "Made by the platform."])(
    "knows its own by the id that the platform gave it, whatever its notes say at first: %s",
    async (notes) => {
      const fresh = integration(off, configuration({ version: 1, properties: {}, notes }));
      const lost = failure("api/outcomeUnknown", "the connection broke off");
      const { driver, calls } = script(
        ...[{ id: "i1" }, fresh, lost, fresh, {}, fresh, configuration()],
        ...[integration(off), {}, integration(on)],
      );
      expect(await driver.create(document)).toEqual(live("i1"));
      expect(calls.slice(0, 5)).toEqual([posted, looked, put(whole), looked, put(whole)]);
    },
  );

  it("asks for its notes once it has written them", async () => {
    const theirs = integration(off, configuration({ version: 3, notes: "Consumer group: theirs" }));
    const { driver, calls } = script({ id: "i1" }, integration(off, empty()), configuration(), theirs);
    expect(await failureOf(driver.create(document))).toMatchObject({
      message: expect.stringContaining("was taken by someone else meanwhile") as unknown,
    });
    expect(calls).toEqual([posted, looked, put(whole), looked]);
  });

  it("goes on with what was listed last, and once", async () => {
    const begun = list(integration(off, empty()));
    const { driver, calls } = script(
      ...[begun, list(), { id: "i1" }, integration(on)],
      ...[begun, integration(on), { id: "i1" }, integration(on)],
    );
    await driver.list();
    await driver.list();
    await driver.create(document);
    await driver.list();
    await driver.create(document);
    await driver.create(document);
    expect(
      shown(calls.filter(({ method, path: asked }) => method === "POST" || asked === firstPage)),
    ).toEqual([
      ...[`GET ${firstPage}`, `GET ${firstPage}`, `POST ${path}`, `GET ${firstPage}`, `POST ${path}`],
    ]);
  });
});

describe("update", () => {
  const before = configuration({
    ...{ version: 9, advanced: { theirs: 1 }, credentials: { theirs: { id: "c" } }, other: true },
    properties: { ...source, eventFilter: ["v2.old"], theirs: "kept" },
  });

  it("replaces what is ours of the configuration by the version that it read, and keeps the rest", async () => {
    const { driver, calls } = script(integration(on, before), {}, integration(on));
    expect(await driver.update("i1", document)).toEqual(live("i1"));
    expect(calls).toEqual([looked, put({ ...before, properties: { ...source, theirs: "kept" } }), looked]);
  });

  it("sends empty what the platform demands and does not say", async () => {
    const now = { version: 3, properties: { ...source, eventFilter: [] }, notes: document.description };
    const { driver, calls } = script(integration(on, now), {}, integration(on));
    await driver.update("i1", document);
    const { name } = document;
    expect(calls[1]).toEqual(put({ ...now, name, properties: source, advanced: {}, credentials: {} }));
  });

  it.each<[string, States, WebhookDocument["state"], string]>([
    ["on", off, "enabled", "ENABLED"],
    ["off", on, "disabled", "DISABLED"],
  ])("only switches it %s where that is all", async (_, states, state, intended) => {
    const after = integration(intended === "ENABLED" ? on : off);
    const { driver, calls } = script(integration(states), {}, after);
    expect(await driver.update("i1", { ...document, state })).toEqual(live("i1", { state }));
    expect(calls).toEqual([looked, switched(intended), looked]);
  });

  it("writes nothing where it is so already, in whatever order", async () => {
    const reversed = { ...source, eventFilter: source.eventFilter.toReversed() };
    const { driver, calls } = script(integration(on, configuration({ properties: reversed })));
    await driver.update("i1", document);
    expect(calls).toEqual([looked]);
  });

  it.each([
    ["name", { name: "renamed" }],
    ["description", { notes: "" }],
    [
      "list of event types, one fewer",
      { properties: { ...source, eventFilter: source.eventFilter.slice(1) } },
    ],
    [
      "list of event types, one twice",
      { properties: { ...source, eventFilter: Array(2).fill("v2.users.{id}.presence") } },
    ],
  ])("sees another %s", async (_, more) => {
    const other = configuration(more);
    const renamed = { ...integration(on, other), name: other.name };
    const { driver, calls } = await listed(renamed, renamed, {}, integration(on));
    expect(await driver.update("i1", document)).toEqual(live("i1"));
    expect(calls).toEqual([looked, put(configuration()), looked]);
  });

  it("says that there is none where there is none", async () => {
    expect(await failureOf(script(gone).driver.update("i1", document))).toMatchObject({
      code: "api/notFound",
      message: `GET ${at}: not found`,
    });
  });

  it("says that it cannot be configured where it has no configuration", async () => {
    const { driver } = script(integration(on, null), gone);
    expect(await failureOf(driver.update("i1", document))).toMatchObject({
      code: "api/malformed",
      message: `GET ${at}: no configuration`,
    });
  });
});

describe("a configuration that is refused", () => {
  const old = (version: number) => integration(on, configuration({ version, notes: "old" }));
  const sentAt = (version: number) => put(configuration({ version }));

  it.each([
    ["a 409", mismatch],
    ["a 400 of its version", failure("api/rejected", "The version does not match the current version 3.")],
  ])("with %s is read again, and sent again by its new version", async (_, refusal) => {
    const { driver, calls } = await listed(old(2), old(2), refusal, old(3), {}, integration(on));
    expect(await driver.update("i1", document)).toEqual(live("i1"));
    expect(calls).toEqual([looked, sentAt(2), looked, sentAt(3), looked]);
  });

  it("by version after version is given up as a conflict", async () => {
    const versions = [1, 2, 3, 4, 5, 6, 7, 8];
    const { driver, calls } = await listed(
      old(1),
      ...versions.flatMap((version) => [old(version), mismatch]),
    );
    expect(await failureOf(driver.update("i1", document))).toBe(mismatch);
    expect(calls).toEqual(versions.flatMap((version) => [looked, sentAt(version)]));
  });

  const taken = new ReconcileError("api/conflict", "Integration i9 has this event source already.", {
    correlationId: "c-1",
  });
  const refused = { code: "api/rejected", message: taken.message, correlationId: "c-1" };

  it("twice by the same version has something else in its way", async () => {
    const { driver, calls } = await listed(old(2), old(2), taken, old(2), taken);
    expect(await failureOf(driver.update("i1", document))).toMatchObject(refused);
    expect(calls).toEqual([looked, sentAt(2), looked, sentAt(2)]);
  });

  const invalid = failure("api/rejected", "properties.awsAccountRegion must be an AWS region.");
  const begun = integration(off, empty());
  /** The integration tells its state, its configuration whether it is empty. */
  const confirmed = [looked, { method: "GET", path: config }];
  const whole = put(configuration({ version: 1 }));

  it("of one that was only begun for it takes that away again", async () => {
    const { driver, calls } = script({ id: "i1" }, begun, taken, begun, taken, begun, empty(), undefined);
    expect(await failureOf(driver.create(document))).toBe(taken);
    expect(calls).toEqual([posted, looked, whole, looked, whole, ...confirmed, deleted]);
  });

  it("for its content does so, too", async () => {
    const { driver, calls } = script({ id: "i1" }, begun, invalid, begun, empty(), undefined);
    expect(await failureOf(driver.create(document))).toBe(invalid);
    expect(calls).toEqual([posted, looked, whole, ...confirmed, deleted]);
  });

  it.each(["", emptyWord, "Made by the platform."])(
    "takes it away whatever notes the platform gave it: %j",
    async (notes) => {
      const fresh = configuration({ version: 1, properties: {}, notes });
      const made = integration(off, fresh);
      const { driver, calls } = script({ id: "i1" }, made, invalid, made, fresh, undefined);
      expect(await failureOf(driver.create(document))).toBe(invalid);
      expect(calls.at(-1)).toEqual(deleted);
    },
  );

  it.each<[string, unknown, unknown]>([
    ["is switched on", integration(on, empty()), empty()],
    ["is being switched on", integration(turningOn, empty()), empty()],
    ["is switched off and still delivers", integration(["DISABLED", "ACTIVE"], empty()), empty()],
    ["has a configuration that the integration itself does not show", begun, configuration()],
    ["has event types alone", begun, configuration({ notes: "", properties: { eventFilter: ["v2.a"] } })],
    ["has notes that somebody wrote", begun, configuration({ notes: "Keep!", properties: {} })],
    ["shows no configuration", begun, gone],
    ["is not shown, while its configuration is", gone, empty()],
  ])("never takes away one that %s", async (_, now, current) => {
    const { driver, calls } = script({ id: "i1" }, begun, invalid, now, current);
    expect(await failureOf(driver.create(document))).toMatchObject({
      code: "api/halfDone",
      cause: invalid,
    });
    expect(calls).toEqual([posted, looked, whole, ...confirmed]);
  });

  it("leaves nothing to take away where somebody has deleted it meanwhile", async () => {
    const { driver, calls } = script({ id: "i1" }, begun, invalid, gone, gone);
    expect(await failureOf(driver.create(document))).toBe(invalid);
    expect(calls).toEqual([posted, looked, whole, ...confirmed]);
  });

  it("is told as it is where taking it away fails, too, and that something is left", async () => {
    const { driver, calls } = script(
      { id: "i1" },
      begun,
      taken,
      begun,
      taken,
      begun,
      empty(),
      failure("api/forbidden"),
    );
    expect(await failureOf(driver.create(document))).toMatchObject({ ...refused, code: "api/halfDone" });
    expect(calls.at(-1)).toEqual(deleted);
  });

  it("of one that another call has begun leaves that where it is", async () => {
    const { driver, calls } = script(list(begun), begun, taken, begun, taken);
    await driver.list();
    expect(await failureOf(driver.create(document))).toBe(taken);
    expect(calls.slice(1)).toEqual([looked, whole, looked, whole]);
  });
});

describe("waiting", () => {
  it("forgives an error that is still reported from before", async () => {
    const { driver, waits } = script(
      ...[integration(inError), integration(turningOn), integration(inError), integration(on)],
    );
    expect(await driver.update("i1", document)).toEqual(live("i1"));
    expect(waits).toEqual(["error", "activating", "error"].map((state) => `g-1a2b3c4d is ${state}`));
  });

  it.each<[string, States, string]>([
    ["its words", inError, "The account is unknown."],
    ["what it says beside them", ["ENABLED", "ERROR", ""], "?"],
    ["no word", ["ENABLED", "ERROR"], "no reason given"],
  ])("ends with an error that is reported twice, and %s", async (_, states, words) => {
    const { driver, calls } = script(integration(states), integration(states));
    expect(await failureOf(driver.update("i1", document))).toMatchObject({
      code: "api/stateError",
      message: `integration "g-1a2b3c4d" is switched on, and reports an error: ${words}`,
    });
    expect(calls).toEqual([looked, looked]);
  });

  it("says of a new one, too, that the platform reports an error, and leaves it for whoever mends that", async () => {
    const { driver, calls } = script(
      { id: "i1" },
      integration(off),
      {},
      integration(inError),
      integration(inError),
    );
    expect(await failureOf(driver.create(document))).toMatchObject({
      ...{ code: "api/halfDone", cause: { code: "api/stateError" } },
      message: expect.stringContaining("reports an error: The account is unknown.") as unknown,
    });
    expect(calls).toEqual([posted, looked, switched("ENABLED"), looked, looked]);
  });

  it("does not mind an error of one that is switched off", async () => {
    const { driver } = script(integration(["DISABLED", "ERROR"]));
    const disabled: WebhookDocument = { ...document, state: "disabled" };
    expect(await driver.update("i1", disabled)).toEqual(live("i1", { state: "disabled" }));
  });

  it.each<[string, States, WebhookDocument["state"]]>([
    ["activating", turningOn, "enabled"],
    ["deactivating", turningOff, "disabled"],
    ["unheard-of", ["ENABLED", "UNHEARD-OF"], "enabled"],
    ["without a reported state", ["ENABLED", ""], "enabled"],
  ])("for one that stays %s ends after two minutes", async (word, states, state) => {
    const { driver, clock, waits, calls } = setUp(makeFakeApi(() => ok(integration(states))));
    const found = await failureOf(driver.update("i1", { ...document, state }));
    expect(found.code).toBe("api/unsettled");
    expect(found.message).toContain(`integration "g-1a2b3c4d" is still ${word} after 120 s`);
    // The first look comes after a second, the others two seconds after each other.
    expect(clock.monotonic()).toBe(121_000);
    expect(waits).toEqual(Array(61).fill(`g-1a2b3c4d is ${word}`));
    expect(calls).toEqual(Array(62).fill(looked));
  });

  it("for one that somebody deletes meanwhile ends", async () => {
    const { driver } = script(integration(turningOn), gone);
    expect(await failureOf(driver.update("i1", document))).toMatchObject({
      code: "api/notFound",
      message: `GET ${at}: not found`,
    });
  });

  const interrupted = /interrupted while waiting to send$/;

  it.each<
    [string, readonly unknown[], (driver: ReturnType<typeof setUp>["driver"]) => Promise<unknown>, string]
  >([
    [
      "an update that has written nothing",
      [integration(turningOn)],
      (it) => it.update("i1", document),
      "api/interrupted",
    ],
    [
      "an update",
      [integration(off), {}, integration(turningOn)],
      (it) => it.update("i1", document),
      "api/outcomeUnknown",
    ],
    ["a create", [{ id: "i1" }, integration(turningOn)], (it) => it.create(document), "api/outcomeUnknown"],
    [
      "a delete that has written nothing",
      [integration(turningOff)],
      (it) => it.delete("i1"),
      "api/interrupted",
    ],
    [
      "a delete",
      [integration(on), {}, integration(turningOff)],
      (it) => it.delete("i1"),
      "api/outcomeUnknown",
    ],
  ])("of %s ends at once where it is interrupted", async (_, answers, call, code) => {
    const before = { ...integration(on), name: "renamed" };
    const { driver, interrupt, clock, calls } = await listed(before, ...answers);
    interrupt.abort();
    const found = await failureOf(call(driver));
    expect(found.code).toBe(code);
    expect(found.message).toMatch(interrupted);
    expect([clock.monotonic(), calls.length]).toEqual([0, answers.length]);
  });
});

describe("delete", () => {
  it("switches it off, waits until it is, and then deletes it", async () => {
    const { driver, calls, waits, clock } = await listed(
      integration(on),
      ...[integration(on), {}, integration(turningOff), integration(turningOff), integration(off), {}],
    );
    await driver.delete("i1");
    expect(calls).toEqual([looked, switched("DISABLED"), looked, looked, looked, deleted]);
    expect(waits).toEqual(Array(2).fill("g-1a2b3c4d is deactivating"));
    expect(clock.monotonic()).toBe(1_000 + 2_000);
  });

  it.each<[string, States]>([
    ["is off", off],
    ["reports an error while it is off", ["DISABLED", "ERROR", "No account."]],
    ["says nothing of its state", ["DISABLED", ""]],
  ])("deletes one that %s at once", async (_, states) => {
    const { driver, calls } = await listed(integration(on), integration(states), {});
    await driver.delete("i1");
    expect(calls).toEqual([looked, deleted]);
  });

  it("switches off again what somebody switches on meanwhile", async () => {
    const { driver, calls } = await listed(
      integration(on),
      ...[integration(off), failure("api/conflict", "enabled: disable it first"), integration(on)],
      ...[{}, integration(off), {}],
    );
    await driver.delete("i1");
    expect(calls).toEqual([looked, deleted, looked, switched("DISABLED"), looked, deleted]);
  });

  it.each<[string, readonly unknown[]]>([
    ["before it is looked at", [gone]],
    ["after it was switched off", [integration(on), {}, gone]],
    ["before it is deleted", [integration(off), gone]],
    ["after its switching off was lost", [integration(on), failure("api/outcomeUnknown"), gone]],
    ["after its deletion was lost", [integration(off), failure("api/outcomeUnknown"), gone]],
  ])("is done where it is gone %s", async (_, answers) => {
    const { driver, calls } = await listed(integration(on), ...answers);
    await driver.delete("i1");
    expect(calls).toHaveLength(answers.length);
  });

  it.each<[string, readonly unknown[], string]>([
    ["before anything is written", [failure("api/forbidden")], "api/forbidden"],
    ["of the first write", [integration(on), failure("api/forbidden")], "api/forbidden"],
    [
      "after the first write",
      [integration(on), {}, integration(off), failure("api/forbidden")],
      "api/halfDone",
    ],
  ])("does not swallow another failure %s", async (_, answers, code) => {
    const { driver } = await listed(integration(on), ...answers);
    expect((await failureOf(driver.delete("i1"))).code).toBe(code);
  });

  it("that never goes through is given up", async () => {
    const lost = failure("api/outcomeUnknown", "the connection broke off");
    const { driver, calls } = await listed(integration(on), ...repeat(8, integration(off), lost));
    expect(await failureOf(driver.delete("i1"))).toBe(lost);
    expect(calls).toEqual(repeat(8, looked, deleted));
  });

  it("that has no effect is given up", async () => {
    const { driver, calls } = await listed(integration(on), ...repeat(8, integration(on), {}));
    expect(await failureOf(driver.delete("i1"))).toMatchObject({
      ...{ code: "api/halfDone", cause: { code: "api/unsettled" } },
      message: "integration i1 does not switch off; the next pass looks again",
    });
    expect(calls).toEqual(repeat(8, looked, switched("DISABLED")));
  });
});

describe("what got half-way", () => {
  it.each([
    ["a refusal", "api/forbidden", "api/halfDone", "no"],
    ["an outage", "api/unavailable", "api/outcomeUnknown", "done in part, and not to its end: no"],
  ])("is told after %s", async (_, code, told, message) => {
    const no = new ReconcileError(code, "no", { hint: "ask for the role", correlationId: "c-1" });
    const now = integration(off);
    const { driver, calls } = script(
      { id: "i1" },
      integration(off, empty()),
      {},
      now,
      no,
      now,
      configuration(),
    );
    expect(await failureOf(driver.create(document))).toMatchObject({
      ...{ code: told, message, cause: no, hint: "ask for the role", correlationId: "c-1" },
    });
    expect(calls.slice(0, 5)).toEqual([
      ...[posted, looked, put(configuration({ version: 1 })), looked, switched("ENABLED")],
    ]);
    expect(calls).not.toContainEqual(deleted);
  });

  it("is not open where nothing was written", async () => {
    const no = failure("api/forbidden");
    expect(await failureOf(script(no).driver.create(document))).toBe(no);
    expect(await failureOf(script(integration(off), no).driver.update("i1", document))).toBe(no);
  });

  it("is open where its answers are lost again and again", async () => {
    const lost = failure("api/outcomeUnknown", "the connection broke off");
    const { driver, calls } = script(...repeat(8, integration(off), lost));
    expect(await failureOf(driver.update("i1", document))).toBe(lost);
    expect(calls).toEqual(repeat(8, looked, switched("ENABLED")));
  });

  const old = integration(on, configuration({ notes: "old" }));

  it("by an older state than was written is looked at again", async () => {
    const [before, answer] = [
      integration(on, configuration({ notes: "old" })),
      configuration({ version: 3 }),
    ];
    const { driver, calls } = await listed(before, before, answer, before, before, integration(on, answer));
    expect(await driver.update("i1", document)).toEqual(live("i1"));
    expect(calls).toEqual([looked, put(configuration()), looked, looked, looked]);
  });

  it.each<[string, unknown, unknown, string]>([
    ["configuration", old, put(configuration()), "description"],
    ["switch", integration(off), switched("ENABLED"), "state"],
  ])(
    "by a platform that takes the %s otherwise is given up after a second try",
    async (_, now, write, what) => {
      const { driver, calls } = await listed(now, now, {}, now, {}, now);
      expect(await failureOf(driver.update("i1", document))).toMatchObject({
        ...{ code: "api/halfDone", cause: { code: "api/storedOtherwise" } },
        message: `the platform stored something else than was sent: ${what}`,
      });
      expect(calls).toEqual([looked, write, looked, write, looked]);
    },
  );
});

describe("what somebody else has taken meanwhile", () => {
  const theirs = integration(on, configuration({ notes: "Consumer group: theirs" }));

  it.each<[string, (driver: ReturnType<typeof setUp>["driver"]) => Promise<unknown>]>([
    ["updated", (driver) => driver.update("i1", document)],
    ["deleted", (driver) => driver.delete("i1")],
  ])("is not %s", async (_, call) => {
    const { driver, calls } = await listed(integration(on), theirs);
    expect(await failureOf(call(driver))).toMatchObject({
      code: "api/conflict",
      message: 'integration "g-1a2b3c4d" (id i1) was taken by someone else meanwhile',
    });
    expect(calls).toEqual([looked]);
  });
});

describe("against the sandbox", () => {
  const only = ({ state }: SandboxApi) => [...state.integrations.values()];

  function onSandbox(...intercept: Parameters<typeof makeSandboxApi>) {
    const sandbox = makeSandboxApi(...intercept);
    const { api, clock } = sandbox;
    const driver = makeEventBridgeDriver({
      ...{ api, clock, random: { next: () => 0.5, id: () => "id" } },
      ...{ interrupted: new AbortController().signal, onWait: () => undefined },
    });
    return { ...sandbox, driver, stored: () => only(sandbox).map(shownStored) };
  }

  const shownStored = ({ name, intendedState, config: { notes, properties } }: StoredIntegration) => ({
    ...{ name, intendedState, notes, properties },
  });
  const whole = {
    name: document.name,
    intendedState: "ENABLED",
    notes: document.description,
    properties: source,
  };
  const changed: WebhookDocument = { ...document, eventTypes: ["v2.other"], state: "disabled" };

  it("one is made, found, changed, and deleted", async () => {
    const { driver, stored } = onSandbox();
    const { id, ...made } = await driver.create(document);
    expect([made, await driver.list(), stored()]).toEqual([document, [live(id)], [whole]]);
    expect(await driver.update(id, changed)).toEqual({ ...changed, id });
    expect([await driver.read(id), stored()]).toEqual([
      { ...changed, id },
      [{ ...whole, intendedState: "DISABLED", properties: { ...source, eventFilter: ["v2.other"] } }],
    ]);
    await driver.delete(id);
    await driver.delete(id);
    expect([await driver.read(id), await driver.list(), stored()]).toEqual([null, [], []]);
  });

  it("an event source that another one has is refused, and nothing is left of the attempt", async () => {
    const { driver, stored } = onSandbox();
    await driver.create(document);
    expect(await failureOf(driver.create({ ...document, name: "g-other" }))).toMatchObject({
      code: "api/conflict",
      message: expect.stringContaining("has this event source already") as unknown,
    });
    expect(stored()).toEqual([whole]);
  });

  it("one that somebody else has taken since it was listed stays theirs, however often it is read", async () => {
    const { driver, state } = onSandbox();
    const { id } = await driver.create(document);
    await driver.list();
    const made = state.integrations.get(id);
    const theirs = "Consumer group: calls | Managed by: reconcile (voice)";
    if (made) state.integrations.set(id, { ...made, config: { ...made.config, notes: theirs } });
    expect((await driver.read(id))?.description).toBe(theirs);
    // Nor does a list of another group's make it ours.
    await driver.list();
    for (const write of [() => driver.delete(id, document), () => driver.update(id, document, document)])
      expect(await failureOf(write())).toMatchObject({
        code: "api/conflict",
        message: expect.stringContaining("was taken by someone else meanwhile") as unknown,
      });
    expect(state.integrations.get(id)?.config.notes).toBe(theirs);
  });

  it.each(["one after the other", "at once"])(
    "several are made on a platform with quirks, %s, and a refused one leaves nothing behind",
    async (how) => {
      const { driver, stored, sent } = onSandbox(undefined, {
        emptyNotes: emptyWord,
        deletesEnabled: true,
      });
      const made = ["a", "b"].map((name) => ({ ...document, name, endpoint: endpointOf(name) }));
      if (how === "at once") await Promise.all(made.map((one) => driver.create(one)));
      else for (const one of made) await driver.create(one);
      expect(stored().map(({ name, notes }) => [name, notes])).toEqual([
        ["a", document.description],
        ["b", document.description],
      ]);
      const second = { ...document, name: "c", endpoint: endpointOf("a") };
      expect((await failureOf(driver.create(second))).code).toBe("api/conflict");
      expect([stored().length, sent.filter((one) => one.startsWith("DELETE")).length]).toEqual([2, 1]);
    },
  );

  const endpointOf = (name: string) => `eventbridge://123456789012/us-east-1/${name}`;

  it("several made at once do not get in each other's way", async () => {
    const { driver, stored } = onSandbox();
    const names = ["a", "b", "c", "d", "e"];
    const documents = names.map((name) => ({
      ...document,
      name,
      endpoint: endpointOf(name),
    }));
    const made = await Promise.all(documents.map((one) => driver.create(one)));
    expect(made.map(({ endpoint }) => endpoint)).toEqual(documents.map(({ endpoint }) => endpoint));
    expect(stored()).toEqual(
      names.map((name) => ({ ...whole, name, properties: { ...source, eventSourceSuffix: name } })),
    );
  });

  const effects = ["took effect", "did not"] as const;
  const answers: Record<string, () => HttpResponse> = {
    "a reset": () => {
      throw new ReconcileError("network/reset", "the connection broke off");
    },
    "a 503": () => reply(503),
    "half a body": () => reply(200, '{"id": '),
  };
  const losses = effects.flatMap((effect) => Object.keys(answers).map((by) => [effect, by] as const));

  /** Once armed, the first request of the method loses its answer. */
  function losing(method: string, [effect, by]: (typeof losses)[number]) {
    let isArmed = false;
    const started = onSandbox((request, forward) => {
      if (!isArmed || request.method !== method) return forward();
      isArmed = false;
      if (effect === "took effect") forward();
      return answers[by]?.() ?? forward();
    });
    return { ...started, arm: () => (isArmed = true) };
  }

  const writes = (sent: readonly string[]) =>
    sent.filter((one) => !one.startsWith("GET")).map((one) => one.split(" ")[0]);

  describe.each(losses)("an answer, to what %s, that is lost by %s", (...loss) => {
    const [effect] = loss;
    const again = (method: string) => (effect === "took effect" ? [method] : [method, method]);

    it("to the POST leaves it open; once it was looked for, create goes on with what there is", async () => {
      const { driver, arm, sent, stored } = losing("POST", loss);
      arm();
      expect((await failureOf(driver.create(document))).code).toBe("api/outcomeUnknown");
      expect(await driver.list()).toEqual([]);
      const { id } = await driver.create(document);
      expect([await driver.list(), stored()]).toEqual([[live(id)], [whole]]);
      expect(writes(sent)).toEqual([...again("POST"), "PUT", "PATCH"]);
    });

    it.each([
      ["PUT", [...again("PUT"), "PATCH"]],
      ["PATCH", ["PUT", ...again("PATCH")]],
    ])("to the %s of a create or an update is made up for in the same call", async (method, expected) => {
      const { driver, arm, sent, stored } = losing(method, loss);
      arm();
      const { id } = await driver.create(document);
      expect([await driver.list(), stored()]).toEqual([[live(id)], [whole]]);
      expect(writes(sent)).toEqual(["POST", ...expected]);
      sent.splice(0);
      arm();
      expect(await driver.update(id, changed)).toEqual({ ...changed, id });
      expect([await driver.list(), stored().length]).toEqual([[{ ...changed, id }], 1]);
      expect(writes(sent)).toEqual(expected);
    });

    it.each([
      ["PATCH", [...again("PATCH"), "DELETE"]],
      ["DELETE", ["PATCH", ...again("DELETE")]],
    ])("to the %s of a delete is made up for in the same call", async (method, expected) => {
      const { driver, arm, sent, stored } = losing(method, loss);
      const { id } = await driver.create(document);
      await driver.list();
      sent.splice(0);
      arm();
      await driver.delete(id);
      expect([await driver.list(), stored()]).toEqual([[], []]);
      expect(writes(sent)).toEqual(expected);
    });
  });
});
