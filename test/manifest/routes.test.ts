// What AWS does not take, and what no connection is for, is found before anything is sent.
import { describe, expect, test } from "vitest";
import { builtInKinds } from "../../src/kinds/registry.ts";
import { makeConfig } from "../../src/manifest/config.ts";
import { makeSubscriptions } from "../../src/manifest/validate.ts";
import { anything, manifestText } from "./manifest-text.ts";

const queue = "arn:aws:sqs:us-east-1:123456789012:undelivered";

function configText(changes: Readonly<Record<string, string>> = {}): string {
  const keys: Record<string, string> = {
    account: '"123456789012"',
    region: "us-east-1",
    roleArn: "arn:aws:iam::123456789012:role/deliver",
    connections:
      '[{ hosts: ["*.example.com"], arn: "arn:aws:events:us-east-1:123456789012:connection/c/0a1b" }]',
    deadLetterArn: queue,
    ...changes,
  };
  return [
    "apiVersion: reconcile.genesys/v1",
    "kind: ReconcileConfig",
    "aws:",
    "  webhooks:",
    ...Object.entries(keys).map(([key, value]) => `    ${key}: ${value}`),
    "",
  ].join("\n");
}

function judge(changes: Parameters<typeof manifestText>[0], more = ""): readonly string[] {
  const config = makeConfig(configText(), "reconcile.yaml");
  if (!config.ok) throw new Error("the config of this test is not valid");
  const text = manifestText({ eventTypes: '  eventTypes: ["v2.users.{id}.presence"]', ...changes }, more);
  const kinds = builtInKinds.under(config.value);
  return makeSubscriptions([{ file: "a.yaml", text }], { ...anything, kinds }).diagnostics.map(
    ({ severity, code, line, column, hint }) =>
      `${severity} ${line ?? 0}:${column ?? 0} ${code}; ${hint ?? ""}`,
  );
}

describe("a manifest whose endpoint AWS delivers to", () => {
  test("has a published topic and a public host that a connection is for", () => {
    expect(judge({})).toEqual([]);
  });

  test.each([
    ["https://203.0.113.9/x", "address"],
    ["https://pipeline.internal/x", "noConnection"],
    ["https://hooks.example.org/x", "noConnection"],
    ["https://a.example.com/{x}", "notInAws"],
    ["https://a.example.com/*", "notInAws"],
  ])("is refused with the endpoint %s: %s", (url, code) => {
    const found = judge({ endpointUrl: `  endpointUrl: "${url}"` });
    expect(found[0]).toMatch(`error 6:16 endpointUrl/${code}; `);
  });

  test("is refused with a private host even where a connection is for it", () => {
    const config = makeConfig(configText(), "reconcile.yaml");
    if (!config.ok || !config.value.aws?.webhooks) throw new Error("the config is not valid");
    const [one] = config.value.aws.webhooks.connections;
    if (!one) throw new Error("there is one");
    const webhooks = { ...config.value.aws.webhooks, connections: [{ ...one, hosts: ["*"] }] };
    const kinds = builtInKinds.under({ ...config.value, aws: { ...config.value.aws, webhooks } });
    const text = manifestText({
      endpointUrl: "  endpointUrl: https://pipeline.internal/x",
      eventTypes: '  eventTypes: ["v2.users.{id}.presence"]',
    });
    const { diagnostics } = makeSubscriptions([{ file: "a.yaml", text }], { ...anything, kinds });
    expect(diagnostics).toMatchObject([{ severity: "error", code: "endpointUrl/private" }]);
  });

  test("is refused for each event type that is no topic, which names the nearest ones", () => {
    const found = judge({ eventTypes: "  eventTypes: [v2.users.presence, routing.queue.users]" });
    expect(found).toHaveLength(2);
    expect(found[0]).toMatch(
      /^error 7:16 eventTypes\/notPublished; did you mean "v2\.users\.\{id\}\.presence"/,
    );
    expect(found[1]).toMatch(
      /^error 7:35 eventTypes\/notPublished; .*"v2\.routing\.queues\.\{id\}\.users"/,
    );
  });

  test("is refused with an identifier, because a rule compares the topic as it is published", () => {
    const found = judge({ eventTypes: "  eventTypes: [v2.users.7a4e0d4c.presence]" });
    expect(found).toEqual([
      'error 7:16 eventTypes/identifier; write "v2.users.{id}.presence", and let the consumer choose the events by the topicName in their detail',
    ]);
  });

  test("may have a long path as its stateFile, which no description names", () => {
    const path = `/var/${"x".repeat(600)}`;
    expect(judge({ offsetTracking: `  offsetTracking: { stateFile: ${path} }` })).toEqual([]);
  });
});

describe("aws.webhooks", () => {
  test.each([
    ["roleArn", "arn:aws:iam::999999999999:role/deliver", "7:14"],
    ["deadLetterArn", "arn:aws:sqs:eu-west-1:123456789012:undelivered", "9:20"],
    ["deadLetterArn", "arn:aws-cn:sqs:us-east-1:123456789012:undelivered", "9:20"],
  ])("%s %s does not fit account and region", (key, arn, at) => {
    const { diagnostics, ok } = makeConfig(configText({ [key]: arn }), "reconcile.yaml");
    expect(ok).toBe(false);
    expect(diagnostics.map(({ code, line, column }) => `${code} ${line ?? 0}:${column ?? 0}`)).toEqual([
      `aws/arn ${at}`,
    ]);
  });

  test("warns of a config that names no queue", () => {
    const { diagnostics, ok } = makeConfig(configText({ deadLetterArn: "null" }), "reconcile.yaml");
    expect(ok).toBe(true);
    expect(diagnostics).toMatchObject([{ severity: "warning", code: "aws/noQueue", line: 9 }]);
  });
});

test("an event type that is no topic is named with its nearest ones in each of many groups", () => {
  const config = makeConfig(configText(), "reconcile.yaml");
  if (!config.ok) throw new Error("the config of this test is not valid");
  const kinds = builtInKinds.under(config.value);
  const files = Array.from({ length: 150 }, (_, number) => ({
    file: `${number}.yaml`,
    text: manifestText({
      name: `  name: g${number}`,
      eventTypes: '  eventTypes: ["v2.users.{id}.presense"]',
      offsetTracking: `  offsetTracking: { stateFile: /var/data/${number}.json }`,
    }),
  }));
  const { diagnostics } = makeSubscriptions(files, { ...anything, kinds });
  const hints = diagnostics.filter(({ severity }) => severity === "error").map(({ hint }) => hint);
  expect(hints).toHaveLength(150);
  expect(new Set(hints)).toEqual(new Set([expect.stringContaining('"v2.users.{id}.presence"')]));
});
