// The driver of EventBridge integrations: only `config/current` holds the complete configuration.
import { describe, expect, it } from "vitest";
import { makeEventBridgeDriver } from "../../../src/kinds/eventbridge/driver.ts";
import type { LackingConfiguration, SandboxQuirks } from "../../../src/sandbox/quirks.ts";
import { makeSandboxApi, portsOn, shown } from "../../genesys/fake-api.ts";
import {
  at,
  config,
  configuration,
  document,
  empty,
  emptyWord,
  firstPage,
  gone,
  integration,
  list,
  live,
  looked,
  off,
  on,
  path,
  plainScript,
  put,
  source,
  switched,
} from "../../genesys/eventbridge-api.ts";

const unnoted = configuration({ notes: undefined });

describe("the list", () => {
  it.each<[string, unknown]>([
    ["has no configuration", undefined],
    ["has a configuration without notes", unnoted],
    ["has null for its notes", configuration({ notes: null })],
    ["has no properties", configuration({ properties: undefined })],
    ["has empty properties", configuration({ properties: {} })],
    ["has neither notes nor properties", { ...unnoted, properties: {} }],
    ["has no suffix", configuration({ properties: { ...source, eventSourceSuffix: undefined } })],
    ["has an empty account", configuration({ properties: { ...source, awsAccountId: "" } })],
    ["has no event types", configuration({ properties: { ...source, eventFilter: undefined } })],
    ["looks half made", empty()],
    ["looks half made, in the platform's words", configuration({ properties: {}, notes: emptyWord })],
  ])("shows one that %s as its complete configuration has it", async (_name, current) => {
    const bare =
      current === undefined ? { ...integration(on), config: undefined } : integration(on, current);
    const { driver, calls } = plainScript(list(bare), configuration());
    expect((await driver.list()).live).toEqual([live("i1")]);
    expect(shown(calls)).toEqual([`GET ${firstPage}`, `GET ${config}`]);
  });

  it.each<[string, unknown]>([
    ["all of ours", configuration()],
    ["notes of somebody else", configuration({ notes: "Keep!" })],
    ["notes that are empty", configuration({ notes: "" })],
    ["notes that are empty, in the platform's word", configuration({ notes: emptyWord })],
  ])("takes a configuration with %s as it is", async (_name, current) => {
    const { driver, calls } = plainScript(list(integration(on, current)));
    await driver.list();
    expect(shown(calls)).toEqual([`GET ${firstPage}`]);
  });

  it("leaves out one that its complete configuration, too, shows half made", async () => {
    const words = {
      awsAccountId: emptyWord,
      awsAccountRegion: "",
      eventSourceSuffix: null,
      eventFilter: [],
    };
    for (const properties of [{}, words]) {
      const current = configuration({ version: 1, notes: emptyWord, properties });
      const { driver } = plainScript(list(integration(off, current)), current);
      expect((await driver.list()).live).toEqual([]);
    }
  });
});

describe("a read", () => {
  it("takes an incomplete configuration from config/current, and a complete one as it is", async () => {
    const { driver, calls } = plainScript(integration(on, empty()), configuration(), integration(on));
    expect([await driver.read("i1"), await driver.read("i1")]).toEqual([live("i1"), live("i1")]);
    expect(shown(calls)).toEqual([`GET ${at}`, `GET ${config}`, `GET ${at}`]);
  });
});

describe("a write", () => {
  const confirmed = [looked, { method: "GET", path: config }];
  const theirs = { more: "of theirs" };
  const complete = configuration({
    version: 7,
    properties: { ...source, ...theirs, eventFilter: ["v2.old"] },
  });

  it("is based on config/current, so that what the integration does not show of it is kept", async () => {
    const lacking = integration(
      off,
      configuration({ version: 6, properties: { ...source, eventFilter: [] } }),
    );
    const written = configuration({ version: 7, properties: { ...source, ...theirs } });
    const { driver, calls } = plainScript(
      ...[lacking, complete, { ...written, version: 8 }],
      ...[lacking, { ...written, version: 8 }, {}],
      ...[integration(on), { ...written, version: 8 }],
    );
    await driver.update("i1", document, document);
    expect(calls.slice(0, 7)).toEqual([
      ...[...confirmed, put(written)],
      ...[...confirmed, switched("ENABLED")],
      looked,
    ]);
  });

  it("to one whose complete configuration shows another owner is not sent", async () => {
    const taken = configuration({ notes: "Consumer group: theirs" });
    for (const write of ["update", "delete"] as const) {
      const { driver, calls } = plainScript(integration(on), taken);
      const sent =
        write === "update" ? driver.update("i1", document, document) : driver.delete("i1", document);
      await expect(sent).rejects.toMatchObject({ code: "api/conflict" });
      expect(calls).toEqual(confirmed);
    }
  });

  it("is not sent to one whose configuration the platform does not show", async () => {
    const bare = integration(on, null);
    const { driver, calls } = plainScript(bare, gone, bare);
    await expect(driver.delete("i1", document)).rejects.toMatchObject({
      code: "api/malformed",
      message: `GET ${at}: no configuration`,
    });
    expect(calls).toEqual([...confirmed, looked]);
  });

  it("is not needed where it was deleted between the two reads", async () => {
    const { driver } = plainScript(integration(on), gone, gone);
    await driver.delete("i1", document);
  });
});

const lacks: readonly (LackingConfiguration | undefined)[] = [undefined, "none", "incomplete"];
const quirks = lacks.flatMap((lists) =>
  lacks.flatMap((reads) =>
    [0, 30_000].map((hiddenAfterPostMs): SandboxQuirks => ({
      hiddenAfterPostMs,
      ...(lists ? { listsConfigurations: lists } : {}),
      ...(reads ? { readsConfigurations: reads } : {}),
    })),
  ),
);

describe.each(quirks)("on a platform with %j", (quirk) => {
  it("one is made, listed, changed, listed by another machine, and deleted", async () => {
    const { api, clock, state, sent } = makeSandboxApi(undefined, quirk);
    const start = () => makeEventBridgeDriver({ ...portsOn(api), clock });
    const driver = start();
    const { id } = await driver.create(document);
    expect((await driver.list()).live).toEqual([live(id)]);
    const changed = { ...document, eventTypes: ["v2.other"] };
    expect(await driver.update(id, changed)).toEqual(live(id, changed));
    const other = start();
    expect((await other.list()).live).toEqual([live(id, changed)]);
    await other.delete(id);
    expect(state.integrations.size).toBe(0);
    expect(sent.filter((one) => one === `POST ${path}`)).toHaveLength(1);
  });
});
