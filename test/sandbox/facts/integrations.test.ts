// EventBridge integrations: one test for each fact about the platform that the sandbox enforces.
import { expect, test } from "vitest";
import type { SandboxQuirks } from "../../../src/sandbox/quirks.ts";
import { makeSandboxClient, type SandboxClient } from "../sandbox-client.ts";

const path = "/api/v2/integrations";
const typePath = `${path}/types/amazon-eventbridge-source`;

const source = {
  ...{ awsAccountId: "123456789012", awsAccountRegion: "us-east-1", eventSourceSuffix: "events" },
  eventFilter: ["v2.a.created"],
};

const body = { name: "alpha", integrationType: { id: "amazon-eventbridge-source" } };

function createIn(client: SandboxClient): string {
  return (client.call("POST", path, body).json as { readonly id: string }).id;
}

/** Answers the status of a PUT of these properties, at the version that is stored. */
function configure(client: SandboxClient, id: string, properties: object): number {
  const current = `${path}/${id}/config/current`;
  return client.call("PUT", current, { ...(client.call("GET", current).json as object), properties })
    .status;
}

const patch = (client: SandboxClient, id: string, intendedState: string) =>
  client.call("PATCH", `${path}/${id}`, { intendedState });

test("a stale version is answered 409 with the code version.conflict", () => {
  const client = makeSandboxClient();
  const current = `${path}/${createIn(client)}/config/current`;
  const config = client.call("GET", current).json as object;
  expect(client.call("PUT", current, { ...config, notes: "first" }).status).toBe(200);
  expect(client.call("PUT", current, { ...config, notes: "second" })).toMatchObject({
    status: 409,
    json: {
      code: "version.conflict",
      message: "Integration configuration update failed due to version conflict.",
    },
  });
  expect(client.call("GET", current).json).toMatchObject({ version: 2, notes: "first" });
});

test("DELETE works on an enabled integration and answers 200 with it", () => {
  const client = makeSandboxClient();
  const id = createIn(client);
  patch(client, id, "ENABLED");
  expect(client.call("DELETE", `${path}/${id}`)).toMatchObject({
    status: 200,
    json: { id, name: "alpha" },
  });
  expect(client.call("GET", `${path}/${id}`).status).toBe(404);
  expect(client.call("GET", `${path}/${id}/config/current`).status).toBe(404);
});

test.each(["ENABLED", "DISABLED", "DELETED", "RESTORED"])(
  "intendedState may be set to %s, and to nothing that the definition does not name",
  (intendedState) => {
    const client = makeSandboxClient();
    const id = createIn(client);
    expect(patch(client, id, intendedState).status).toBe(200);
    expect(patch(client, createIn(client), `${intendedState}?`).status).toBe(400);
  },
);

test("the type of integrations says that it is offered; another type is not found", () => {
  const client = makeSandboxClient();
  expect(client.call("GET", typePath)).toMatchObject({
    status: 200,
    json: { id: "amazon-eventbridge-source", name: expect.any(String) as string },
  });
  expect(client.call("GET", `${path}/types/amazon-sqs`).status).toBe(404);
});

test("the platform caps integrations of a type: maxInstances of the type, and 400 max.integrations.reached", () => {
  const client = makeSandboxClient({ quirks: { maxInstances: 2 } });
  expect(client.call("GET", typePath).json).toMatchObject({ maxInstances: 2 });
  const first = createIn(client);
  createIn(client);
  expect(client.call("POST", path, body)).toMatchObject({
    status: 400,
    json: { code: "max.integrations.reached" },
  });
  client.call("DELETE", `${path}/${first}`);
  expect(client.call("POST", path, body).status).toBe(200);
});

test.each<[string, SandboxQuirks]>([
  ["gone", {}],
  ["shown as DELETED, and counted no more", { showsDeleted: true, maxInstances: 1 }],
])("a deleted integration may be %s", (_, quirks) => {
  const client = makeSandboxClient({ quirks });
  const id = createIn(client);
  client.call("DELETE", `${path}/${id}`);
  const { status, json } = client.call("GET", `${path}/${id}`);
  expect(status).toBe(quirks.showsDeleted ? 200 : 404);
  if (quirks.showsDeleted) expect(json).toMatchObject({ intendedState: "DELETED" });
  expect(client.call("POST", path, body).status).toBe(200);
});

test.each([
  [200, {}],
  [409, { refusesSharedSources: true }],
])("what a second integration of one event source is answered is unknown: %i", (status, quirks) => {
  const client = makeSandboxClient({ quirks });
  expect(configure(client, createIn(client), source)).toBe(200);
  expect(configure(client, createIn(client), source)).toBe(status);
});

test("a deleted integration that is still shown holds its event source no more", () => {
  const client = makeSandboxClient({ quirks: { showsDeleted: true, refusesSharedSources: true } });
  const first = createIn(client);
  expect(configure(client, first, source)).toBe(200);
  client.call("DELETE", `${path}/${first}`);
  expect(configure(client, createIn(client), source)).toBe(200);
});

test.each([
  [200, {}],
  [400, { fixesSources: true }],
])("whether account, region and suffix can change is unknown: %i", (status, quirks) => {
  for (const change of [
    { awsAccountId: "210987654321" },
    { awsAccountRegion: "eu-west-1" },
    { eventSourceSuffix: "others" },
  ]) {
    const client = makeSandboxClient({ quirks });
    const id = createIn(client);
    expect(configure(client, id, source)).toBe(200);
    expect(configure(client, id, { ...source, ...change })).toBe(status);
  }
});

test("an event source's suffix has at most 64 characters", () => {
  const client = makeSandboxClient();
  const id = createIn(client);
  expect(configure(client, id, { ...source, eventSourceSuffix: "x".repeat(65) })).toBe(400);
  expect(configure(client, id, { ...source, eventSourceSuffix: "x".repeat(64) })).toBe(200);
});

test("names need not be unique", () => {
  const client = makeSandboxClient();
  expect(createIn(client)).not.toBe(createIn(client));
  expect(client.call("GET", path).json).toMatchObject({
    total: 2,
    entities: [{ name: "alpha" }, { name: "alpha" }],
  });
});
