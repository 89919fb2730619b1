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
  ["", {}],
  ["node_dynamodb_empty_string", { emptyNotes: "node_dynamodb_empty_string" }],
])("empty notes read as %j everywhere until something is written into them", (notes, quirks) => {
  const client = makeSandboxClient({ quirks });
  const id = createIn(client);
  const current = `${path}/${id}/config/current`;
  expect(client.call("GET", current).json).toMatchObject({ version: 1, notes });
  expect(client.call("GET", `${path}/${id}`).json).toMatchObject({ notes, config: { current: { notes } } });
  client.call("PUT", current, { version: 1, notes: "ours", properties: {} });
  expect(client.call("GET", current).json).toMatchObject({ notes: "ours" });
});
