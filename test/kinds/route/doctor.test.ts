// What `doctor` finds in AWS where the config uses it: each check in whole, and each way in which it fails.
import { expect, test } from "vitest";
import { putRoute, switchRoutesOff } from "../../support/routes.ts";
import { manifest, type TestWorld } from "../../support/world.ts";
import { configOf, runWithAws, topics, type Around } from "./aws-world.ts";

const subscription = { "subscriptions/alpha.yaml": manifest("alpha", { eventTypes: topics }) };
const source = "aws.partner/genesys.com/cloud/5a4db0c5-0000-4000-8000-000000000001/team";
const connection = "arn:aws:events:us-east-1:123456789012:connection/pipeline/0a1b2c3d";
const open = [
  "unproven: that events.amazonaws.com may assume arn:aws:iam::123456789012:role/deliver",
  "unproven: that arn:aws:sqs:us-east-1:123456789012:undelivered is there, and takes what EventBridge sends",
];

interface Found {
  readonly check: string;
  readonly status: string;
  readonly seen: string;
  readonly details: readonly string[];
  readonly toDo: string | null;
}

type Line = readonly [status: string, seen: string, toDo: string | null, ...details: readonly string[]];

interface Given {
  readonly config?: string;
  readonly from?: TestWorld;
  readonly denied?: readonly string[];
  readonly around?: Around;
}

async function examine({ config = configOf({}), from, denied = [], around }: Given) {
  const files = { ...subscription, "reconcile.yaml": config };
  const { out, status, actions } = await runWithAws("doctor --skip-endpoints --output json", {
    ...(from ? { from } : {}),
    ...(around ? { around } : {}),
    ...{ files, quirks: { deniedActions: denied } },
  });
  const { checks } = JSON.parse(out) as { readonly checks: readonly Found[] };
  const lines = checks
    .filter(({ check }) => check.startsWith("aws"))
    .map(({ check, status: how, seen, toDo, details }): [string, Line] => [
      check,
      [how, seen, toDo, ...details],
    ]);
  return { lines: Object.fromEntries(lines), status, actions };
}

async function synced(): Promise<TestWorld> {
  const { world, status } = await runWithAws("sync", {
    files: { ...subscription, "reconcile.yaml": configOf({}) },
  });
  expect(status).toBe(0);
  return world;
}

test("before the first sync, everything that it needs is there", async () => {
  const { lines, status, actions } = await examine({});
  expect(status).toBe(0);
  expect(lines).toEqual({
    aws: ["passed", "account 123456789012, as arn:aws:iam::123456789012:user/sandbox", null],
    "aws permissions": ["passed", "9 reads are answered, and IAM allows the 11 writes of a sync", null],
    "aws source": ["passed", `${source} is not there yet: the first sync with a route makes it`, null],
    "aws delivery": ["passed", "the connection is authorised", null, ...open],
  });
  expect(actions.filter((action) => !/^(List|Describe|GetCaller|Simulate)/.test(action))).toEqual([]);
});

test("writes that IAM does not allow are named, and are unproven where IAM may not be asked", async () => {
  const denied = await examine({ denied: ["PutTargets", "PassRole"] });
  expect([denied.status, denied.lines["aws permissions"]]).toEqual([
    1,
    [
      "failed",
      "IAM does not allow 2 of the 11 writes of a sync: events:PutTargets and iam:PassRole",
      "allow what `reconcile aws policy` prints",
    ],
  ]);
  const unasked = await examine({ denied: ["SimulatePrincipalPolicy"] });
  expect([unasked.status, unasked.lines["aws permissions"]?.slice(0, 2)]).toEqual([
    0,
    ["passed", "9 reads are answered; writes are unproven, because these credentials may not ask IAM"],
  ]);
});

test("after it, the source is active, and its bus has rules", async () => {
  const { lines } = await examine({ from: await synced() });
  expect(lines["aws source"]).toEqual([
    "passed",
    `${source} is ACTIVE`,
    null,
    'its bus has 1 of 300 rules that an event bus can have by default (quota "Rules per event bus")',
  ]);
});

test("a bus that is nearly full is a warning", async () => {
  const from = await synced();
  const theirs = { endpoint: "https://x.example.org", eventTypes: topics, description: "" };
  for (let number = 1; number < 240; number += 1)
    putRoute(from.state, { ...theirs, name: `theirs-${number}` }, { suffix: "team" });
  switchRoutesOff(from.state);
  const { lines, status } = await examine({ from });
  expect([status, lines["aws source"]?.[0], lines["aws source"]?.[1]]).toEqual([
    0,
    "warning",
    `${source} is ACTIVE; its bus has 240 of 300 rules that an event bus can have by default (quota "Rules per event bus")`,
  ]);
});

