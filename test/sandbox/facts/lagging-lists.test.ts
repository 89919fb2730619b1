// How a list that lags behind answers, for every resource.
import { expect, test } from "vitest";
import { makeSandboxClient, webhookBody, type SandboxClient } from "../sandbox-client.ts";

interface Listed {
  readonly entities: readonly { readonly id: string }[];
}

const eachResource = [
  {
    nouns: "webhooks",
    path: "/api/v2/webhooks",
    query: "",
    body: webhookBody(),
    change: (client: SandboxClient, at: string) =>
      client.call("PUT", at, webhookBody({ description: "changed" })),
    isChanged: { description: "changed" },
  },
  {
    nouns: "integrations",
    path: "/api/v2/integrations",
    query: "?expand=config.current",
    body: { name: "alpha", integrationType: { id: "amazon-eventbridge-source" } },
    change: (client: SandboxClient, at: string) =>
      client.call("PUT", `${at}/config/current`, { version: 1, notes: "changed", properties: {} }),
    isChanged: { config: { current: { notes: "changed" } } },
  },
  {
    nouns: "triggers",
    path: "/api/v2/processautomation/triggers",
    query: "",
    body: triggerBody({}),
    change: (client: SandboxClient, at: string) =>
      client.call("PUT", at, triggerBody({ version: 1, enabled: false })),
    isChanged: { enabled: false, version: 2 },
  },
];

function triggerBody(more: object): object {
  const target = { type: "Workflow", id: "11111111-2222-4333-8444-555555555555" };
  return { name: "alpha", topicName: "v2.users.{id}.presence", target, enabled: true, ...more };
}

test.each(eachResource)(
  "a list of $nouns may lag: it shows what is new, changed or deleted a while later, and a read by id at once",
  ({ path, query, body, change, isChanged }) => {
    const client = makeSandboxClient({ quirks: { listLagMs: 5_000 } });
    const list = () => (client.call("GET", `${path}${query}`).json as Listed).entities;
    expect(list()).toEqual([]);
    const { id } = client.call("POST", path, body).json as { readonly id: string };
    const at = `${path}/${id}`;

    client.nowMs += 4_999;
    expect(list()).toEqual([]);
    expect(client.call("GET", at)).toMatchObject({ status: 200, json: { id } });
    client.nowMs += 1;
    expect(list()).toMatchObject([{ id }]);

    expect(change(client, at).status).toBe(200);
    client.nowMs += 4_999;
    expect(list()).not.toMatchObject([isChanged]);
    expect(client.call("GET", at).json).toMatchObject(isChanged);
    client.nowMs += 1;
    expect(list()).toMatchObject([isChanged]);

    client.call("DELETE", at);
    client.nowMs += 4_999;
    expect(list()).toMatchObject([{ id }]);
    expect(client.call("GET", at).status).toBe(404);
    client.nowMs += 1;
    expect(list()).toEqual([]);
  },
);

test("without the quirk a list shows the present", () => {
  const client = makeSandboxClient();
  client.call("POST", "/api/v2/webhooks", webhookBody());
  expect(client.call("GET", "/api/v2/webhooks").json).toMatchObject({ total: 1 });
});

test("a list that lags remembers a bounded number of changes: beyond them it shows newer ones", () => {
  const client = makeSandboxClient({ quirks: { listLagMs: 3_600_000 } });
  for (let index = 0; index < 1_100; index += 1) {
    client.nowMs += 1_000;
    const name = `webhook-${index}`;
    client.state.webhooks.set(name, { ...webhookBody({ name }), id: name } as never);
    client.renewToken();
  }
  const { total } = client.call("GET", "/api/v2/webhooks?pageSize=1").json as { readonly total: number };
  expect(total).toBeGreaterThanOrEqual(100);
  expect(total).toBeLessThan(110);
});
