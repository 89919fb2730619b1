// What the vendor's sources say of Process Automation triggers, and the sandbox answers: one test a fact.
import { expect, test } from "vitest";
import { makeSandboxClient } from "../sandbox-client.ts";

const path = "/api/v2/processautomation/triggers";

test("A read of a trigger just made may answer 404 for a while", () => {
  const client = makeSandboxClient({ quirks: { hiddenAfterPostMs: 30_000 } });
  const body = {
    name: "g",
    topicName: "v2.users.{id}.presence",
    enabled: true,
    target: { type: "Workflow", id: "w" },
  };
  const { json } = client.call("POST", path, body);
  const { id } = json as { readonly id: string };
  expect(json).not.toHaveProperty("createdAtMs");
  expect(client.call("GET", `${path}/${id}`).status).toBe(404);
  expect(client.call("PUT", `${path}/${id}`, { ...body, version: 1 }).status).toBe(404);
  client.nowMs += 30_000;
  expect(client.call("GET", `${path}/${id}`).json).toMatchObject(body);
  expect(client.call("PUT", `${path}/${id}`, { ...body, version: 1 }).status).toBe(200);
});
