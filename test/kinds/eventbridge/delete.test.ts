// The driver of EventBridge integrations: what a delete reads, waits for and sends.
import { describe, expect, it } from "vitest";
import { makeFakeApi, ok } from "../../genesys/fake-api.ts";
import { failureOf } from "../../genesys/fake-send.ts";
import {
  type States,
  at,
  config,
  configuration,
  deleted,
  empty,
  emptyWord,
  failure,
  firstPage,
  gone,
  inError,
  integration,
  list,
  looked,
  off,
  on,
  patientLooks,
  plainScript,
  repeat,
  setUp,
  switched,
  turningOff,
} from "../../genesys/eventbridge-api.ts";

describe("delete", () => {
  /** What a write is preceded by, and what it is answered. */
  const reads = [looked, { method: "GET", path: config }];
  const seen = (states: States, current: unknown = configuration()) => [integration(states), current];

  /** After a list; each answer is written down, that of each configuration, too. */
  async function started(...answers: readonly unknown[]) {
    const begun = plainScript(list(integration(on)), ...answers);
    await begun.driver.list();
    begun.calls.splice(0);
    return begun;
  }

  it("switches it off, waits until it is, reads its owner, deletes it, and looks that it is gone", async () => {
    const { driver, calls, waits, clock } = await started(
      ...[...seen(on), {}, ...seen(turningOff), integration(turningOff), integration(off)],
      ...[...seen(off), {}, gone],
    );
    await driver.delete("i1");
    expect(calls).toEqual([
      ...[...reads, switched("DISABLED"), ...reads, looked, looked],
      ...[...reads, deleted, looked],
    ]);
    expect(waits).toEqual(Array(2).fill("g-1a2b3c4d is deactivating"));
    expect(clock.monotonic()).toBe(1_000 + 2_000);
  });

  it.each<[string, States]>([
    ["is off", off],
    ["reports an error while it is off", ["DISABLED", "ERROR", "No account."]],
    ["says nothing of its state", ["DISABLED", ""]],
  ])("deletes one that %s at once, and reads its owner once", async (_, states) => {
    const { driver, calls, waits } = await started(...seen(states), {}, gone);
    await driver.delete("i1");
    expect(calls).toEqual([...reads, deleted, looked]);
    expect(waits).toEqual([]);
  });

  it("switches off again what somebody switches on meanwhile", async () => {
    const { driver, calls } = await started(
      ...[...seen(off), failure("api/conflict", "enabled"), ...seen(on)],
      ...[{}, ...seen(off), {}, gone],
    );
    await driver.delete("i1");
    expect(calls).toEqual([
      ...[...reads, deleted, ...reads, switched("DISABLED"), ...reads],
      ...[deleted, looked],
    ]);
  });

  it.each<[string, readonly States[]]>([
    ["", [on]],
    [", and reports an error", [inError, inError]],
  ])("switches off again what somebody switches on while it is waited for%s", async (_, waitedFor) => {
    const { driver, calls } = await started(
      ...[...seen(turningOff), ...waitedFor.map((states) => integration(states))],
      ...[...seen(on), {}, ...seen(off), {}, gone],
    );
    await driver.delete("i1");
    expect(calls).toEqual([
      ...[...reads, ...waitedFor.map(() => looked)],
      ...[...reads, switched("DISABLED"), ...reads, deleted, looked],
    ]);
  });

  it.each<[string, readonly unknown[], readonly unknown[]]>([
    ["before it is looked at", [gone], [looked]],
    [
      "after it was switched off",
      [...seen(on), {}, ...repeat(patientLooks, gone)],
      [...reads, switched("DISABLED"), ...repeat(patientLooks, looked)],
    ],
    ["between its two reads", [integration(on), gone, gone], [...reads, looked]],
    ["before it is switched off", [...seen(on), gone, gone], [...reads, switched("DISABLED"), looked]],
    ["while it is switched off", [...seen(turningOff), gone, gone], [...reads, looked, looked]],
    ["before it is deleted", [...seen(off), gone], [...reads, deleted]],
    [
      "after its switching off was lost",
      [...seen(on), failure("api/outcomeUnknown"), gone],
      [...reads, switched("DISABLED"), looked],
    ],
    [
      "after its deletion was lost",
      [...seen(off), failure("api/outcomeUnknown"), gone],
      [...reads, deleted, looked],
    ],
  ])("is done where it is gone %s", async (_, answers, expected) => {
    const { driver, calls } = await started(...answers);
    await driver.delete("i1");
    expect(calls).toEqual(expected);
  });

  it.each<[string, readonly unknown[], string | null]>([
    ["no request of its own", [gone], "unsent"],
    ["a DELETE that came too late", [...seen(off), gone], "refused"],
    ["a DELETE", [...seen(off), {}, gone], null],
    ["a DELETE whose answer was lost", [...seen(off), failure("api/outcomeUnknown"), gone], null],
    ["switching it off, and a DELETE that came too late", [...seen(on), {}, ...seen(off), gone], null],
  ])("says how it was found after %s", async (_, answers, how) => {
    const { driver } = await started(...answers);
    await driver.delete("i1");
    expect(driver.found?.("i1")).toBe(how);
  });

  it.each<[string, readonly unknown[], string, readonly unknown[]]>([
    ["before anything is written", [failure("api/forbidden")], "api/forbidden", [looked]],
    [
      "of the first write",
      [...seen(on), failure("api/forbidden")],
      "api/forbidden",
      [...reads, switched("DISABLED")],
    ],
    [
      "after the first write",
      [...seen(on), {}, ...seen(off), failure("api/forbidden")],
      "api/halfDone",
      [...reads, switched("DISABLED"), ...reads, deleted],
    ],
  ])("does not swallow another failure %s", async (_, answers, code, expected) => {
    const { driver, calls } = await started(...answers);
    expect((await failureOf(driver.delete("i1"))).code).toBe(code);
    expect(calls).toEqual(expected);
  });

  it("that never goes through is given up", async () => {
    const lost = failure("api/outcomeUnknown", "the connection broke off");
    const { driver, calls } = await started(...repeat(8, ...seen(off), lost));
    expect(await failureOf(driver.delete("i1"))).toBe(lost);
    expect(calls).toEqual(repeat(8, ...reads, deleted));
  });

  it("that gets no further than switching off is told as half done", async () => {
    const lost = failure("api/outcomeUnknown", "the connection broke off");
    const { driver, calls } = await started(...repeat(7, ...seen(on), lost), ...seen(on), {});
    expect(await failureOf(driver.delete("i1"))).toMatchObject({
      ...{ code: "api/halfDone", cause: { code: "api/unsettled" } },
      message: "integration i1 was switched off, and is not deleted yet; the next pass looks again",
    });
    expect(calls).toEqual(repeat(8, ...reads, switched("DISABLED")));
  });

  it("goes on where it is not reported inactive within two minutes", async () => {
    let isDeleted = false;
    const { driver, calls, clock } = setUp(
      makeFakeApi(({ method, path: asked }) => {
        if (asked === firstPage) return ok(list(integration(turningOff)));
        if (asked === config) return ok(configuration());
        if (method === "DELETE") isDeleted = true;
        if (isDeleted && method === "GET") throw gone;
        return ok(integration(turningOff));
      }),
    );
    await driver.list();
    calls.splice(0);
    await driver.delete("i1");
    expect(clock.monotonic()).toBe(121_000);
    expect(calls).toEqual([...reads, ...repeat(61, looked), ...reads, deleted, looked]);
  });

  it.each<[string, unknown]>([
    ["that has no effect", {}],
    ["that is refused", failure("api/rejected", "not now")],
    ["that meets a conflict", failure("api/conflict", "busy")],
  ])("goes on after a second switching off %s", async (_, answer) => {
    const { driver, calls } = await started(...repeat(2, ...seen(on), answer), ...[...seen(on), {}, gone]);
    await driver.delete("i1");
    expect(calls).toEqual([...repeat(2, ...reads, switched("DISABLED")), ...[...reads, deleted, looked]]);
  });

  describe.each<[string, readonly unknown[], string]>([
    ["is somebody else's", [configuration({ notes: "Consumer group: theirs" })], "api/conflict"],
    ["was emptied", [empty()], "api/conflict"],
    ["was emptied, in the platform's word", [{ ...empty(), notes: emptyWord }], "api/conflict"],
    ["may not be read", [failure("api/forbidden")], "api/forbidden"],
    ["cannot be parsed", [{ version: "?" }], "api/malformed"],
    ["is not there", [gone, integration(off)], "api/malformed"],
  ])("of one whose complete configuration %s", (_, answers, code) => {
    const again = answers.slice(1).map(() => looked);

    it.each<[string, States]>([
      ["DELETE", off],
      ["PATCH", on],
    ])("sends no %s", async (_method, states) => {
      const { driver, calls } = await started(integration(states), ...answers);
      expect((await failureOf(driver.delete("i1"))).code).toBe(code);
      expect(calls).toEqual([...reads, ...again]);
    });

    it("sends no DELETE after a wait, either", async () => {
      const { driver, calls } = await started(
        ...[...seen(turningOff), integration(off)],
        ...[integration(off), ...answers],
      );
      expect((await failureOf(driver.delete("i1"))).code).toBe(code);
      expect(calls).toEqual([...reads, looked, ...reads, ...again]);
    });
  });

  it("says of one without a configuration that it has none", async () => {
    const { driver } = await started(integration(off), gone, integration(off));
    expect((await failureOf(driver.delete("i1"))).message).toBe(`GET ${at}: no configuration`);
  });

  it.each<[string, unknown]>([
    ["is not found", gone],
    ["is shown as deleted", integration(["DELETED", "INACTIVE"])],
  ])("looks until it %s", async (_, last) => {
    const { driver, calls } = await started(...seen(off), {}, ...repeat(2, integration(off)), last);
    await driver.delete("i1");
    expect(calls).toEqual([...reads, deleted, looked, looked, looked]);
  });

  it("that the platform does not show is told as half done, and sent once", async () => {
    const { driver, calls } = await started(...seen(off), {}, ...repeat(8, integration(off)));
    expect(await failureOf(driver.delete("i1"))).toMatchObject({
      ...{ code: "api/halfDone", cause: { code: "api/unsettled" } },
      message: "integration i1 was deleted, and the platform still shows it; the next pass looks again",
    });
    expect(calls).toEqual([...reads, deleted, ...repeat(8, looked)]);
  });
});
