// What the vendor's sources say of the test of an event on a trigger, as the sandbox answers it.
import { expect, test } from "vitest";
import { makeSandboxClient } from "../sandbox-client.ts";

const path = "/api/v2/processautomation/triggers";

const body = (more: object = {}) => ({
  ...{ name: "t", topicName: "v2.users.{id}.presence", enabled: true },
  ...{ target: { type: "Workflow", id: "flow-1" }, matchCriteria: [], ...more },
});

test.each<[object, object, boolean]>([
  [{ jsonPath: "mediaType", operator: "Equal", value: "VOICE" }, { mediaType: "VOICE" }, true],
  [{ jsonPath: "$.mediaType", operator: "Equal", value: "VOICE" }, { mediaType: "CHAT" }, false],
  [{ jsonPath: "a.b[1].c", operator: "In", values: [1, 2] }, { a: { b: [{}, { c: 2 }] } }, true],
  [{ jsonPath: "a.b[1].c", operator: "NotIn", values: [1, 2] }, { a: { b: [{}, { c: 2 }] } }, false],
  [{ jsonPath: "a", operator: "NotEqual", value: 1 }, { a: 2 }, true],
  [{ jsonPath: "a", operator: "GreaterThan", value: 1 }, { a: 1 }, false],
  [{ jsonPath: "a", operator: "GreaterThanOrEqual", value: 1 }, { a: 1 }, true],
  [{ jsonPath: "a", operator: "LessThan", value: 1 }, { a: 0 }, true],
  [{ jsonPath: "a", operator: "LessThanOrEqual", value: 1 }, { a: 2 }, false],
  [{ jsonPath: "a", operator: "Contains", value: "x" }, { a: ["x", "y"] }, true],
  [{ jsonPath: "a", operator: "All", values: ["x", "z"] }, { a: ["x", "y"] }, false],
  [{ jsonPath: "a", operator: "Exists" }, { b: 1 }, false],
  [{ jsonPath: "a", operator: "Exists", value: false }, { b: 1 }, true],
  [{ jsonPath: "a", operator: "Size", value: 2 }, { a: [1, 2] }, true],
])("a POST …/test tells whether an event matches: %j and %j, %s", (criterion, event, matches) => {
  const client = makeSandboxClient();
  const { id } = client.call("POST", path, body({ matchCriteria: [criterion] })).json as {
    readonly id: string;
  };
  const reply = client.call("POST", `${path}/${id}/test`, event);
  expect([reply.status, reply.changed]).toEqual([200, false]);
  expect(reply.json).toMatchObject({
    triggerMatches: matches,
    targetValidation: { matches: true },
    jsonPathValidation: { matches, details: [{ ...criterion, match: matches }] },
  });
});

test("a POST …/test tells whether the workflow is there and active", () => {
  const quirks = { isPublished: (_: string, nowMs: number) => nowMs < 2_000_000 };
  const client = makeSandboxClient({ quirks });
  const { id } = client.call("POST", path, body()).json as { readonly id: string };
  client.nowMs = 2_000_000;
  client.renewToken();
  expect(client.call("POST", `${path}/${id}/test`, {}).json).toMatchObject({
    targetValidation: { matches: false },
  });
  expect(client.call("POST", `${path}/nobody/test`, {}).status).toBe(404);
  expect(client.call("POST", `${path}/${id}/test`, "[]").status).toBe(400);
});
