import { expect, test } from "vitest";
import { formatState, parseState } from "../../src/sandbox/state-text.ts";
import { makeState } from "../../src/sandbox/state.ts";
import { makeSandboxClient, webhookBody } from "./sandbox-client.ts";

test("what is formatted is parsed back, order and all, without tokens or windows", () => {
  const client = makeSandboxClient();
  const { name, endpoint, eventTypes } = webhookBody({ name: "zeta" });
  client.call("POST", "/api/v2/webhooks", { name, endpoint, eventTypes });
  client.call("POST", "/api/v2/webhooks", webhookBody());
  const text = formatState(client.state);
  const parsed = parseState(text);
  expect(parsed).toEqual({ ok: true, state: { ...makeState(), webhooks: client.state.webhooks } });
  expect(parsed.ok && [...parsed.state.webhooks.keys()]).toEqual([...client.state.webhooks.keys()]);
  expect(text).not.toContain("links");
});

test("an empty state is a file too", () => {
  expect(parseState(formatState(makeState()))).toEqual({ ok: true, state: makeState() });
});

const webhook = { id: "a-1", ...webhookBody() };
test.each<[string, unknown]>([
  ["it is not a JSON object", []],
  ["its formatVersion is not 1", { formatVersion: 2, webhooks: [] }],
  ["it has no list of webhooks", { formatVersion: 1, webhooks: {} }],
  ["webhook 1: it is not an object", { formatVersion: 1, webhooks: [null] }],
  ["webhook 1: id must be an identifier", { formatVersion: 1, webhooks: [webhookBody()] }],
  ["webhook 1: id must be an identifier", { formatVersion: 1, webhooks: [{ ...webhook, id: "../a" }] }],
  [
    "webhook 2: id a-1 exists already",
    { formatVersion: 1, webhooks: [webhook, { ...webhook, name: "b" }] },
  ],
  [
    "webhook 2: a webhook with this name and endpoint exists already",
    { formatVersion: 1, webhooks: [webhook, { ...webhook, id: "a-2" }] },
  ],
  [
    "webhook 1: endpoint must be an https URL; state must be enabled or disabled",
    { formatVersion: 1, webhooks: [{ ...webhook, endpoint: "http://a.example.com", state: 1 }] },
  ],
])("refuses a file: %s", (problem, file) => {
  expect(parseState(JSON.stringify(file))).toEqual({ ok: false, problem });
});

test("refuses a torn file", () => {
  expect(parseState('{"formatVersion":1,"webhooks":[\n{"id"')).toEqual({
    ok: false,
    problem: "it is not a JSON object",
  });
});
