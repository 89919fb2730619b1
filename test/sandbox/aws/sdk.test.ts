// The embedded AWS judged by AWS' own SDK, which signs, serialises and parses: each action over loopback, and each
// exception as the class that the SDK makes of it.
import {
  ActivateEventSourceCommand,
  ConcurrentModificationException,
  CreateApiDestinationCommand,
  CreateConnectionCommand,
  CreateEventBusCommand,
  DeactivateEventSourceCommand,
  DeleteApiDestinationCommand,
  DeleteConnectionCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  DescribeApiDestinationCommand,
  DescribeConnectionCommand,
  DescribeEventBusCommand,
  DescribeEventSourceCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  InvalidEventPatternException,
  InvalidStateException,
  LimitExceededException,
  ListApiDestinationsCommand,
  ListConnectionsCommand,
  ListEventBusesCommand,
  ListEventSourcesCommand,
  ListRuleNamesByTargetCommand,
  ListRulesCommand,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
  ManagedRuleException,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateApiDestinationCommand,
} from "@aws-sdk/client-eventbridge";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterEach, expect, test } from "vitest";
import { sandboxAws } from "../../../src/sandbox/aws/aws-account.ts";
import type { SandboxQuirks } from "../../../src/sandbox/quirks.ts";
import type { Sandbox } from "../../../src/sandbox/server.ts";
import type { SandboxState } from "../../../src/sandbox/state.ts";
import { arnOf, makeAwsClient, makeFeed, onBus, pattern, region, source, targetOf } from "./aws-client.ts";
import { startServed } from "./served.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Serves an organisation that has an event source; `prepare` may add to it. */
async function start(
  quirks: SandboxQuirks = {},
  prepare?: (state: SandboxState) => void,
): Promise<Sandbox> {
  const genesys = makeAwsClient();
  genesys.nowMs = Date.now();
  genesys.renewToken();
  makeFeed(genesys);
  prepare?.(genesys.state);
  const served = await startServed(genesys.state, quirks);
  cleanups.push(() => served.close());
  return served;
}

function settings({ url }: Sandbox, more: object = {}): object {
  return { endpoint: url, region, credentials: sandboxAws, maxAttempts: 1, ...more };
}

async function connect(quirks: SandboxQuirks = {}): Promise<EventBridgeClient> {
  const client = new EventBridgeClient(settings(await start(quirks)));
  cleanups.push(() => {
    client.destroy();
  });
  return client;
}

const named = { Name: "alpha-1" };
const rule = { ...named, ...onBus };

test("associates a source, and reads, deactivates and activates it", async () => {
  const client = await connect();
  const found = await client.send(new ListEventSourcesCommand({ NamePrefix: "aws.partner/genesys.com" }));
  expect(found.EventSources).toMatchObject([
    { Name: source, State: "PENDING", CreatedBy: "aws.partner/genesys.com" },
  ]);
  expect(found.EventSources?.[0]?.ExpirationTime).toBeInstanceOf(Date);
  const made = await client.send(new CreateEventBusCommand({ Name: source, EventSourceName: source }));
  expect(made.EventBusArn).toBe(arnOf(`event-bus/${source}`));
  const stateNow = async () => (await client.send(new DescribeEventSourceCommand({ Name: source }))).State;
  expect(await stateNow()).toBe("ACTIVE");
  await client.send(new DeactivateEventSourceCommand({ Name: source }));
  expect(await stateNow()).toBe("PENDING");
  await client.send(new ActivateEventSourceCommand({ Name: source }));
  expect(await stateNow()).toBe("ACTIVE");
  const bus = await client.send(new DescribeEventBusCommand({ Name: source }));
  expect(bus).toMatchObject({ Name: source, Arn: made.EventBusArn });
  const { EventBuses = [] } = await client.send(new ListEventBusesCommand({}));
  expect(EventBuses.map(({ Name }) => Name)).toEqual([source, "default"]);
  await client.send(new DeleteEventBusCommand({ Name: source }));
  expect(await stateNow()).toBe("PENDING");
});

