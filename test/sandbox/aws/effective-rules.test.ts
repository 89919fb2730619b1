// What delivers at a time: rules that are enabled, of a bus whose source is active; changes that take effect late.
import { expect, test } from "vitest";
import { effectiveRules } from "../../../src/sandbox/aws/effective-rules.ts";
import { arnOf, makeAssociated, makeAwsClient, makeDestination, makeFeed } from "./aws-client.ts";
import { onBus, pattern, region, source, targetOf, type AwsClient } from "./aws-client.ts";

const rule = { Name: "alpha-1", ...onBus };

function makeRoute(client: AwsClient, more: object = {}): string {
  const arn = makeDestination(client);
  client.aws("PutRule", { ...rule, EventPattern: pattern });
  client.aws("PutTargets", { Rule: "alpha-1", ...onBus, Targets: [targetOf(arn, more)] });
  return arn;
}

function namesIn({ state, nowMs }: AwsClient): readonly string[] {
  return effectiveRules(state, nowMs).map(({ name }) => name);
}

test("a rule shows its pattern, and the endpoint, retries and queue of its targets", () => {
  const client = makeAssociated();
  const queue = "arn:aws:sqs:us-east-1:123456789012:undelivered";
  const arn = makeRoute(client, {
    RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 180 },
    DeadLetterConfig: { Arn: queue },
  });
  expect(effectiveRules(client.state, client.nowMs)).toEqual([
    {
      ...{ arn: arnOf(`rule/${source}/alpha-1`), name: "alpha-1", bus: source, pattern },
      ...{ region, account: "123456789012" },
      targets: [
        {
          ...{ id: "a", arn, endpoint: "https://pipeline.example.com/genesys" },
          ...{ mostRetries: 3, mostAgeSeconds: 180, deadLetterArn: queue },
        },
      ],
    },
  ]);
});

test("a target without a policy has 185 retries in a day; one without a destination leads nowhere", () => {
  const client = makeAssociated();
  makeRoute(client);
  client.aws("DeleteApiDestination", { Name: "alpha-1" });
  expect(effectiveRules(client.state, client.nowMs)[0]?.targets).toMatchObject([
    { endpoint: null, mostRetries: 185, mostAgeSeconds: 86_400, deadLetterArn: null },
  ]);
});

test("a disabled rule gets nothing", () => {
  const client = makeAssociated();
  makeRoute(client);
  client.aws("DisableRule", rule);
  expect(namesIn(client)).toEqual([]);
});

test("the rules of a bus get nothing while its source is deactivated, deleted or made anew", () => {
  const client = makeAwsClient();
  const id = makeFeed(client);
  const associate = { Name: source, EventSourceName: source };
  client.aws("CreateEventBus", associate);
  makeRoute(client);
  expect(namesIn(client)).toEqual(["alpha-1"]);
  client.aws("DeactivateEventSource", { Name: source });
  expect(namesIn(client)).toEqual([]);
  client.aws("ActivateEventSource", { Name: source });
  expect(namesIn(client)).toEqual(["alpha-1"]);
  client.call("DELETE", `/api/v2/integrations/${id}`);
  expect(namesIn(client)).toEqual([]);
  makeFeed(client);
  expect(namesIn(client)).toEqual([]);
  client.aws("CreateEventBus", associate);
  expect(namesIn(client)).toEqual(["alpha-1"]);
});

test("an association that takes effect late delivers late", () => {
  const client = makeAssociated({ quirks: { activationLagMs: 2_000 } });
  makeRoute(client);
  expect(namesIn(client)).toEqual([]);
  client.nowMs += 2_000;
  expect(namesIn(client)).toEqual(["alpha-1"]);
});

test("changes take effect late, each by a time of its own within the lag, and never later", () => {
  const ruleLagMs = 5_000;
  const client = makeAssociated({ quirks: { ruleLagMs } });
  const names = Array.from({ length: 40 }, (_, index) => `rule-${index}`);
  for (const Name of names) client.aws("PutRule", { Name, ...onBus, EventPattern: pattern });
  const start = client.nowMs;
  const countAt = (ms: number): number => effectiveRules(client.state, start + ms).length;
  expect(countAt(0)).toBeLessThan(names.length / 4);
  const counts = [0, 1_000, 2_500, 4_000, ruleLagMs].map(countAt);
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  expect(new Set(counts).size).toBe(counts.length);
  expect(counts.at(-1)).toBe(names.length);
  client.nowMs += ruleLagMs;
  for (const Name of names) client.aws("DeleteRule", { Name, ...onBus });
  expect(client.aws("ListRules", onBus).json).toEqual({ Rules: [] });
  expect(effectiveRules(client.state, client.nowMs).length).toBeGreaterThan(0);
  expect(effectiveRules(client.state, client.nowMs + ruleLagMs)).toEqual([]);
});

test("a later change in effect is not undone by an earlier one that comes after it", () => {
  const client = makeAssociated({ quirks: { ruleLagMs: 5_000 } });
  const start = client.nowMs;
  for (let count = 0; count < 20; count += 1)
    client.aws("PutRule", { ...rule, EventPattern: JSON.stringify({ "detail-type": [`v-${count}`] }) });
  const seen: number[] = [];
  for (let ms = 0; ms <= 5_000; ms += 10) {
    const text = effectiveRules(client.state, start + ms)[0]?.pattern;
    if (text !== undefined) seen.push(Number(/v-(\d+)/.exec(text)?.[1]));
  }
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(seen.at(-1)).toBe(19);
});

test("without the quirk a change takes effect at once", () => {
  const client = makeAssociated();
  client.aws("PutRule", { ...rule, EventPattern: pattern });
  expect(namesIn(client)).toEqual(["alpha-1"]);
  client.aws("DeleteRule", rule);
  expect(namesIn(client)).toEqual([]);
});
