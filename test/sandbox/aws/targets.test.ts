// Targets of rules: one test for each fact about AWS that the sandbox enforces. Sources: the API's definition of
// 2015-10-07 ("definition"), its documentation ("documented"), or public issues, which are named.
import { expect, test } from "vitest";
import { arnOf, makeAssociated, makeDestination, onBus, pattern, targetOf } from "./aws-client.ts";
import type { AwsClient, AwsReply } from "./aws-client.ts";

const ofRule = { Rule: "alpha-1", ...onBus };
const queue = "arn:aws:sqs:us-east-1:123456789012:undelivered";

function makeClient(): AwsClient {
  const client = makeAssociated();
  client.aws("PutRule", { Name: "alpha-1", ...onBus, EventPattern: pattern });
  return client;
}

function put(client: AwsClient, ...Targets: readonly object[]): AwsReply {
  return client.aws("PutTargets", { ...ofRule, Targets });
}

function targetsIn(client: AwsClient): unknown {
  return (client.aws("ListTargetsByRule", ofRule).json as { readonly Targets: unknown }).Targets;
}

test("a target is kept as it was sent, and replaced as a whole by its Id (documented)", () => {
  const client = makeClient();
  const arn = makeDestination(client);
  const more = {
    RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 180 },
    ...{ DeadLetterConfig: { Arn: queue }, HttpParameters: { HeaderParameters: { a: "b" } } },
  };
  expect(put(client, targetOf(arn, more))).toMatchObject({
    status: 200,
    json: { FailedEntryCount: 0, FailedEntries: [] },
  });
  expect(targetsIn(client)).toEqual([targetOf(arn, more)]);
  put(client, targetOf(arn));
  expect(targetsIn(client)).toEqual([targetOf(arn)]);
});

test.each([
  [{ MaximumRetryAttempts: -1 }, "-1", "maximumRetryAttempts", "greater than or equal to 0"],
  [{ MaximumRetryAttempts: 186 }, "186", "maximumRetryAttempts", "less than or equal to 185"],
  [{ MaximumEventAgeInSeconds: 59 }, "59", "maximumEventAgeInSeconds", "greater than or equal to 60"],
  [
    { MaximumEventAgeInSeconds: 86_401 },
    "86401",
    "maximumEventAgeInSeconds",
    "less than or equal to 86400",
  ],
])("a retry policy of %o is refused (definition)", (RetryPolicy, value, at, constraint) => {
  const client = makeClient();
  expect(put(client, targetOf(makeDestination(client), { RetryPolicy }))).toMatchObject({
    error: "ValidationException",
    message: `1 validation error detected: Value '${value}' at 'targets.1.member.retryPolicy.${at}' failed to satisfy constraint: Member must have value ${constraint}`,
  });
});

test.each([
  { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
  { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86_400 },
])("a retry policy of %o is good (definition)", (RetryPolicy) => {
  const client = makeClient();
  expect(put(client, targetOf(makeDestination(client), { RetryPolicy })).status).toBe(200);
});

test("an API destination is called by a role (documented)", () => {
  const client = makeClient();
  const arn = makeDestination(client);
  expect(put(client, { Id: "a", Arn: arn })).toMatchObject({
    error: "ValidationException",
    message: `RoleArn is required for target ${arn}.`,
  });
  expect(put(client, targetOf(arn, { RoleArn: "deliver" })).error).toBe("ValidationException");
});

test("what cannot be delivered goes to a queue of SQS, and nowhere else (documented)", () => {
  const client = makeClient();
  const arn = makeDestination(client);
  const withQueue = (Arn: string) => put(client, targetOf(arn, { DeadLetterConfig: { Arn } })).error;
  expect(withQueue(queue)).toBeUndefined();
  expect(withQueue("arn:aws:sns:us-east-1:123456789012:undelivered")).toBe("ValidationException");
});

test("a rule has at most five targets (aws-cloudformation/cfn-lint#306)", () => {
  const client = makeClient();
  const arn = makeDestination(client);
  const targets = ["a", "b", "c", "d", "e"].map((Id) => targetOf(arn, { Id }));
  expect(put(client, ...targets).status).toBe(200);
  expect(put(client, targetOf(arn, { Id: "f" }))).toMatchObject({
    error: "LimitExceededException",
    message: "The requested resource exceeds the maximum number allowed.",
  });
  expect(put(client, ...targets).status).toBe(200);
});

test("a request has at most ten entries (documented)", () => {
  const client = makeClient();
  const Ids = Array.from({ length: 11 }, (_, index) => `t-${index}`);
  expect(client.aws("RemoveTargets", { ...ofRule, Ids }).error).toBe("ValidationException");
  expect(put(client).error).toBe("ValidationException");
});

test("a target that the rule does not have can be removed (documented)", () => {
  const client = makeClient();
  expect(client.aws("RemoveTargets", { ...ofRule, Ids: ["a"] })).toMatchObject({
    json: { FailedEntryCount: 0, FailedEntries: [] },
    changed: false,
  });
});

test.each([
  ["PutTargets", { Targets: [targetOf(arnOf("event-bus/x"))] }],
  ["RemoveTargets", { Ids: ["a"] }],
  ["ListTargetsByRule", {}],
])("%s of a rule that does not exist is refused (definition)", (action, more) => {
  const { error } = makeClient().aws(action, { ...ofRule, Rule: "other", ...more });
  expect(error).toBe("ResourceNotFoundException");
});

test("ListRuleNamesByTarget names the rules of one bus (documented)", () => {
  const client = makeClient();
  const arn = makeDestination(client);
  put(client, targetOf(arn));
  expect(client.aws("ListRuleNamesByTarget", { TargetArn: arn, ...onBus }).json).toEqual({
    RuleNames: ["alpha-1"],
  });
  expect(client.aws("ListRuleNamesByTarget", { TargetArn: arn }).json).toEqual({ RuleNames: [] });
});
