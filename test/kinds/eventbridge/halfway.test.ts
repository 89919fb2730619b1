// The driver of EventBridge integrations: what is left half-way or taken by somebody else, and all of it on the sandbox.
import { describe, expect, it } from "vitest";
import { makeEventBridgeDriver } from "../../../src/kinds/eventbridge/driver.ts";
import { ReconcileError } from "../../../src/model/errors.ts";
import type { HttpResponse } from "../../../src/model/http.ts";
import type { ResourceDocument } from "../../../src/model/resource.ts";
import type { StoredIntegration } from "../../../src/sandbox/integration-rules.ts";
import { makeSandboxApi, type SandboxApi } from "../../genesys/fake-api.ts";
import { failureOf, reply } from "../../genesys/fake-send.ts";
import type { setUp } from "../../genesys/eventbridge-api.ts";
import {
  configuration,
  deleted,
  document,
  empty,
  emptyWord,
  failure,
  integration,
  listed,
  live,
  looked,
  off,
  on,
  posted,
  put,
  repeat,
  script,
  source,
  switched,
} from "../../genesys/eventbridge-api.ts";

describe("what got half-way", () => {
  it.each([
    ["a refusal", "api/forbidden", "api/halfDone", "no"],
    ["an outage", "api/unavailable", "api/outcomeUnknown", "done in part, and not to its end: no"],
    ["a lease that ended", "lease/unsure", "api/outcomeUnknown", "done in part, and not to its end: no"],
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
  const changed: ResourceDocument = { ...document, eventTypes: ["v2.other"], state: "disabled" };

  it("one is made, found, changed, and deleted", async () => {
    const { driver, stored } = onSandbox();
    const made = await driver.create(document);
    const { id } = made;
    expect([made, (await driver.list()).live, stored()]).toEqual([live(id), [live(id)], [whole]]);
    expect(await driver.update(id, changed)).toEqual(live(id, changed));
    expect([await driver.read(id), stored()]).toEqual([
      live(id, changed),
      [{ ...whole, intendedState: "DISABLED", properties: { ...source, eventFilter: ["v2.other"] } }],
    ]);
    await driver.delete(id);
    await driver.delete(id);
    expect([await driver.read(id), (await driver.list()).live, stored()]).toEqual([null, [], []]);
  });

  it("an event source that another one has is refused, and nothing is left of the attempt", async () => {
    const { driver, stored } = onSandbox(undefined, { refusesSharedSources: true });
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
        refusesSharedSources: true,
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
      expect((await driver.list()).live).toEqual([]);
      const { id } = await driver.create(document);
      expect([(await driver.list()).live, stored()]).toEqual([[live(id)], [whole]]);
      expect(writes(sent)).toEqual([...again("POST"), "PUT", "PATCH"]);
    });

    it.each([
      ["PUT", [...again("PUT"), "PATCH"]],
      ["PATCH", ["PUT", ...again("PATCH")]],
    ])("to the %s of a create or an update is made up for in the same call", async (method, expected) => {
      const { driver, arm, sent, stored } = losing(method, loss);
      arm();
      const { id } = await driver.create(document);
      expect([(await driver.list()).live, stored()]).toEqual([[live(id)], [whole]]);
      expect(writes(sent)).toEqual(["POST", ...expected]);
      sent.splice(0);
      arm();
      expect(await driver.update(id, changed)).toEqual(live(id, changed));
      expect([(await driver.list()).live, stored().length]).toEqual([[live(id, changed)], 1]);
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
      expect([(await driver.list()).live, stored()]).toEqual([[], []]);
      expect(writes(sent)).toEqual(expected);
    });
  });
});
