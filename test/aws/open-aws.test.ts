// How AWS is asked: what is sent, what is sent again, and what becomes of each refusal.
import { expect, test } from "vitest";
import { openAws, type AwsSettings } from "../../src/aws/open-aws.ts";
import type { AwsAccess, AwsRequest } from "../../src/model/aws-api.ts";
import { ReconcileError } from "../../src/model/errors.ts";
import { failureOf, makeFakeSend, reply, type Answer } from "../genesys/fake-send.ts";
import { makeFakeClock } from "../support/fake-clock.ts";

const embedded = {
  endpoint: "http://127.0.0.1:1",
  accessKeyId: "sandbox",
  secretAccessKey: "sandbox-secret",
};
const access: AwsAccess = { profile: null, assumeRole: null, region: null, embedded };
const bus = { EventBusName: "aws.partner/genesys.com/cloud/o/s" };

function refusal(name: string, message = "", status = 400): Answer {
  return reply(status, { __type: name, message }, { "x-amzn-requestid": "r-1" });
}

function open(answers: readonly Answer[], more: Partial<AwsSettings> = {}, its: AwsAccess = access) {
  const network = makeFakeSend((_request, index) => answers[index] ?? reply(200, {}));
  const clock = makeFakeClock();
  clock.autoAdvance();
  const asked: AwsRequest[] = [];
  const waits: string[] = [];
  const api = openAws(its, {
    ...{ send: network.send, clock, random: { next: () => 0.5, id: () => "id" } },
    ...{ interrupted: new AbortController().signal, readOnly: false, variables: {} },
    onWait: (words) => void waits.push(words),
    onRequest: (request) => void asked.push(request),
    ...more,
  });
  return { api, bridge: api.eventBridge("eu-west-1"), requests: network.requests, asked, waits, clock };
}