test("makes, reads, changes and deletes a route: connection, destination, rule, target", async () => {
  const client = await connect();
  await client.send(new CreateEventBusCommand({ Name: source, EventSourceName: source }));
  const { ConnectionArn } = await client.send(
    new CreateConnectionCommand({
      Name: "pipeline",
      AuthorizationType: "API_KEY",
      AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: "x-key", ApiKeyValue: "hidden" } },
    }),
  );
  const { Connections } = await client.send(new ListConnectionsCommand({ NamePrefix: "pipe" }));
  expect(Connections).toMatchObject([{ Name: "pipeline", ConnectionState: "AUTHORIZED" }]);
  expect(await client.send(new DescribeConnectionCommand({ Name: "pipeline" }))).toMatchObject({
    ConnectionArn,
  });
  const InvocationEndpoint = "https://pipeline.example.com/genesys";
  const fields = { ConnectionArn, InvocationEndpoint, HttpMethod: "POST", Description: "ours" } as const;
  const { ApiDestinationArn = "" } = await client.send(
    new CreateApiDestinationCommand({ ...named, ...fields, InvocationRateLimitPerSecond: 300 }),
  );
  await client.send(new UpdateApiDestinationCommand({ ...named, InvocationRateLimitPerSecond: 100 }));
  const destination = await client.send(new DescribeApiDestinationCommand(named));
  expect(destination).toMatchObject({ ...fields, ApiDestinationArn, InvocationRateLimitPerSecond: 100 });
  const { ApiDestinations } = await client.send(new ListApiDestinationsCommand({ NamePrefix: "alpha" }));
  expect(ApiDestinations).toMatchObject([{ ...named, ApiDestinationState: "ACTIVE" }]);

  const { RuleArn = "" } = await client.send(new PutRuleCommand({ ...rule, EventPattern: pattern }));
  await client.send(new DisableRuleCommand(rule));
  expect(await client.send(new DescribeRuleCommand(rule))).toMatchObject({ State: "DISABLED" });
  await client.send(new EnableRuleCommand(rule));
  const { Rules } = await client.send(new ListRulesCommand({ ...onBus, NamePrefix: "alpha" }));
  expect(Rules).toMatchObject([{ ...rule, Arn: RuleArn, State: "ENABLED", EventPattern: pattern }]);
  const target = targetOf(ApiDestinationArn, {
    RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 180 },
    DeadLetterConfig: { Arn: "arn:aws:sqs:us-east-1:123456789012:undelivered" },
  }) as { Id: string; Arn: string };
  const ofRule = { Rule: named.Name, ...onBus };
  const put = await client.send(new PutTargetsCommand({ ...ofRule, Targets: [target] }));
  expect(put).toMatchObject({ FailedEntryCount: 0, FailedEntries: [] });
  const { Targets } = await client.send(new ListTargetsByRuleCommand(ofRule));
  expect(Targets).toEqual([target]);
  const byTarget = new ListRuleNamesByTargetCommand({ TargetArn: ApiDestinationArn, ...onBus });
  expect(await client.send(byTarget)).toMatchObject({ RuleNames: [named.Name] });
  await client.send(new TagResourceCommand({ ResourceARN: RuleArn, Tags: [{ Key: "a", Value: "b" }] }));
  const readTags = () => client.send(new ListTagsForResourceCommand({ ResourceARN: RuleArn }));
  expect(await readTags()).toMatchObject({ Tags: [{ Key: "a", Value: "b" }] });
  await client.send(new UntagResourceCommand({ ResourceARN: RuleArn, TagKeys: ["a"] }));
  expect(await readTags()).toMatchObject({ Tags: [] });

  await client.send(new RemoveTargetsCommand({ ...ofRule, Ids: [target.Id] }));
  await client.send(new DeleteRuleCommand(rule));
  await client.send(new DeleteApiDestinationCommand(named));
  await client.send(new DeleteConnectionCommand({ Name: "pipeline" }));
  expect((await client.send(new ListRulesCommand(onBus))).Rules).toEqual([]);
});

