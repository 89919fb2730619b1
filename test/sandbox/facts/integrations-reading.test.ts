// What the vendor's sources say of EventBridge integrations, and the sandbox answers: one test a fact.
import { expect, test } from "vitest";
import { makeSandboxClient, type SandboxClient } from "../sandbox-client.ts";

const path = "/api/v2/integrations";
const type = "amazon-eventbridge-source";
const expanded = `${path}?integrationType=${type}&expand=config.current`;
const word = "node_dynamodb_empty_string";
const properties = {
  ...{ awsAccountId: "123456789012", awsAccountRegion: "us-east-1", eventSourceSuffix: "orders" },
  eventFilter: ["v2.a.created"],
};

function createIn(client: SandboxClient): string {
  const { json } = client.call("POST", path, { name: "alpha", integrationType: { id: type } });
  return (json as { readonly id: string }).id;
}

function configureIn(client: SandboxClient): string {
  const id = createIn(client);
  client.call("PUT", `${path}/${id}/config/current`, { version: 1, notes: "ours", properties });
  return id;
}

function firstOf(client: SandboxClient, url: string): unknown {
  return (client.call("GET", url).json as { readonly entities: readonly unknown[] }).entities[0];
}

test("A fresh integration is DISABLED, with version 1 and no properties", () => {
  const client = makeSandboxClient();
  const id = createIn(client);
  expect(client.call("GET", `${path}/${id}`).json).toMatchObject({ intendedState: "DISABLED" });
  expect(client.call("GET", `${path}/${id}/config/current`).json).toMatchObject({
    version: 1,
    properties: {},
  });
});

test.each([
  [word, {}],
  ["", { emptyNotes: "" }],
])("Empty notes of a fresh integration may read as the literal word, here %j", (notes, quirks) => {
  const client = makeSandboxClient({ quirks });
  const id = createIn(client);
  const current = `${path}/${id}/config/current`;
  expect(client.call("GET", current).json).toMatchObject({ version: 1, notes });
  expect(client.call("GET", `${path}/${id}`).json).toMatchObject({ notes, config: { current: { notes } } });
  expect(firstOf(client, expanded)).toMatchObject({ notes, config: { current: { notes } } });
  client.call("PUT", current, { version: 1, notes: "ours", properties: {} });
  expect(client.call("GET", current).json).toMatchObject({ notes: "ours" });
});

test("A list holds no configuration unless it is asked for with expand=config.current", () => {
  const client = makeSandboxClient();
  configureIn(client);
  expect(firstOf(client, `${path}?integrationType=${type}`)).not.toHaveProperty("config");
  expect(firstOf(client, `${path}?expand=other`)).not.toHaveProperty("config");
  expect(firstOf(client, expanded)).toMatchObject({
    config: { current: { version: 2, notes: "ours", properties } },
  });
});

test.each([
  ["none", undefined],
  ["incomplete", { current: { version: 2, properties: {} } }],
] as const)("A list may hold a configuration that is %s", (listsConfigurations, config) => {
  const client = makeSandboxClient({ quirks: { listsConfigurations } });
  const id = configureIn(client);
  const listed = firstOf(client, expanded) as { readonly config?: { readonly current: object } };
  if (config) expect(listed.config).toMatchObject(config);
  else expect(listed).not.toHaveProperty("config");
  expect(listed.config?.current ?? {}).not.toHaveProperty("notes");
  expect(client.call("GET", `${path}/${id}/config/current`).json).toMatchObject({
    notes: "ours",
    properties,
  });
});

test.each(["none", "incomplete"] as const)(
  "A GET by id may hold a configuration that is %s, while config/current holds the complete one",
  (readsConfigurations) => {
    const client = makeSandboxClient({ quirks: { readsConfigurations } });
    const id = configureIn(client);
    const { json } = client.call("GET", `${path}/${id}`);
    expect(JSON.stringify((json as { readonly config?: object }).config ?? {})).not.toContain(
      "eventFilter",
    );
    expect(client.call("GET", `${path}/${id}/config/current`).json).toMatchObject({ properties });
  },
);

test("A GET by id of an integration just made may answer 404 for a while, while its configuration is there at once", () => {
  const client = makeSandboxClient({ quirks: { hiddenAfterPostMs: 30_000 } });
  const id = createIn(client);
  expect(client.call("GET", `${path}/${id}`).status).toBe(404);
  expect(client.call("GET", `${path}/${id}/config/current`).status).toBe(200);
  client.nowMs += 29_999;
  expect(client.call("GET", `${path}/${id}`).status).toBe(404);
  client.nowMs += 1;
  expect(client.call("GET", `${path}/${id}`).status).toBe(200);
});

test("The total may count integrations that the list does not show to this client", () => {
  const client = makeSandboxClient({ quirks: { hiddenIntegrations: 2 } });
  configureIn(client);
  expect(client.call("GET", expanded).json).toMatchObject({ total: 3, entities: [{ name: "alpha" }] });
});

test("The total may count integrations of types that the query does not select", () => {
  const client = makeSandboxClient({ quirks: { otherIntegrations: 2 } });
  const id = configureIn(client);
  const idsOf = (url: string): unknown => {
    const { total, entities } = client.call("GET", url).json as {
      readonly total: number;
      readonly entities: readonly { readonly id: string }[];
    };
    return [total, entities.map((one) => one.id)];
  };
  expect(idsOf(expanded)).toEqual([3, [id]]);
  expect(idsOf(path)).toEqual([3, [id, "other-1", "other-2"]]);
});
