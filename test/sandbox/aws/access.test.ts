// What AWS answers before an action is looked at: credentials, permissions, rates, unknown actions.
import { expect, test } from "vitest";
import { handleAws, isForAws } from "../../../src/sandbox/aws/handle-aws.ts";
import { makeState } from "../../../src/sandbox/state.ts";
import { makeIds } from "../sandbox-client.ts";
import { makeAwsClient, pattern } from "./aws-client.ts";

const rule = { Name: "alpha-1", EventPattern: pattern };
const signedBy = (key: string) =>
  `AWS4-HMAC-SHA256 Credential=${key}/20261201/us-east-1/events/aws4_request`;

test.each([
  ["none", ""],
  ["a token of Genesys Cloud", "Bearer abc"],
  ["those of another account", signedBy("AKIAOTHER")],
  ["a scope that is cut off", "AWS4-HMAC-SHA256 Credential=sandbox/20261201"],
])("the credentials have to be the account's: %s", (_what, authorization) => {
  expect(makeAwsClient().aws("PutRule", rule, { authorization })).toMatchObject({
    status: 400,
    error: "UnrecognizedClientException",
    message: "The security token included in the request is invalid.",
    changed: false,
  });
});

test("an action that AWS does not have is an UnknownOperationException", () => {
  const client = makeAwsClient();
  for (const action of ["PutEverything", "toString", "__proto__", "PutPartnerEvents"])
    expect(client.aws(action)).toMatchObject({ status: 400, error: "UnknownOperationException" });
  const headers = { "x-amz-target": "AmazonSQS.ListQueues" };
  expect(client.aws("ListRules", {}, headers).error).toBe("UnknownOperationException");
});

test("a body that is no JSON object cannot be read", () => {
  const client = makeAwsClient();
  for (const body of [[], null, "text", 1])
    expect(client.aws("ListRules", body as unknown as object).error).toBe("SerializationException");
});

test("each n-th call is throttled, if a quirk says so; one that is refused counts too", () => {
  const client = makeAwsClient({ quirks: { throttlesEvery: 3 } });
  const errors = Array.from({ length: 6 }, () => client.aws("ListEventBuses").error);
  const thrown = "ThrottlingException";
  expect(errors).toEqual([undefined, undefined, thrown, undefined, undefined, thrown]);
});

test("so many calls a second are taken, if a quirk says so", () => {
  const client = makeAwsClient({ quirks: { callsASecond: 2 } });
  const call = () => client.aws("ListEventBuses").error;
  expect([call(), call(), call()]).toEqual([undefined, undefined, "ThrottlingException"]);
  client.nowMs += 1_000;
  expect(call()).toBeUndefined();
});

test("each n-th change meets another one, if a quirk says so; reads do not count", () => {
  const client = makeAwsClient({ quirks: { conflictsEvery: 2 } });
  client.aws("ListRules");
  expect(client.aws("PutRule", rule).error).toBeUndefined();
  expect(client.aws("PutRule", { ...rule, State: "DISABLED" })).toMatchObject({
    error: "ConcurrentModificationException",
    changed: false,
  });
  expect(client.aws("DescribeRule", rule).json).toMatchObject({ State: "ENABLED" });
});

test("an action for which the permission is missing is named", () => {
  const client = makeAwsClient({ quirks: { deniedActions: ["PutRule"] } });
  expect(client.aws("PutRule", rule)).toMatchObject({
    error: "AccessDeniedException",
    message:
      "User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform: events:PutRule on resource: arn:aws:events:us-east-1:123456789012:*",
  });
  expect(client.aws("ListRules").status).toBe(200);
});

test.each([
  [true, "POST", "/"],
  [true, "POST", "/aws"],
  [true, "POST", "http://127.0.0.1:4780/"],
  [true, "POST", "https://events.us-east-1.amazonaws.com"],
  [false, "GET", "/"],
  [false, "POST", "/oauth/token"],
  [false, "POST", "https://login.example.com/oauth/token"],
])("%s: AWS answers %s %s", (expected, method, url) => {
  expect(isForAws({ method, url, headers: {} })).toBe(expected);
});

test("STS answers in XML, and no other action than GetCallerIdentity", () => {
  const ask = (body: string, authorization = signedBy("sandbox")) => {
    const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8", authorization };
    const request = { method: "POST", url: "/", headers, body };
    return handleAws(makeState(), request, {
      nowMs: 0,
      random: makeIds(),
      aws: { account: "210987654321" },
    }).response;
  };
  const told = ask("Action=GetCallerIdentity&Version=2011-06-15");
  expect([told.status, told.headers["content-type"]]).toEqual([200, "text/xml"]);
  expect(told.body).toContain("<Account>210987654321</Account>");
  expect(ask("Action=AssumeRole")).toMatchObject({
    status: 400,
    body: expect.stringContaining("<Code>InvalidAction</Code>") as string,
  });
  expect(ask("Action=GetCallerIdentity", "")).toMatchObject({
    status: 403,
    body: expect.stringContaining("<Code>InvalidClientTokenId</Code>") as string,
  });
});