test("STS tells the account and who asks", async () => {
  const served = await start();
  const client = new STSClient(settings(served));
  expect(await client.send(new GetCallerIdentityCommand())).toMatchObject({
    Account: sandboxAws.account,
    Arn: `arn:aws:iam::${sandboxAws.account}:user/sandbox`,
    UserId: "AIDASANDBOX",
  });
  const stranger = new STSClient(
    settings(served, { credentials: { ...sandboxAws, accessKeyId: "other" } }),
  );
  await expect(stranger.send(new GetCallerIdentityCommand())).rejects.toMatchObject({
    name: "InvalidClientTokenId",
    $metadata: { httpStatusCode: 403 },
  });
});

test("credentials of another account are refused", async () => {
  const credentials = { ...sandboxAws, accessKeyId: "other" };
  const client = new EventBridgeClient(settings(await start(), { credentials }));
  await expect(client.send(new ListEventBusesCommand({}))).rejects.toMatchObject({
    name: "UnrecognizedClientException",
    $metadata: { httpStatusCode: 400 },
  });
});

test("exceptions come back as the SDK's own classes", async () => {
  const client = await connect();
  const associate = new CreateEventBusCommand({ Name: source, EventSourceName: source });
  await client.send(associate);
  const put = (more: object) =>
    client.send(new PutRuleCommand({ ...rule, EventPattern: pattern, ...more }));
  await expect(client.send(associate)).rejects.toBeInstanceOf(ResourceAlreadyExistsException);
  await expect(client.send(new DescribeRuleCommand(rule))).rejects.toBeInstanceOf(
    ResourceNotFoundException,
  );
  await expect(put({ EventPattern: "{" })).rejects.toBeInstanceOf(InvalidEventPatternException);
  const long = JSON.stringify({ "detail-type": ["x".repeat(2_048)] });
  await expect(put({ EventPattern: long })).rejects.toBeInstanceOf(LimitExceededException);
  await expect(put({ Name: "a/b" })).rejects.toMatchObject({ name: "ValidationException" });
  const activate = client.send(new ActivateEventSourceCommand({ Name: source }));
  await expect(activate).rejects.toBeInstanceOf(InvalidStateException);
});

test("a rule that another service manages is a ManagedRuleException", async () => {
  const managed = { ...named, busArn: arnOf("event-bus/default"), ManagedBy: "pipes.amazonaws.com" };
  const served = await start({}, ({ aws }) => {
    const fields = { EventPattern: pattern, State: "ENABLED", Targets: [], Tags: [] };
    aws.rules.set(arnOf("rule/alpha-1"), { ...managed, ...fields });
  });
  const client = new EventBridgeClient(settings(served));
  const changed = client.send(new DisableRuleCommand(named));
  await expect(changed).rejects.toBeInstanceOf(ManagedRuleException);
});

test.each([
  [{ throttlesEvery: 1 }, { name: "ThrottlingException" }],
  [{ deniedActions: ["PutRule"] }, { name: "AccessDeniedException" }],
])("refused with %o: %o", async (quirks, error) => {
  const client = await connect(quirks);
  const put = client.send(new PutRuleCommand({ ...named, EventPattern: pattern }));
  await expect(put).rejects.toMatchObject({ ...error, $metadata: { httpStatusCode: 400 } });
});

test("changes that meet are a ConcurrentModificationException", async () => {
  const client = await connect({ conflictsEvery: 2 });
  const put = () => client.send(new PutRuleCommand({ ...named, EventPattern: pattern }));
  await put();
  await expect(put()).rejects.toBeInstanceOf(ConcurrentModificationException);
  await put();
});

test("the SDK's own retries come through throttling", async () => {
  const served = await start({ throttlesEvery: 2 });
  const client = new EventBridgeClient(settings(served, { maxAttempts: 3 }));
  for (let count = 0; count < 3; count += 1) await client.send(new ListEventBusesCommand({}));
});
