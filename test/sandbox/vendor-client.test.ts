// The judge of the sandbox: Genesys' own client, unmodified, walks the published resources through their lives on it.
import { afterAll, beforeAll, expect, test } from "vitest";
import platformClient from "purecloud-platform-client-v2";
import { systemRandom } from "../../src/lib/random.ts";
import { sandboxOrganisation } from "../../src/sandbox/sandbox-organisation.ts";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { makeMemoryFiles } from "./memory-files.ts";

const { ApiClient, IntegrationsApi, NotificationsApi, OrganizationApi, ProcessAutomationApi, TokensApi } =
  platformClient;
let nowMs = 0;
const files = makeMemoryFiles();
const statePath = "/state/sandbox.json";
let sandbox: Sandbox;

async function start(): Promise<void> {
  sandbox = await startSandbox({
    ...{ files, statePath, port: 0, random: systemRandom },
    clock: { now: () => nowMs },
  });
  const client = ApiClient.instance;
  client.setGateway({ host: "127.0.0.1", protocol: "http", port: sandbox.port });
  await client.loginClientCredentialsGrant("sandbox", "sandbox-secret");
}

beforeAll(start);
afterAll(() => sandbox.close());

/** The status and the words of a refusal: the client rejects with the body of the answer. */
async function refusalOf(call: Promise<unknown>): Promise<{ status: number; message: string }> {
  const body: unknown = await call.then(
    () => ({ status: 200, message: "" }),
    (error: unknown) => error,
  );
  const { status, message } = body as { status: number; message: string };
  return { status, message };
}

const source = {
  awsAccountId: "123456789012",
  awsAccountRegion: "eu-central-1",
  eventSourceSuffix: "analytics-1",
};

test("an EventBridge integration: created, configured, switched on, changed, switched off, deleted", async () => {
  const api = new IntegrationsApi();
  const created = await api.postIntegrations({
    body: { name: "analytics", integrationType: { id: "amazon-eventbridge-source" } },
  });
  const id = created.id ?? "";
  expect(created).toMatchObject({ intendedState: "DISABLED", reportedState: { code: "INACTIVE" } });
  const first = await api.getIntegrationConfigCurrent(id);
  expect(first).toMatchObject({ version: 1, properties: {}, notes: "node_dynamodb_empty_string" });

  const properties = { ...source, eventFilter: ["v2.users.{id}.presence"] };
  const config = await api.putIntegrationConfigCurrent(id, {
    body: { ...first, name: "analytics", notes: "Consumer group: analytics", properties },
  });
  expect(config).toMatchObject({ version: 2, properties, notes: "Consumer group: analytics" });

  await api.patchIntegration(id, { body: { intendedState: "ENABLED" } });
  const state = async () => (await api.getIntegration(id)).reportedState?.code;
  expect(await state()).toBe("ACTIVATING");
  nowMs += 2_000;
  expect(await state()).toBe("ACTIVE");

  const more = { ...properties, eventFilter: [...properties.eventFilter, "v2.users.{id}.activity"] };
  await api.putIntegrationConfigCurrent(id, { body: { ...config, properties: more } });
  const stale = await refusalOf(
    api.putIntegrationConfigCurrent(id, { body: { ...config, properties: more } }),
  );
  expect(stale).toEqual({
    status: 409,
    message: "Integration configuration update failed due to version conflict.",
  });

  const list = await api.getIntegrations({
    ...{ pageSize: 100, integrationType: "amazon-eventbridge-source", expand: ["config.current"] },
  });
  expect(list).toMatchObject({ total: 1, pageCount: 1, entities: [{ id, name: "analytics" }] });
  expect(list.entities?.[0]?.config?.current?.properties).toEqual(more);

  await api.patchIntegration(id, { body: { intendedState: "DISABLED" } });
  expect(await state()).toBe("DEACTIVATING");
  nowMs += 2_000;
  expect(await state()).toBe("INACTIVE");
  await api.deleteIntegration(id);
  expect(await refusalOf(api.getIntegration(id))).toMatchObject({ status: 404 });
});

test("a configuration that is not valid is refused, and without a whole one an integration is never active", async () => {
  const api = new IntegrationsApi();
  const make = async (name: string): Promise<string> =>
    (
      await api.postIntegrations({
        body: { name, integrationType: { id: "amazon-eventbridge-source" } },
      })
    ).id ?? "";
  const configure = async (id: string, properties: object) => {
    const now = await api.getIntegrationConfigCurrent(id);
    return refusalOf(api.putIntegrationConfigCurrent(id, { body: { ...now, properties } }));
  };
  const other = await make("other");
  expect(await configure(other, { ...source, awsAccountId: "" })).toMatchObject({ status: 400 });
  expect(await configure(other, { ...source, eventSourceSuffix: "x".repeat(65) })).toMatchObject({
    status: 400,
  });
  // Without a whole configuration it can be switched on, and never is.
  await api.patchIntegration(other, { body: { intendedState: "ENABLED" } });
  nowMs += 2_000;
  expect((await api.getIntegration(other)).reportedState).toMatchObject({
    code: "ERROR",
    detail: { message: "The configuration has no awsAccountId." },
  });
});

