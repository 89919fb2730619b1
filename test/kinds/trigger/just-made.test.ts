// The driver of triggers: what was just written may be answered 404 for a while.
import { expect, test } from "vitest";
import { makeTriggersDriver } from "../../../src/kinds/trigger/driver.ts";
import { makeSandboxApi, portsOn } from "../../genesys/fake-api.ts";
import { failureOf } from "../../genesys/fake-send.ts";
import { document } from "./sample.ts";

const path = "/api/v2/processautomation/triggers";

function start(hiddenAfterPostMs: number) {
  const sandbox = makeSandboxApi(undefined, { hiddenAfterPostMs });
  const waits: string[] = [];
  const onWait = (words: string): void => void waits.push(words);
  const ports = { ...portsOn(sandbox.api), clock: sandbox.clock, onWait };
  return { ...sandbox, waits, driver: makeTriggersDriver(ports) };
}

test("one that is hidden after its POST is read and changed once it is shown", async () => {
  for (const use of ["read", "update"] as const) {
    const { driver, waits, sent } = start(20_000);
    const { id } = await driver.create(document);
    const changed = { ...document, state: "disabled" as const };
    const found = await (use === "read" ? driver.read(id) : driver.update(id, changed));
    expect(found).toMatchObject({ id, state: use === "read" ? "enabled" : "disabled" });
    expect(new Set(waits)).toEqual(new Set([`trigger ${id} is not shown yet`]));
    expect(sent.filter((one) => one === `POST ${path}`)).toHaveLength(1);
  }
});

test("one that is hidden for more than a minute counts as gone, as does one that was written long ago", async () => {
  const { driver, state, clock } = start(120_000);
  const { id } = await driver.create(document);
  expect(await driver.read(id)).toBeNull();
  await clock.advance(60_000);
  const other = await driver.create({ ...document, name: "other" });
  await clock.advance(120_000);
  state.triggers.delete(other.id);
  expect((await failureOf(driver.update(other.id, document))).code).toBe("api/notFound");
});

test("one that a list has shown, and the next does not, is gone if it is not found", async () => {
  const { driver, waits, state } = start(0);
  const { id } = await driver.create(document);
  await driver.list();
  state.triggers.delete(id);
  await driver.list();
  expect([await driver.read(id), waits]).toEqual([null, []]);
});

test("one that we have deleted is gone at once", async () => {
  const { driver, waits } = start(0);
  const { id } = await driver.create(document);
  await driver.delete(id);
  expect([await driver.read(id), waits]).toEqual([null, []]);
});
