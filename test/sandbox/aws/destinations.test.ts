// API destinations, connections and tags: one test for each fact about AWS that the sandbox enforces. Sources: the API's
// definition of 2015-10-07 ("definition"), its documentation ("documented"), or what is named.
import { expect, test } from "vitest";
import { arnOf, connection, makeAssociated, makeAwsClient, makeDestination } from "./aws-client.ts";
import { onBus, pattern, source, targetOf, type AwsReply } from "./aws-client.ts";

const named = { Name: "alpha-1" };
const fields = {
  ...named,
  ...{ ConnectionArn: connection, HttpMethod: "POST", Description: "ours" },
  InvocationEndpoint: "https://pipeline.example.com/genesys",
};

function create(more: object = {}): AwsReply {
  return makeAwsClient().aws("CreateApiDestination", { ...fields, ...more });
}

test("only DescribeApiDestination tells the description; a list does not (definition)", () => {
  const client = makeAwsClient();
  const { json } = client.aws("CreateApiDestination", fields);
  const time = client.nowMs / 1_000;
  const made = { ApiDestinationState: "ACTIVE", CreationTime: time, LastModifiedTime: time };
  expect(json).toEqual({ ApiDestinationArn: arnOf("api-destination/alpha-1/id-2"), ...made });
  const whole = { ...fields, ...(json as object), InvocationRateLimitPerSecond: 300 };
  expect(client.aws("DescribeApiDestination", named).json).toEqual(whole);
  const listed = { ...whole, Description: undefined };
  const list = client.aws("ListApiDestinations").json;
  expect(list).toEqual({ ApiDestinations: [listed] });
  expect(JSON.stringify(list)).not.toContain("ours");
});

test("a name is taken once a region (definition)", () => {
  const client = makeAwsClient();
  client.aws("CreateApiDestination", fields);
  const again = client.aws("CreateApiDestination", fields);
  expect(again.error).toBe("ResourceAlreadyExistsException");
});

test("one that is deleted and made again has another ARN (documented)", () => {
  const client = makeAwsClient();
  const first = makeDestination(client);
  client.aws("DeleteApiDestination", named);
  expect(makeDestination(client)).not.toBe(first);
});

test("an update keeps what it leaves out (documented: only the name is required)", () => {
  const client = makeAwsClient();
  client.aws("CreateApiDestination", fields);
  client.nowMs += 5_000;
  client.aws("UpdateApiDestination", { ...named, InvocationRateLimitPerSecond: 100 });
  expect(client.aws("DescribeApiDestination", named).json).toMatchObject({
    ...fields,
    ...{ InvocationRateLimitPerSecond: 100, LastModifiedTime: client.nowMs / 1_000 },
  });
});

test("a connection has to exist (definition)", () => {
  const ConnectionArn = arnOf("connection/other/0a1b2c3d");
  expect(create({ ConnectionArn }).error).toBe("ResourceNotFoundException");
});

test.each([
  { InvocationEndpoint: "http://pipeline.example.com" },
  { InvocationEndpoint: "https://127.0.0.1/x" },
  { InvocationEndpoint: "https://pipeline.internal/x" },
  { InvocationEndpoint: "https://pipeline.example.com/<x>" },
  { InvocationEndpoint: `https://pipeline.example.com/${"x".repeat(2_048)}` },
  { HttpMethod: "post" },
  { InvocationRateLimitPerSecond: 0 },
  { Name: "x".repeat(65) },
  { Description: "x".repeat(513) },
  { ConnectionArn: "pipeline" },
])("%o is refused: https, public names, and the definition's lengths (documented)", (more) => {
  expect(create(more)).toMatchObject({ error: "ValidationException", changed: false });
});

test.each(["DescribeApiDestination", "UpdateApiDestination", "DeleteApiDestination"])(
  "%s of one that does not exist is refused (definition; wording: localstack)",
  (action) => {
    const { error, message } = makeAwsClient().aws(action, named);
    const verb = action.replace("ApiDestination", "").toLowerCase();
    expect([error, message]).toEqual([
      "ResourceNotFoundException",
      `Failed to ${verb} the api-destination(s). An api-destination 'alpha-1' does not exist.`,
    ]);
  },
);