test("an action is sent signed, with AWS's own names, and its answer handed back", async () => {
  const { bridge, requests, asked } = open([reply(200, { Rules: [{ Name: "a" }] })]);
  expect(await bridge.call("ListRules", bus)).toMatchObject({ Rules: [{ Name: "a" }] });
  expect(requests).toMatchObject([
    { method: "POST", url: "http://127.0.0.1:1/", body: JSON.stringify(bus) },
  ]);
  expect(requests[0]?.headers).toMatchObject({ "x-amz-target": "AWSEvents.ListRules" });
  expect(requests[0]?.headers["authorization"]).toMatch(/Credential=sandbox\/\d{8}\/eu-west-1\/events\//);
  expect(asked).toMatchObject([{ action: "ListRules", status: 200, error: null }]);
});

test("the account is asked for once", async () => {
  const xml =
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>' +
    "<Arn>arn:aws:iam::123456789012:user/a</Arn><UserId>A</UserId><Account>123456789012</Account>" +
    "</GetCallerIdentityResult></GetCallerIdentityResponse>";
  const { api, requests } = open([reply(200, xml, { "content-type": "text/xml" })]);
  const expected = { account: "123456789012", arn: "arn:aws:iam::123456789012:user/a" };
  expect([await api.identify(), await api.identify()]).toEqual([expected, expected]);
  expect(requests).toHaveLength(1);
});

test.each([
  ["ThrottlingException", "api/rateLimited", 3],
  ["ConcurrentModificationException", "api/conflict", 3],
  ["ResourceNotFoundException", "api/notFound", 1],
  ["ResourceAlreadyExistsException", "api/conflict", 1],
  ["LimitExceededException", "aws/quota", 1],
  ["ManagedRuleException", "aws/managedRule", 1],
  ["AccessDeniedException", "aws/accessDenied", 1],
  ["UnrecognizedClientException", "aws/credentialsRefused", 1],
  ["ValidationException", "api/rejected", 1],
])("%s of a write becomes %s after %i requests", async (name, code, sent) => {
  const { bridge, requests } = open(Array.from({ length: 4 }, () => refusal(name)));
  expect(await failureOf(bridge.call("PutRule", { Name: "a" }))).toMatchObject({
    code,
    platformCode: name,
  });
  expect(requests).toHaveLength(sent);
});

test("the quota and the permission that lack are named", async () => {
  const full = await failureOf(
    open([refusal("LimitExceededException")]).bridge.call("PutRule", { Name: "a" }),
  );
  expect(full.message).toContain("rules of an event bus");
  const words = "User: x is not authorized to perform: iam:PassRole on resource: y";
  const denied = open([refusal("AccessDeniedException", words)]);
  expect((await failureOf(denied.bridge.call("PutTargets", { Rule: "a", Targets: [] }))).hint).toContain(
    "iam:PassRole",
  );
  const plainly = open([refusal("AccessDeniedException")]);
  expect((await failureOf(plainly.bridge.call("PutRule", { Name: "a" }))).hint).toContain("events:PutRule");
});

test("a lost answer of a write is an unknown outcome, and a read is sent again", async () => {
  const lost = new ReconcileError("network/reset", "broke off");
  for (const failure of [lost, refusal("InternalException", "", 500), reply(502, "<html>")]) {
    const write = open([failure]);
    expect((await failureOf(write.bridge.call("PutRule", { Name: "a" }))).code).toBe("api/outcomeUnknown");
    expect(write.requests).toHaveLength(1);
    const read = open([failure, failure, reply(200, { Rules: [] })]);
    expect(await read.bridge.call("ListRules", bus)).toMatchObject({ Rules: [] });
    expect(read.waits).toHaveLength(2);
  }
});

test("a write that never left is sent again", async () => {
  const { bridge, requests } = open([new ReconcileError("network/unreachable", "no")]);
  await bridge.call("PutRule", { Name: "a" });
  expect(requests).toHaveLength(2);
});

test("a guard holds a write back, which starts once the lease is confirmed, and is not asked for a read", async () => {
  let confirmed = 0;
  const guard = {
    mayStart: () => false,
    writeMs: null,
    confirm: () => Promise.resolve((confirmed += 1) < 2),
  };
  const unsure = new ReconcileError("lease/unsure", "not sent");
  const { bridge, requests } = open([unsure, unsure], { guard });
  expect((await failureOf(bridge.call("PutRule", { Name: "a" }))).code).toBe("lease/unsure");
  expect([requests.length, confirmed]).toEqual([2, 2]);
  await bridge.call("ListRules", bus);
  expect(confirmed).toBe(2);
});

test("a read-only client sends no write", async () => {
  const { bridge, requests } = open([], { readOnly: true });
  await expect(bridge.call("PutRule", { Name: "a" })).rejects.toThrow("read-only");
  await bridge.call("DescribeRule", { Name: "a" });
  expect(requests).toHaveLength(1);
});

test("of the embedded AWS no variable of the environment counts", async () => {
  const { bridge, requests } = open([], {
    variables: { AWS_ENDPOINT_URL: "http://elsewhere.example.com" },
  });
  await bridge.call("ListRules", bus);
  expect(requests[0]?.url).toBe("http://127.0.0.1:1/");
});

test("the real AWS is asked over http on loopback alone", async () => {
  const real = { ...access, embedded: null };
  const away = open([], { variables: { AWS_ENDPOINT_URL: "http://elsewhere.example.com" } }, real);
  expect(await failureOf(away.bridge.call("ListRules", bus))).toMatchObject({
    code: "aws/insecureEndpoint",
  });
  const login = open([], { variables: { AWS_ENDPOINT_URL_STS: "https://a:b@example.com" } }, real);
  expect(await failureOf(login.api.identify())).toMatchObject({ code: "aws/malformedEndpoint" });
  expect(away.requests).toEqual([]);
});

test("AWS's words about a signature, which may repeat a token, are not repeated", async () => {
  const { bridge } = open([refusal("InvalidSignatureException", "x-amz-security-token:canary-of-a-token")]);
  const failure = await failureOf(bridge.call("ListRules", bus));
  expect(`${failure.message}${failure.hint ?? ""}${failure.stack ?? ""}`).not.toContain("canary");
});
