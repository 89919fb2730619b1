// What the vendor's sources tell of, and not every organisation answers: off unless somebody asks for it.
import { expect, test } from "vitest";
import { makeSandboxClient, type SandboxClient } from "./sandbox-client.ts";

const path = "/api/v2/integrations";

function createIn(client: SandboxClient): string {
  const body = { name: "alpha", integrationType: { id: "amazon-eventbridge-source" } };
  const { json } = client.call("POST", path, body);
  return (json as { readonly id: string }).id;
}

test.each([
  [409, {}],
  [200, { deletesEnabled: true }],
])("a DELETE of one that is switched on is answered %i", (status, quirks) => {
  const client = makeSandboxClient({ quirks });
  const id = createIn(client);
  client.call("PATCH", `${path}/${id}`, { intendedState: "ENABLED" });
  expect(client.call("DELETE", `${path}/${id}`).status).toBe(status);
  expect(client.state.integrations.has(id)).toBe(status === 409);
});

test.each([
  [409, {}],
  [200, { sharesSources: true }],
])("a second integration of the same event source is answered %i", (status, quirks) => {
  const client = makeSandboxClient({ quirks });
  const properties = {
    ...{ awsAccountId: "123456789012", awsAccountRegion: "us-east-1", eventSourceSuffix: "events" },
    eventFilter: ["v2.a.created"],
  };
  const configure = (): number =>
    client.call("PUT", `${path}/${createIn(client)}/config/current`, { version: 1, properties }).status;
  expect(configure()).toBe(200);
  expect(configure()).toBe(status);
});
