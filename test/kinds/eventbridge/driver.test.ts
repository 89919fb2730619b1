// The driver of EventBridge integrations: how one is made, changed and deleted, request by request.
import { describe, expect, it } from "vitest";
import { ReconcileError } from "../../../src/model/errors.ts";
import type { ResourceDocument } from "../../../src/model/resource.ts";
import { shown } from "../../genesys/fake-api.ts";
import { failureOf } from "../../genesys/fake-send.ts";
import {
  type States,
  at,
  config,
  configuration,
  deleted,
  document,
  empty,
  emptyWord,
  failure,
  firstPage,
  gone,
  integration,
  list,
  listed,
  live,
  looked,
  off,
  on,
  path,
  posted,
  put,
  script,
  source,
  switched,
  turningOn,
} from "../../genesys/eventbridge-api.ts";

const mismatch = failure("api/conflict", "The version does not match the current version.");

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
    const disabled: ResourceDocument = { ...document, state: "disabled" };
    expect(await driver.create(disabled)).toEqual(live("i1", { state: "disabled" }));
    expect([calls, waits]).toEqual([[posted, looked, put(whole), looked], []]);
  });

  it("goes on with one that somebody has only begun to make", async () => {
    const { driver, calls } = script(
      ...[list(integration(off, empty(4))), integration(off, empty(4)), {}],
      ...[integration(off), {}, integration(on)],
    );
    expect((await driver.list()).live).toEqual([]);
    expect(await driver.create(document)).toEqual(live("i1"));
    expect(calls.slice(1)).toEqual([
      ...[looked, put(configuration({ version: 4 })), looked, switched("ENABLED"), looked],
    ]);
  });

  it("goes on with one that only has to be switched on", async () => {
    const { driver, calls } = script(list(integration(off)), integration(off), {}, integration(on));
    expect((await driver.list()).live).toEqual([live("i1", { state: "disabled" })]);
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

  it.each<[string, States, ResourceDocument["state"], string]>([
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
    ...{ correlationId: "c-1", platformCode: "event.source.exists" },
  });
  const { message, correlationId, platformCode } = taken;
  const refused = { code: "api/rejected", message, correlationId, platformCode };

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
