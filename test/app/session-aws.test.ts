// Whose account AWS says the credentials are, against the one that the config names.
import { expect, test } from "vitest";
import { confirmAccount } from "../../src/app/session-aws.ts";
import { makeConfig } from "../../src/manifest/config.ts";
import { failureOf } from "../genesys/fake-send.ts";

const config = makeConfig(
  `apiVersion: reconcile.genesys/v1
kind: ReconcileConfig
aws:
  webhooks:
    account: "123456789012"
    region: us-east-1
    roleArn: arn:aws:iam::123456789012:role/genesys-deliver
    connections: [{ hosts: ["*.example.com"], arn: "arn:aws:events:us-east-1:123456789012:connection/pipeline/0a1b" }]
    deadLetterArn: null
`,
  "reconcile.yaml",
);

function awsOf(account: string) {
  if (!config.ok) throw new Error("a test's config is valid");
  const identify = () => Promise.resolve({ account, arn: `arn:aws:iam::${account}:user/a` });
  const eventBridge = () => {
    throw new Error("EventBridge is not asked");
  };
  return { api: { identify, eventBridge }, config: config.value.aws };
}

test("another account than the config's is an error that names both", async () => {
  const failure = await failureOf(confirmAccount(awsOf("210987654321")));
  expect(failure).toMatchObject({ code: "aws/otherAccount" });
  expect(failure.message).toContain("210987654321");
  expect(failure.message).toContain("123456789012");
});

test("the config's account is confirmed, and without aws.webhooks nobody is asked", async () => {
  await confirmAccount(awsOf("123456789012"));
  await confirmAccount({ ...awsOf("210987654321"), config: null });
});
