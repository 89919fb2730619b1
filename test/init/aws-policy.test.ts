// `reconcile aws policy`: what AWS needs, for the account and the names of the config.
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { makeIamPolicy, makeTemplate } from "../../src/init/aws-policy.ts";
import { runWorld } from "../support/world.ts";

const webhooks = {
  ...{ account: "210987654321", region: "eu-west-1", source: "contact-centre" },
  roleArn: "arn:aws:iam::210987654321:role/genesys/deliver",
  deadLetterArn: "arn:aws:sqs:eu-west-1:210987654321:undelivered",
};
const wish = { aws: { associate: true }, webhooks, organization: "0a1b2c3d-0000-4000-8000-000000000001" };

interface Statement {
  readonly Action: readonly string[];
  readonly Resource: string | readonly string[];
}

function resourcesOf(policy: object, action: string): readonly string[] {
  const { Statement } = policy as { readonly Statement: readonly Statement[] };
  return Statement.filter(({ Action }) => Action.includes(action)).flatMap(({ Resource }) => Resource);
}

describe("the IAM policy", () => {
  const policy = makeIamPolicy(wish);
  const source = "aws.partner/genesys.com/cloud/0a1b2c3d-0000-4000-8000-000000000001/contact-centre";

  test("allows writes of rules on the feed's own bus alone", () => {
    for (const action of [
      "events:PutRule",
      "events:DeleteRule",
      "events:PutTargets",
      "events:RemoveTargets",
    ])
      expect(resourcesOf(policy, action)).toEqual([
        `arn:aws:events:eu-west-1:210987654321:rule/${source}/*`,
      ]);
  });

  test("lets EventBridge alone be handed the role", () => {
    expect(resourcesOf(policy, "iam:PassRole")).toEqual([webhooks.roleArn]);
    expect(JSON.stringify(policy)).toContain('"iam:PassedToService":"events.amazonaws.com"');
  });

  test("creates a bus only if event sources are associated, and deletes none", () => {
    expect(resourcesOf(policy, "events:CreateEventBus")).toContain(
      `arn:aws:events:eu-west-1:210987654321:event-bus/${source}`,
    );
    const without = makeIamPolicy({ ...wish, aws: { associate: false } });
    expect(resourcesOf(without, "events:CreateEventBus")).toEqual([]);
    expect(JSON.stringify(policy)).not.toMatch(/DeleteEventBus|iam:Create|sqs:(Create|Delete|Receive)/);
  });
});

test("the template has the names that the config's ARNs end with", () => {
  const text = JSON.stringify(makeTemplate(wish));
  expect(text).toContain('"RoleName":"deliver"');
  expect(text).toContain('"QueueName":"undelivered"');
  expect(
    JSON.stringify(makeTemplate({ ...wish, webhooks: { ...webhooks, deadLetterArn: null } })),
  ).not.toContain("Queue");
});

describe("reconcile aws policy", () => {
  const config = `apiVersion: reconcile.genesys/v1
kind: ReconcileConfig
owner: team
aws:
  webhooks:
    account: "210987654321"
    region: eu-west-1
    roleArn: arn:aws:iam::210987654321:role/deliver
    connections: [{ hosts: ["*"], arn: "arn:aws:events:eu-west-1:210987654321:connection/c/0a1b" }]
    deadLetterArn: null
`;

  test("prints YAML without anchors and aliases, which CloudFormation does not take", async () => {
    const { out } = await runWorld({ argv: "aws policy" });
    expect(out.split("\n").filter((line) => /: [&*]\w/.test(line))).toEqual([]);
    expect(out).toContain("UndeliveredQueue:");
  });

  test("prints two YAML documents, and the same as JSON", async () => {
    const files = { "reconcile.yaml": config };
    const text = await runWorld({ argv: "aws policy", files });
    const json = await runWorld({ argv: "aws policy --output json", files });
    expect([text.status, json.status, text.err, json.err]).toEqual([0, 0, "", ""]);
    const { policy, template } = JSON.parse(json.out) as { policy: object; template: object };
    expect(parseAllDocuments(text.out, { version: "1.1" }).map((one) => one.toJS() as unknown)).toEqual([
      policy,
      template,
    ]);
    expect(resourcesOf(policy, "events:PutRule")).toEqual([
      "arn:aws:events:eu-west-1:210987654321:rule/aws.partner/genesys.com/cloud/*/team/*",
    ]);
  });

  test("without aws.webhooks says that the account is a placeholder", async () => {
    const { status, out, err } = await runWorld({ argv: "aws policy" });
    expect(status).toBe(0);
    expect(err).toContain("account 000000000000, its region and the names are placeholders");
    expect(out).toContain("arn:aws:iam::000000000000:role/genesys-deliver");
  });
});
