// Rules: one test for each fact about AWS that the sandbox enforces. Sources: the API's definition of 2015-10-07
// ("definition"), its documentation ("documented"), or public issues, which are named.
import { expect, test } from "vitest";
import { arnOf, makeAssociated, makeAwsClient, onBus, pattern, source, targetOf } from "./aws-client.ts";
import type { AwsClient, AwsReply } from "./aws-client.ts";

const rule = { Name: "alpha-1", ...onBus };

function put(client: AwsClient, more: object = {}): AwsReply {
  return client.aws("PutRule", { ...rule, EventPattern: pattern, ...more });
}

test("PutRule replaces the whole rule: what is left out becomes nothing (documented)", () => {
  const client = makeAssociated();
  const arn = arnOf(`rule/${source}/alpha-1`);
  expect(put(client, { Description: "ours", State: "DISABLED" }).json).toEqual({ RuleArn: arn });
  put(client);
  expect(client.aws("DescribeRule", rule).json).toEqual({
    ...{ Name: "alpha-1", Arn: arn, EventBusName: source, EventPattern: pattern },
    ...{ State: "ENABLED", CreatedBy: "123456789012" },
  });
});

test("targets and tags of a rule stay; tags of an update are ignored (documented)", () => {
  const client = makeAssociated();
  const [first, other] = [
    { Key: "a", Value: "b" },
    { Key: "c", Value: "d" },
  ];
  put(client, { Tags: [first] });
  client.aws("PutTargets", { Rule: "alpha-1", ...onBus, Targets: [targetOf(arnOf("event-bus/x"))] });
  put(client, { Tags: [other] });
  expect(client.aws("ListTargetsByRule", { Rule: "alpha-1", ...onBus }).json).toMatchObject({
    Targets: [{ Id: "a" }],
  });
  const ResourceARN = arnOf(`rule/${source}/alpha-1`);
  expect(client.aws("ListTagsForResource", { ResourceARN }).json).toEqual({ Tags: [first] });
});

test.each([
  [{ Name: "a/b" }, "name", "Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+"],
  [{ Name: "x".repeat(65) }, "name", "Member must have length less than or equal to 64"],
  [{ Description: "x".repeat(513) }, "description", "Member must have length less than or equal to 512"],
  [
    { EventPattern: "x".repeat(4_097) },
    "eventPattern",
    "Member must have length less than or equal to 4096",
  ],
  [
    { State: "enabled" },
    "state",
    "Member must satisfy enum value set: [ENABLED, DISABLED, ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS]",
  ],
])("PutRule refuses %o (definition)", (more, at, constraint) => {
  const value = String(Object.values(more)[0]);
  expect(put(makeAssociated(), more)).toMatchObject({
    status: 400,
    error: "ValidationException",
    message: `1 validation error detected: Value '${value}' at '${at}' failed to satisfy constraint: ${constraint}`,
    changed: false,
  });
});

test("a name of 64 characters and a description of 512 are good (definition)", () => {
  const longest = { Name: "x".repeat(64), Description: "é".repeat(512) };
  expect(put(makeAssociated(), longest).status).toBe(200);
});

test("a missing member is named, a member of a wrong type cannot be read (definition)", () => {
  const client = makeAssociated();
  expect(client.aws("PutRule", { Name: null })).toMatchObject({
    error: "ValidationException",
    message:
      "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null",
  });
  expect(put(client, { Name: 1 })).toMatchObject({
    error: "SerializationException",
    message: "NUMBER_VALUE can not be converted to a String",
  });
});

test("a pattern has at most 2,048 characters (default quota)", () => {
  const client = makeAssociated();
  const patternOf = (size: number) => {
    const empty = JSON.stringify({ "detail-type": [""] });
    return JSON.stringify({ "detail-type": ["x".repeat(size - empty.length)] });
  };
  expect(put(client, { EventPattern: patternOf(2_048) }).status).toBe(200);
  expect(put(client, { EventPattern: patternOf(2_049) }).error).toBe("LimitExceededException");
});

test.each(["{", "[]", "{}", '{"a":"b"}', '{"a":[]}', '{"a":{"b":1}}', '{"a":[["b"]]}'])(
  "the pattern %s is not valid (definition; buildkite/docs#896)",
  (EventPattern) => {
    const { error, message } = put(makeAssociated(), { EventPattern });
    expect([error, message]).toEqual([
      "InvalidEventPatternException",
      expect.stringMatching(/^Event pattern is not valid\. Reason: /),
    ]);
  },
);

test("a rule has a pattern or a schedule, and a schedule only on the default bus (documented)", () => {
  const client = makeAssociated();
  expect(client.aws("PutRule", rule).error).toBe("ValidationException");
  expect(put(client, { ScheduleExpression: "rate(1 day)" }).error).toBe("ValidationException");
  const hourly = { Name: "hourly", ScheduleExpression: "rate(1 hour)" };
  expect(client.aws("PutRule", hourly).json).toEqual({ RuleArn: arnOf("rule/hourly") });
});

test("a rule of a bus that does not exist is refused; a bus may be named by its ARN (definition)", () => {
  const client = makeAssociated();
  expect(put(client, { EventBusName: "other" })).toMatchObject({
    error: "ResourceNotFoundException",
    message: "Event bus other does not exist.",
  });
  expect(put(client, { EventBusName: arnOf(`event-bus/${source}`) }).status).toBe(200);
  expect(client.aws("DescribeRule", rule).status).toBe(200);
});

