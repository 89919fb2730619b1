// The form in which a trigger's workflow gets an event, as the driver reads and writes it.
import { expect, test } from "vitest";
import { makeTriggersDriver } from "../../../src/kinds/trigger/driver.ts";
import type { ResourceDocument } from "../../../src/model/resource.ts";
import { makeScriptedApi, portsOn } from "../../genesys/fake-api.ts";
import { document, unset } from "./sample.ts";

const stating = (dataFormat: string): ResourceDocument => ({
  ...document,
  trigger: { ...unset, dataFormat },
});
const target = { type: "Workflow", id: "flow-1" };
/** A trigger as the platform has it; its settings may be anything. */
const stored = (workflowTargetSettings?: unknown, version = 1) => ({
  ...{ id: "t1", name: document.name, topicName: "v2.users.{id}.presence", enabled: true, version },
  ...{ matchCriteria: [], description: document.description },
  target: workflowTargetSettings === undefined ? target : { ...target, workflowTargetSettings },
});

function script(...answers: readonly unknown[]) {
  const { calls, ...api } = makeScriptedApi(answers);
  const sent = () => (calls.at(-1)?.body as { readonly target?: unknown } | undefined)?.target;
  return { driver: makeTriggersDriver(portsOn(api)), sent };
}

test.each([
  [{ dataFormat: "Json" }, "Json"],
  [{ dataFormat: "TopLevelPrimitives", other: 1 }, "TopLevelPrimitives"],
  [{ dataFormat: "Xml" }, "Xml"],
])("%j is read as it was answered", async (settings, dataFormat) => {
  const { driver } = script(stored(settings));
  expect((await driver.read("t1"))?.trigger).toEqual({ ...unset, dataFormat });
});

test.each([undefined, null, {}, [], "Json", { dataFormat: null }, { dataFormat: 5 }, { dataFormat: {} }])(
  "%j states no format",
  async (settings) => {
    const { driver } = script(stored(settings));
    expect((await driver.read("t1"))?.trigger).toEqual(unset);
  },
);

test("a create sends the stated format, and none where none is stated", async () => {
  const { driver, sent } = script(stored({ dataFormat: "Json" }), stored());
  expect((await driver.create(stating("Json"))).trigger).toEqual({ ...unset, dataFormat: "Json" });
  expect(sent()).toEqual({ ...target, workflowTargetSettings: { dataFormat: "Json" } });
  await driver.create(document);
  expect(sent()).toEqual(target);
});

test("an update sends the stated format beside whatever else the settings hold", async () => {
  const { driver, sent } = script(stored({ dataFormat: "Json", other: 1 }), stored({}, 2));
  await driver.read("t1");
  await driver.update("t1", stating("TopLevelPrimitives"));
  const workflowTargetSettings = { dataFormat: "TopLevelPrimitives", other: 1 };
  expect(sent()).toEqual({ ...target, workflowTargetSettings });
});

test.each([{ dataFormat: "Json" }, { dataFormat: "Xml", other: 1 }, {}, null])(
  "an update that states none repeats %j",
  async (settings) => {
    const { driver, sent } = script(stored(settings), stored(settings, 2));
    await driver.read("t1");
    await driver.update("t1", document);
    expect(sent()).toEqual({ ...target, workflowTargetSettings: settings });
  },
);
