// What the vendor's sources say of triggers whose workflow is not published, and the sandbox answers.
import { expect, test } from "vitest";
import { makeSandboxClient } from "../sandbox-client.ts";

const path = "/api/v2/processautomation/triggers";

const body = (more: object = {}) => ({
  ...{ name: "t", topicName: "v2.users.{id}.presence", enabled: true },
  ...{ target: { type: "Workflow", id: "flow-1" }, matchCriteria: [], ...more },
});

/** The workflow `flow-1` is always published, `late` from a time on, `never` at no time. */
const publishedLate = {
  isPublished: (id: string, nowMs: number) => id === "flow-1" || (id === "late" && nowMs >= 2_000_000),
};

test("a POST is answered 400 while its workflow is not published or not active", () => {
  const client = makeSandboxClient({ quirks: publishedLate });
  const post = (id: string) => client.call("POST", path, body({ target: { type: "Workflow", id } })).status;
  expect([post("flow-1"), post("late"), post("never"), client.state.triggers.size]).toEqual([
    ...[200, 400, 400, 1],
  ]);
  client.nowMs = 2_000_000;
  client.renewToken();
  expect([post("late"), post("never"), client.state.triggers.size]).toEqual([200, 400, 2]);
});

test.each([
  ["taken", 200, {}],
  ["refused", 400, { checksMoves: true }],
])("a PUT that leads to a workflow that is not published is %s", (_, status, more) => {
  const client = makeSandboxClient({ quirks: { ...publishedLate, ...more } });
  const { id } = client.call("POST", path, body()).json as { readonly id: string };
  const put = (version: number, target: string) =>
    client.call("PUT", `${path}/${id}`, body({ version, target: { type: "Workflow", id: target } })).status;
  expect([put(1, "flow-1"), put(2, "never")]).toEqual([200, status]);
  expect(client.state.triggers.get(id)?.target.id).toBe(status === 200 ? "never" : "flow-1");
});
