// The driver of EventBridge integrations: how it waits for the platform, before and after a change.
import { describe, expect, it } from "vitest";
import type { ResourceDocument } from "../../../src/model/resource.ts";
import { makeFakeApi, ok } from "../../genesys/fake-api.ts";
import { failureOf } from "../../genesys/fake-send.ts";
import {
  type States,
  at,
  confirming,
  document,
  gone,
  inError,
  integration,
  listed,
  live,
  looked,
  off,
  on,
  posted,
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
    const { driver, clock, waits, calls } = setUp(confirming(makeFakeApi(() => ok(integration(states)))));
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