test.each([
  [true, "warning", "the next sync associates or activates it", 0],
  [
    false,
    "failed",
    "associate it with an event bus in the EventBridge console, or set aws.associate to true",
    1,
  ],
])(
  "a source that is deactivated reaches nobody; with associate: %s that is a %s",
  async (associate, how, toDo, exit) => {
    const from = await synced();
    const { aws } = from.state;
    for (const [arn, one] of aws.sources)
      aws.sources.set(arn, { ...one, isDeactivated: true, pendingSinceMs: from.clock.now() });
    const config = configOf({}).replace("associate: true", `associate: ${associate}`);
    const { lines, status } = await examine({ from, config });
    expect(lines["aws source"]).toEqual([
      how,
      `${source} is PENDING: its events reach nobody, and is deleted on 2026-01-15`,
      toDo,
    ]);
    expect(status).toBe(exit);
  },
);

test("credentials of another account are named with both numbers, and nothing else is asked of it", async () => {
  const config = configOf({})
    .replace('account: "123456789012"', 'account: "210987654321"')
    .replaceAll(":123456789012:", ":210987654321:");
  const { lines, status, actions } = await examine({ config });
  expect(status).toBe(1);
  expect(lines["aws"]).toEqual([
    "failed",
    "the credentials are of account 123456789012 (arn:aws:iam::123456789012:user/sandbox), and aws.webhooks.account is 210987654321",
    "use credentials of that account (aws.profile, aws.assumeRole), or correct aws.webhooks.account",
  ]);
  for (const name of ["permissions", "source", "delivery"])
    expect(lines[`aws ${name}`]).toEqual([
      "notChecked",
      "needs AWS credentials of the account in aws.webhooks",
      null,
    ]);
  expect(actions).toEqual(["GetCallerIdentity"]);
});

test("each read that AWS refuses is named with its permission", async () => {
  const { lines, status } = await examine({
    denied: ["ListRules", "DescribeConnection", "DescribeApiDestination"],
    from: await synced(),
  });
  expect(status).toBe(1);
  expect(lines["aws permissions"]).toEqual([
    "failed",
    "3 of 10 reads were refused",
    expect.stringContaining("`reconcile aws policy` prints the least one"),
    ...["DescribeConnection", "DescribeApiDestination", "ListRules"].map((action): unknown =>
      expect.stringContaining(`AWS ${action}: AWS refuses events:${action} to these credentials`),
    ),
  ]);
  expect(lines["aws delivery"]?.[0]).toBe("failed");
});

test("a connection that is not authorised, or not there, is named", async () => {
  const other = connection.replace("pipeline/0a1b2c3d", "other/0a1b2c3d");
  const config = configOf({}).replace(
    "connections: [",
    `connections: [{ hosts: ["*.example.org"], arn: "${other}" }, `,
  );
  const from = await synced();
  from.state.aws.connections.set(connection, {
    ...{ Name: "pipeline", ConnectionArn: connection, ConnectionState: "DEAUTHORIZED" },
    ...{ AuthorizationType: "API_KEY", createdAtMs: 0 },
  });
  const { lines } = await examine({ config, from });
  expect(lines["aws delivery"]).toEqual([
    "failed",
    "2 of 2 connections cannot be used",
    "authorise them in the EventBridge console, or correct aws.webhooks.connections",
    `${other}: it is not there`,
    `${connection}: it is DEAUTHORIZED`,
    ...open,
  ]);
});

test("without a queue, what cannot be delivered is lost", async () => {
  const config = configOf({}).replace(/deadLetterArn: .*/, "deadLetterArn: null");
  const { lines } = await examine({ config });
  expect(lines["aws delivery"]?.slice(0, 2)).toEqual([
    "warning",
    "the connection is authorised; what cannot be delivered is lost, because aws.webhooks.deadLetterArn is null",
  ]);
});

test("a config that only associates is checked for its credentials, and one without `aws` for nothing", async () => {
  const { lines } = await examine({ config: configOf(null) });
  expect(Object.keys(lines)).toEqual(["aws"]);
  const without = configOf(null).replace(/aws:\n.*\n/, "");
  expect((await examine({ config: without })).lines).toEqual({});
});

test("a role that may not call API destinations, or that is not there, is named", async () => {
  const refusing = await examine({ denied: ["InvokeApiDestination"] });
  const role = "arn:aws:iam::123456789012:role/deliver";
  expect([refusing.status, refusing.lines["aws delivery"]?.slice(0, 2)]).toEqual([
    1,
    [
      "failed",
      `the role ${role} does not allow events:InvokeApiDestination, so EventBridge cannot call the endpoints`,
    ],
  ]);
  const noSuchRole =
    '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>no</Message></Error><RequestId>r</RequestId></ErrorResponse>';
  const missing = await examine({
    around: (what, forward) =>
      what === "SimulatePrincipalPolicy"
        ? { status: 404, headers: { "content-type": "text/xml" }, body: noSuchRole }
        : forward(),
  });
  expect([missing.status, missing.lines["aws delivery"]?.slice(0, 2)]).toEqual([
    1,
    ["failed", `the role ${role} is not there, so EventBridge cannot call the endpoints`],
  ]);
  const unasked = await examine({ denied: ["SimulatePrincipalPolicy"] });
  expect(unasked.lines["aws delivery"]).toContain(
    `unproven: that events.amazonaws.com may assume ${role}, and that it allows events:InvokeApiDestination`,
  );
});
