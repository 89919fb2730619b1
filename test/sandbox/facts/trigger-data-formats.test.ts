// What the vendor's sources say of the data formats of triggers, and the sandbox answers.
import { expect, test } from "vitest";
import { makeSandboxClient } from "../sandbox-client.ts";

const path = "/api/v2/processautomation/triggers";

const body = (more: object = {}) => ({
  ...{ name: "t", topicName: "v2.users.{id}.presence", enabled: true },
  ...{ target: { type: "Workflow", id: "flow-1" }, matchCriteria: [], ...more },
});

const inFormat = (workflowTargetSettings: unknown) =>
  body({ target: { type: "Workflow", id: "flow-1", workflowTargetSettings } });

test.each([
  [{ dataFormat: "Json" }, 200],
  [{ dataFormat: "TopLevelPrimitives" }, 200],
  [{}, 200],
  [{ dataFormat: "json" }, 400],
  [{ dataFormat: null }, 400],
  ["Json", 400],
])("the data format of a workflow is Json or TopLevelPrimitives: %j is answered %i", (settings, status) => {
  const client = makeSandboxClient();
  const { status: got, json } = client.call("POST", path, inFormat(settings));
  expect(got).toBe(status);
  if (status === 200) expect(json).toMatchObject({ target: { workflowTargetSettings: settings } });
});

test("a PUT replaces the whole target: a data format that it leaves out is gone", () => {
  const client = makeSandboxClient();
  const { json } = client.call("POST", path, inFormat({ dataFormat: "Json" }));
  const { id } = json as { readonly id: string };
  const put = client.call("PUT", `${path}/${id}`, { ...body(), version: 1 });
  expect(put.json).toMatchObject({ target: { type: "Workflow", id: "flow-1" } });
  expect(JSON.stringify(put.json)).not.toContain("dataFormat");
});

test.each([{}, { dataFormat: "Json" } as const])(
  "a trigger that states no data format reads with %j, as the platform's default may be told or not",
  (quirks) => {
    const client = makeSandboxClient({ quirks });
    const { json } = client.call("POST", path, body());
    const { id } = json as { readonly id: string };
    const read = client.call("GET", `${path}/${id}`).json as {
      readonly target: { readonly workflowTargetSettings?: object };
    };
    expect(read.target.workflowTargetSettings ?? {}).toEqual(quirks);
    const other = client.call("POST", path, inFormat({ dataFormat: "TopLevelPrimitives" }));
    expect(other.json).toMatchObject({
      target: { workflowTargetSettings: { dataFormat: "TopLevelPrimitives" } },
    });
  },
);
