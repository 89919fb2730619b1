// The driver of EventBridge integrations: how it waits for the platform, before and after a change.
import { describe, expect, it } from "vitest";
import type { ResourceDocument } from "../../../src/model/resource.ts";
import { makeFakeApi, ok } from "../../genesys/fake-api.ts";
import { failureOf } from "../../genesys/fake-send.ts";
import {
  type States,
  at,
  config,
  configuration,
  deleted,
  document,
  empty,
  failure,
  firstPage,
  gone,
  inError,
  integration,
  list,
  listed,
  live,
  looked,
  off,
  on,
  posted,
  repeat,
  script,
  setUp,
  switched,
  turningOff,
  turningOn,
} from "../../genesys/eventbridge-api.ts";

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
    const disabled: ResourceDocument = { ...document, state: "disabled" };
    expect(await driver.update("i1", disabled)).toEqual(live("i1", { state: "disabled" }));
  });

  it.each<[string, States, ResourceDocument["state"]]>([
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
  const confirmed = { method: "GET", path: config };

  it("switches it off, waits until it is, reads its owner, deletes it, and looks that it is gone", async () => {
    const { driver, calls, waits, clock } = await listed(
      integration(on),
      ...[integration(on), {}, integration(turningOff), integration(turningOff), integration(off)],
      ...[configuration(), {}, gone],
    );
    await driver.delete("i1");
    expect(calls).toEqual([
      ...[looked, switched("DISABLED"), looked, looked, looked],
      ...[confirmed, deleted, looked],
    ]);
    expect(waits).toEqual(Array(2).fill("g-1a2b3c4d is deactivating"));
    expect(clock.monotonic()).toBe(1_000 + 2_000);
  });

  it.each<[string, States]>([
    ["is off", off],
    ["reports an error while it is off", ["DISABLED", "ERROR", "No account."]],
    ["says nothing of its state", ["DISABLED", ""]],
  ])("deletes one that %s at once", async (_, states) => {
    const { driver, calls } = await listed(integration(on), integration(states), configuration(), {}, gone);
    await driver.delete("i1");
    expect(calls).toEqual([looked, confirmed, deleted, looked]);
  });

  it("switches off again what somebody switches on meanwhile", async () => {
    const { driver, calls } = await listed(
      integration(on),
      ...[integration(off), configuration(), failure("api/conflict", "enabled"), integration(on)],
      ...[{}, integration(off), configuration(), {}, gone],
    );
    await driver.delete("i1");
    expect(calls).toEqual([
      ...[looked, confirmed, deleted, looked, switched("DISABLED"), looked],
      ...[confirmed, deleted, looked],
    ]);
  });

  it.each<[string, readonly unknown[]]>([
    ["before it is looked at", [gone]],
    ["after it was switched off", [integration(on), {}, gone]],
    ["before it is switched off", [integration(on), gone, gone]],
    ["while it is switched off", [integration(turningOff), gone, gone, gone]],
    ["before it is deleted", [integration(off), configuration(), gone]],
    ["after its switching off was lost", [integration(on), failure("api/outcomeUnknown"), gone]],
    [
      "after its deletion was lost",
      [integration(off), configuration(), failure("api/outcomeUnknown"), gone],
    ],
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
      [integration(on), {}, integration(off), configuration(), failure("api/forbidden")],
      "api/halfDone",
    ],
  ])("does not swallow another failure %s", async (_, answers, code) => {
    const { driver } = await listed(integration(on), ...answers);
    expect((await failureOf(driver.delete("i1"))).code).toBe(code);
  });

  it("that never goes through is given up", async () => {
    const lost = failure("api/outcomeUnknown", "the connection broke off");
    const { driver, calls } = await listed(
      integration(on),
      ...repeat(8, integration(off), configuration(), lost),
    );
    expect(await failureOf(driver.delete("i1"))).toBe(lost);
    expect(calls).toEqual(repeat(8, looked, confirmed, deleted));
  });

  it("goes on where it is not reported inactive within two minutes", async () => {
    const later = [integration(turningOff), configuration(), {}, gone];
    let isDeleted = false;
    const { driver, calls, clock } = setUp(
      makeFakeApi(({ method, path: asked }) => {
        if (asked === firstPage) return ok(list(integration(turningOff)));
        if (asked === config) return ok(later[1]);
        if (method === "DELETE") isDeleted = true;
        if (isDeleted && method === "GET") throw gone;
        return ok(later[0]);
      }),
    );
    await driver.list();
    await driver.delete("i1");
    expect(clock.monotonic()).toBe(121_000);
    expect(calls.slice(-4)).toEqual([looked, confirmed, deleted, looked]);
  });

  it.each<[string, unknown]>([
    ["that has no effect", {}],
    ["that is refused", failure("api/rejected", "not now")],
    ["that meets a conflict", failure("api/conflict", "busy")],
  ])("goes on after a second switching off %s", async (_, answer) => {
    const { driver, calls } = await listed(
      integration(on),
      ...repeat(2, integration(on), answer),
      ...[integration(on), configuration(), {}, gone],
    );
    await driver.delete("i1");
    expect(calls).toEqual([
      ...repeat(2, looked, switched("DISABLED")),
      ...[looked, confirmed, deleted, looked],
    ]);
  });

  it.each<[string, unknown, string]>([
    ["is somebody else's", configuration({ notes: "Consumer group: theirs" }), "api/conflict"],
    ["was emptied", empty(), "api/conflict"],
    ["may not be read", failure("api/forbidden"), "api/forbidden"],
    ["cannot be parsed", { version: "?" }, "api/malformed"],
  ])("sends no DELETE to one whose complete configuration %s", async (_, current, code) => {
    const { driver, calls } = await listed(integration(on), integration(off), current);
    expect((await failureOf(driver.delete("i1"))).code).toBe(code);
    expect(calls).toEqual([looked, confirmed]);
  });

  it("sends no DELETE to one without a configuration, however often it looks", async () => {
    const { driver, calls } = await listed(integration(on), ...repeat(8, integration(off), gone));
    expect(await failureOf(driver.delete("i1"))).toMatchObject({
      code: "api/malformed",
      message: `GET ${config}: no configuration, so its owner is unknown`,
    });
    expect(calls).toEqual(repeat(8, looked, confirmed));
  });

  it.each<[string, unknown]>([
    ["is not found", gone],
    ["is shown as deleted", integration(["DELETED", "INACTIVE"])],
  ])("looks until it %s", async (_, last) => {
    const { driver, calls } = await listed(
      integration(on),
      ...[integration(off), configuration(), {}, integration(off), integration(off), last],
    );
    await driver.delete("i1");
    expect(calls).toEqual([looked, confirmed, deleted, looked, looked, looked]);
  });

  it("that the platform does not show is told as half done, and sent once", async () => {
    const { driver, calls } = await listed(
      integration(on),
      ...[integration(off), configuration(), {}, ...repeat(8, integration(off))],
    );
    expect(await failureOf(driver.delete("i1"))).toMatchObject({
      ...{ code: "api/halfDone", cause: { code: "api/unsettled" } },
      message: "integration i1 was deleted, and the platform still shows it; the next pass looks again",
    });
    expect(calls).toEqual([looked, confirmed, deleted, ...repeat(8, looked)]);
  });
});