const trigger = {
  ...{ name: "alpha", topicName: "v2.detail.events.conversation.{id}.customer.end", enabled: false },
  target: { type: "Workflow", id: "a-workflow" },
  matchCriteria: [{ jsonPath: "mediaType", operator: "Equal", value: "VOICE" as unknown as object }],
  ...{ eventTTLSeconds: 60, description: "Consumer group: alpha" },
};

test("a trigger: created, re-pointed by its version, never to another topic, deleted", async () => {
  const api = new ProcessAutomationApi();
  const created = await api.postProcessautomationTriggers(trigger);
  const id = created.id ?? "";
  expect(created).toMatchObject({ ...trigger, version: 1 });
  const moved = { ...trigger, version: 1, target: { type: "Workflow", id: "another" } };
  expect(await api.putProcessautomationTrigger(id, moved)).toMatchObject({
    target: { id: "another" },
    version: 2,
  });
  expect(await refusalOf(api.putProcessautomationTrigger(id, moved))).toEqual({
    status: 409,
    message: "The version does not match the current version 2.",
  });
  const elsewhere = { ...moved, version: 2, topicName: "v2.users.{id}.presence" };
  expect(await refusalOf(api.putProcessautomationTrigger(id, elsewhere))).toEqual({
    status: 400,
    message: "topicName cannot be updated.",
  });
  expect(await api.getProcessautomationTrigger(id)).toMatchObject({ version: 2 });
  await api.deleteProcessautomationTrigger(id);
  expect(await refusalOf(api.getProcessautomationTrigger(id))).toMatchObject({ status: 404 });
});

test.each<[string, object]>([
  ["a time to live below ten seconds", { eventTTLSeconds: 9 }],
  ["both a time to live and a delay", { delayBySeconds: 60 }],
  ["a delay of more than 15 minutes", { eventTTLSeconds: undefined, delayBySeconds: 901 }],
  ["a description of more than 512 characters", { description: "x".repeat(513) }],
  ["a target that is no workflow", { target: { type: "Queue", id: "q" } }],
  ["an operator of its own", { matchCriteria: [{ jsonPath: "a", operator: "Like" }] }],
])("a trigger with %s is refused", async (_, change) => {
  const api = new ProcessAutomationApi();
  const answer = await refusalOf(api.postProcessautomationTriggers({ ...trigger, ...change }));
  expect(answer.status).toBe(400);
});

test("triggers are listed from a cursor, each once, also while others come and go", async () => {
  const api = new ProcessAutomationApi();
  const made: string[] = [];
  for (let number = 0; number < 7; number += 1)
    made.push((await api.postProcessautomationTriggers({ ...trigger, name: `t${number}` })).id ?? "");
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const page = await api.getProcessautomationTriggers({
      pageSize: "3",
      ...(after === undefined ? {} : { after }),
    });
    seen.push(...(page.entities ?? []).flatMap(({ id }) => id ?? []));
    // Whoever goes while the list is read leaves no hole in it.
    if (seen.length === 3) await api.deleteProcessautomationTrigger(seen[2] ?? "");
    after = new URL(page.nextUri ?? "/", "http://sandbox").searchParams.get("after") ?? undefined;
  } while (after !== undefined);
  expect(seen.toSorted()).toEqual(made.toSorted());
  const voice = await api.getProcessautomationTriggers({ topicName: "v2.users.{id}.presence" });
  expect(voice.entities).toEqual([]);
});

test("the topics, with their transports where they are asked for", async () => {
  const api = new NotificationsApi();
  const { entities = [] } = await api.getNotificationsAvailabletopics({ expand: ["transports"] });
  expect(entities.length).toBeGreaterThan(200);
  expect(entities.find(({ id }) => id === "v2.users.{id}.presence")?.transports).toContain("EventBridge");
  const plain = await api.getNotificationsAvailabletopics();
  expect(plain.entities?.[0]).not.toHaveProperty("transports");
});

test("the topics of triggers, and the limits of what they start", async () => {
  const { entities = [], nextUri = "" } =
    await new ProcessAutomationApi().getProcessautomationTriggersTopics({ pageSize: "200" });
  const after = new URL(nextUri, "http://sandbox").searchParams.get("after") ?? "";
  const rest = await new ProcessAutomationApi().getProcessautomationTriggersTopics({ after });
  expect(entities).toHaveLength(200);
  expect([...entities, ...(rest.entities ?? [])]).toContain("v2.users.{id}.presence");
  const limits = await new OrganizationApi().getOrganizationsLimitsNamespace("event.orchestration");
  expect(limits.entities?.map(({ value }) => value)).toEqual([36_000, 6_000, 80]);
});

test("integrations and triggers outlive the process", async () => {
  const before = await new IntegrationsApi().getIntegrations({});
  const triggers = await new ProcessAutomationApi().getProcessautomationTriggers({});
  expect(triggers.entities?.length).toBeGreaterThan(0);
  await sandbox.close();
  await start();
  expect(await new IntegrationsApi().getIntegrations({})).toEqual(before);
  expect(await new ProcessAutomationApi().getProcessautomationTriggers({})).toEqual(triggers);
});

test("a token and the organisation tell the same organisation", async () => {
  const { organization, OAuthClient } = await new TokensApi().getTokensMe();
  expect(organization).toEqual({ id: sandboxOrganisation.id, name: "Sandbox" });
  expect(OAuthClient).toMatchObject({ id: "sandbox", organization });
  expect(await new OrganizationApi().getOrganizationsMe()).toMatchObject({ ...organization });
});