test("one that rules point at can be deleted: no exception of DeleteApiDestination says otherwise", () => {
  const client = makeAssociated();
  const arn = makeDestination(client);
  client.aws("PutRule", { ...named, ...onBus, EventPattern: pattern });
  client.aws("PutTargets", { Rule: "alpha-1", ...onBus, Targets: [targetOf(arn)] });
  expect(client.aws("DeleteApiDestination", named).status).toBe(200);
  expect(client.aws("ListTargetsByRule", { Rule: "alpha-1", ...onBus }).json).toMatchObject({
    Targets: [{ Arn: arn }],
  });
});

test("destinations are listed by prefix and by connection (definition)", () => {
  const client = makeAwsClient();
  makeDestination(client, "alpha-1");
  makeDestination(client, "beta-1");
  const list = (input: object) => client.aws("ListApiDestinations", input).json;
  expect(list({ NamePrefix: "alpha" })).toMatchObject({ ApiDestinations: [{ Name: "alpha-1" }] });
  expect(list({ ConnectionArn: connection, Limit: 1 })).toMatchObject({
    ApiDestinations: [{ Name: "alpha-1" }],
    NextToken: expect.any(String) as string,
  });
  expect(list({ ConnectionArn: arnOf("connection/other/1") })).toEqual({ ApiDestinations: [] });
});

test("a connection is created without showing its secret, described, listed and deleted (definition)", () => {
  const client = makeAwsClient();
  const AuthParameters = { ApiKeyAuthParameters: { ApiKeyName: "x-key", ApiKeyValue: "hidden" } };
  const made = { Name: "second", AuthorizationType: "API_KEY", AuthParameters };
  client.aws("CreateConnection", made);
  expect(client.aws("CreateConnection", made).error).toBe("ResourceAlreadyExistsException");
  expect(JSON.stringify(client.aws("DescribeConnection", { Name: "second" }).json)).not.toContain("hidden");
  const names = () => {
    const { json } = client.aws("ListConnections");
    return (json as { Connections: { Name: string }[] }).Connections.map(({ Name }) => Name);
  };
  expect(names()).toEqual(["pipeline", "second"]);
  client.aws("DeleteConnection", { Name: "second" });
  expect(names()).toEqual(["pipeline"]);
  expect(client.aws("DescribeConnection", { Name: "second" }).error).toBe("ResourceNotFoundException");
});

test("rules and buses have tags, at most fifty, of which a later value replaces an earlier (documented)", () => {
  const client = makeAssociated();
  client.aws("PutRule", { ...named, ...onBus, EventPattern: pattern });
  for (const ResourceARN of [arnOf(`rule/${source}/alpha-1`), arnOf(`event-bus/${source}`)]) {
    const add = (Tags: readonly object[]) => client.aws("TagResource", { ResourceARN, Tags });
    add([
      { Key: "a", Value: "1" },
      { Key: "b", Value: "2" },
    ]);
    add([{ Key: "a", Value: "3" }]);
    client.aws("UntagResource", { ResourceARN, TagKeys: ["b"] });
    expect(client.aws("ListTagsForResource", { ResourceARN }).json).toEqual({
      Tags: [{ Key: "a", Value: "3" }],
    });
    const many = Array.from({ length: 50 }, (_, index) => ({ Key: `k-${index}`, Value: "" }));
    expect(add(many).error).toBe("ValidationException");
  }
});

test("what does not exist, or is an API destination, has no tags (documented)", () => {
  const client = makeAwsClient();
  for (const ResourceARN of [arnOf("rule/other"), makeDestination(client)])
    expect(client.aws("TagResource", { ResourceARN, Tags: [] }).error).toBe("ResourceNotFoundException");
});