test("a bus has at most 300 rules; those that exist can still be changed (documented)", () => {
  const client = makeAssociated();
  for (let number = 0; number < 300; number += 1)
    expect(put(client, { Name: `rule-${number}` }).status).toBe(200);
  expect(put(client)).toMatchObject({
    error: "LimitExceededException",
    message: "The requested resource exceeds the maximum number allowed.",
  });
  expect(put(client, { Name: "rule-0", State: "DISABLED" }).status).toBe(200);
});

test("ListRules gives pages of 100, by prefix, without targets or CreatedBy (documented)", () => {
  const client = makeAssociated();
  for (let number = 0; number < 150; number += 1) put(client, { Name: `b-${number}` });
  put(client, { Name: "a" });
  const names: string[] = [];
  let token: string | undefined;
  const sizes: number[] = [];
  do {
    const more = token === undefined ? {} : { NextToken: token };
    const { json } = client.aws("ListRules", { ...onBus, NamePrefix: "b-", ...more });
    const page = json as { readonly Rules: readonly { readonly Name: string }[]; NextToken?: string };
    names.push(...page.Rules.map(({ Name }) => Name));
    sizes.push(page.Rules.length);
    token = page.NextToken;
  } while (token !== undefined);
  expect([sizes, new Set(names).size]).toEqual([[100, 50], 150]);
  expect(client.aws("ListRules", { ...onBus, NamePrefix: "a" }).json).toEqual({
    Rules: [
      {
        ...{ Name: "a", Arn: arnOf(`rule/${source}/a`), EventBusName: source },
        ...{ EventPattern: pattern, State: "ENABLED" },
      },
    ],
  });
  expect(client.aws("ListRules", { ...onBus, Limit: 101 }).error).toBe("ValidationException");
  expect(client.aws("ListRules", { ...onBus, NextToken: "nonsense" }).error).toBe("ValidationException");
  expect(client.aws("ListRules", { EventBusName: "other" }).error).toBe("ResourceNotFoundException");
});

test("EnableRule and DisableRule change the state alone (documented)", () => {
  const client = makeAssociated();
  put(client, { Description: "ours" });
  client.aws("DisableRule", rule);
  const { json } = client.aws("DescribeRule", rule);
  expect(json).toMatchObject({ State: "DISABLED", Description: "ours", EventPattern: pattern });
  expect(client.aws("DisableRule", rule)).toMatchObject({ status: 200, changed: false });
  expect(client.aws("EnableRule", { ...rule, Name: "other" })).toMatchObject({
    error: "ResourceNotFoundException",
    message: `Rule other does not exist on EventBus ${source}.`,
  });
});

test("a rule with targets cannot be deleted, not even with Force (getmoto/moto#5056)", () => {
  const client = makeAssociated();
  put(client);
  const ofRule = { Rule: "alpha-1", ...onBus };
  client.aws("PutTargets", { ...ofRule, Targets: [targetOf(arnOf("event-bus/x"))] });
  expect(client.aws("DeleteRule", { ...rule, Force: true })).toMatchObject({
    error: "ValidationException",
    message: "Rule can't be deleted since it has targets.",
  });
  client.aws("RemoveTargets", { ...ofRule, Ids: ["a"] });
  expect(client.aws("DeleteRule", rule).status).toBe(200);
  expect(client.aws("DescribeRule", rule).error).toBe("ResourceNotFoundException");
});

test("a rule that does not exist can be deleted, on a bus that exists (documented)", () => {
  const client = makeAssociated();
  expect(client.aws("DeleteRule", rule)).toMatchObject({ status: 200, json: undefined, changed: false });
  const other = client.aws("DeleteRule", { ...rule, EventBusName: "other" });
  expect(other.error).toBe("ResourceNotFoundException");
});

test("a managed rule is changed by its service alone; Force deletes it (documented)", () => {
  const client = makeAwsClient();
  const Name = "theirs";
  const arn = arnOf(`rule/${Name}`);
  const fields = { EventPattern: pattern, State: "ENABLED", Targets: [], Tags: [] };
  const busArn = arnOf("event-bus/default");
  client.state.aws.rules.set(arn, { Name, busArn, ManagedBy: "pipes.amazonaws.com", ...fields });
  const Targets = [targetOf(arnOf("event-bus/x"))];
  const tries: readonly (readonly [string, object])[] = [
    ["PutRule", { Name, EventPattern: pattern }],
    ["DisableRule", { Name }],
    ["PutTargets", { Rule: Name, Targets }],
    ["RemoveTargets", { Rule: Name, Ids: ["a"] }],
    ["TagResource", { ResourceARN: arn, Tags: [] }],
    ["DeleteRule", { Name }],
  ];
  for (const [action, input] of tries)
    expect([action, client.aws(action, input).error]).toEqual([action, "ManagedRuleException"]);
  expect(client.aws("DescribeRule", { Name }).json).toMatchObject({ ManagedBy: "pipes.amazonaws.com" });
  expect(client.aws("DeleteRule", { Name, Force: true }).status).toBe(200);
});
