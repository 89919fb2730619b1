// The file that remembers which organisation a client belongs to: its content, its limits, and what a fault costs.
import { expect, test } from "vitest";
import { openOrganizationFile } from "../../src/app/organization-memory.ts";
import { makeMemoryFiles } from "../support/memory-files.ts";

const path = ".reconcile/organizations.json";
const client = { environment: "mypurecloud.com", clientId: "c" };
const acme = { id: "acme-1", name: "Acme" };

function open(text?: string, writes = true) {
  const files = makeMemoryFiles(text === undefined ? {} : { [path]: text });
  const notices: string[] = [];
  const onNotice = (notice: string): void => void notices.push(notice);
  return { files, notices, memory: openOrganizationFile({ files, path, writes, onNotice }) };
}

test("what is remembered is found again, by region and client", async () => {
  const { files, notices, memory } = open();
  expect(await memory.find(client)).toBeNull();
  await memory.remember(client, acme);
  await memory.remember({ ...client, environment: "mypurecloud.de" }, { id: "other", name: null });
  await memory.remember(client, { ...acme, name: "Acme Ltd" });
  expect(await memory.find(client)).toEqual({ id: "acme-1", name: "Acme Ltd" });
  expect(await memory.find({ ...client, environment: "mypurecloud.de" })).toEqual({
    id: "other",
    name: null,
  });
  expect(await memory.find({ ...client, clientId: "d" })).toBeNull();
  expect([files.mode(path), notices]).toEqual([0o600, []]);
});

test("only the newest 200 clients are kept", async () => {
  const { memory } = open();
  for (let number = 0; number <= 200; number += 1)
    await memory.remember({ ...client, clientId: `c-${number}` }, acme);
  expect(await memory.find({ ...client, clientId: "c-0" })).toBeNull();
  expect(await memory.find({ ...client, clientId: "c-1" })).toEqual(acme);
});

test.each([
  "nonsense",
  "[]",
  '{"formatVersion":2,"organizations":[]}',
  '{"formatVersion":1,"organizations":[{"environment":"e","clientId":"c","id":"","name":null}]}',
  '{"formatVersion":1,"organizations":[{"environment":"e","clientId":"c","id":"x"}]}',
])("a corrupt file is set aside, and the client is not known: %s", async (text) => {
  const { files, notices, memory } = open(text);
  expect(await memory.find(client)).toBeNull();
  expect(notices).toEqual([`${path} is corrupt, so it was moved to ${path}.corrupt`]);
  expect(files.paths()).toEqual([`/${path}.corrupt`]);
  const dry = open(text, false);
  expect([await dry.memory.find(client), dry.notices]).toEqual([null, []]);
  expect(dry.files.text(path)).toBe(text);
});

test("a dry run remembers nothing, and a full disk ends no pass", async () => {
  const dry = open(undefined, false);
  await dry.memory.remember(client, acme);
  expect(dry.files.paths()).toEqual([]);
  const full = open();
  full.files.failNext("write", "ENOSPC");
  await full.memory.remember(client, acme);
  expect(full.notices).toEqual([expect.stringContaining(`${path} cannot be written`)]);
});
