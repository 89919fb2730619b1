// The driver of EventBridge integrations: what was just written may be answered 404 for a while.
import { describe, expect, it } from "vitest";
import { makeEventBridgeDriver } from "../../../src/kinds/eventbridge/driver.ts";
import { makeWriteMemory, type WriteMemory } from "../../../src/genesys/write-memory.ts";
import { makeFakeClock } from "../../support/fake-clock.ts";
import { makeSandboxApi, makeScriptedApi, portsOn } from "../../genesys/fake-api.ts";
import { failureOf } from "../../genesys/fake-send.ts";
import {
  config,
  configuration,
  document,
  empty,
  failure,
  gone,
  integration,
  list,
  live,
  looked,
  off,
  on,
  patientLooks,
  posted,
  repeat,
  script,
} from "../../genesys/eventbridge-api.ts";

const nothing = list();

/** A driver with the memory of earlier ones, an hour later. */
async function startWith(memory: WriteMemory, ...answers: readonly unknown[]) {
  const { calls, ...api } = makeScriptedApi(answers);
  const clock = makeFakeClock(0);
  clock.autoAdvance();
  await clock.advance(3_600_000);
  return { driver: makeEventBridgeDriver({ ...portsOn(api), clock, memory }), calls };
}

describe("404", () => {
  it("right after a POST is looked at again, and what is waited for is said", async () => {
    const { driver, calls, waits, clock } = script(
      ...[{ id: "i1" }, gone, gone, integration(off, empty()), configuration()],
      ...[gone, integration(off), {}, gone, integration(on)],
    );
    expect(await driver.create(document)).toEqual(live("i1"));
    expect(waits).toEqual(Array(4).fill("integration i1 is not shown yet"));
    expect(calls.filter(({ method }) => method === "POST")).toHaveLength(1);
    expect(clock.monotonic()).toBeLessThan(10_000);
  });

  it("after a minute leaves an integration open that has its configuration, and is said as that", async () => {
    const { driver, calls } = script({ id: "i1" }, ...repeat(patientLooks, gone), empty());
    expect(await failureOf(driver.create(document))).toMatchObject({
      code: "api/halfDone",
      message: "integration i1 was created, but is not shown after 60 s; the next pass looks again",
    });
    expect(calls.at(-1)).toEqual({ method: "GET", path: config });
  });

  it("of one that nobody here has just written means that it is gone", async () => {
    const { driver, calls } = script(list(integration(on)), gone, gone);
    await driver.list();
    expect(await driver.read("i1")).toBeNull();
    expect((await failureOf(driver.update("i1", document))).code).toBe("api/notFound");
    expect(calls.slice(1)).toEqual([looked, looked]);
  });

  it("of one that was written more than a minute ago means that it is gone", async () => {
    const { driver, clock } = script(
      ...[{ id: "i1" }, integration(off, empty()), configuration(), integration(on), list(integration(on))],
      gone,
    );
    await driver.create(document);
    await driver.list();
    await clock.advance(60_000);
    expect(await driver.read("i1")).toBeNull();
  });

  it("after our own DELETE means that it is gone, at once", async () => {
    const { driver, waits } = script(
      ...[{ id: "i1" }, integration(off, empty()), configuration(), integration(on)],
      ...[integration(off), failure("api/outcomeUnknown"), gone],
    );
    await driver.create(document);
    await driver.delete("i1");
    expect(waits).toEqual([]);
  });
});

describe("one that this process has made, and no list has shown", () => {
  const begunIn = async (memory: WriteMemory): Promise<void> => {
    const { request } = makeScriptedApi([
      ...[{ id: "i1" }, integration(off, empty()), empty()],
      ...[failure("api/forbidden"), failure("api/unavailable")],
    ]);
    const driver = makeEventBridgeDriver({ ...portsOn({ request }), memory });
    expect((await failureOf(driver.create(document))).code).toBe("api/halfDone");
  };

  it.each<[string, readonly unknown[]]>([
    ["by the same driver's list", [nothing]],
    ["by an earlier driver's, either", []],
  ])("%s is gone on with, instead of a second one", async (_, lists) => {
    const memory = makeWriteMemory();
    await begunIn(memory);
    const { driver, calls } = await startWith(
      memory,
      ...lists,
      ...[integration(off, empty()), empty(), configuration(), integration(on), configuration()],
    );
    if (lists.length > 0) await driver.list();
    expect(await driver.create(document)).toEqual(live("i1"));
    expect(calls).not.toContainEqual(posted);
  });

  it("is made anew once both its reads say that it is gone", async () => {
    const memory = makeWriteMemory();
    await begunIn(memory);
    const { driver, calls } = await startWith(
      memory,
      ...[gone, gone, { id: "i2" }, integration(on, undefined, "i2"), configuration()],
    );
    expect(await driver.create(document)).toEqual(live("i2"));
    expect(calls.slice(0, 3)).toEqual([looked, { method: "GET", path: config }, posted]);
  });

  it("is not made anew while its configuration shows that it is there", async () => {
    const memory = makeWriteMemory();
    await begunIn(memory);
    const { driver, calls } = await startWith(memory, gone, empty());
    expect((await failureOf(driver.create(document))).code).toBe("api/unsettled");
    expect(calls).not.toContainEqual(posted);
  });

  it("is forgotten once a list has shown it", async () => {
    const memory = makeWriteMemory();
    await begunIn(memory);
    const { driver, calls } = await startWith(
      memory,
      ...[list(integration(on)), nothing, { id: "i2" }, integration(on, undefined, "i2"), configuration()],
    );
    await driver.list();
    await driver.list();
    expect(await driver.create(document)).toEqual(live("i2"));
    expect(calls[2]).toEqual(posted);
  });
});

it("a platform that hides each new integration for 50 seconds gets each one once", async () => {
  const { api, clock, state } = makeSandboxApi(undefined, { hiddenAfterPostMs: 50_000 });
  const driver = makeEventBridgeDriver({ ...portsOn(api), clock });
  const { id } = await driver.create(document);
  expect((await driver.list()).live).toEqual([live(id)]);
  expect(state.integrations.size).toBe(1);
});

describe("one that a list shows half made, and that another process created", () => {
  it("is not created a second time while only its configuration is shown", async () => {
    const answers = [list(integration(off, empty())), empty(), gone, empty()];
    const { driver, calls } = await startWith(makeWriteMemory(), ...answers);
    await driver.list();
    expect(await failureOf(driver.create(document))).toMatchObject({ code: "api/unsettled" });
    expect(calls.filter(({ method }) => method === "POST")).toEqual([]);
  });
});
