// The example that `reconcile init` writes for endpoints with https: that AWS delivers to, and the user's next steps.
import type { KindStart } from "../../model/kind-words.ts";
import { placeholderUrl } from "../webhook/endpoint.ts";

const placeholderHost = new URL(placeholderUrl).hostname;

export const routeStart: KindStart = {
  deliveredBy: "a route through AWS EventBridge",
  needs: "an AWS account; `reconcile aws policy` prints what to make there",
  config: {
    key: "aws.webhooks",
    lines: `# AWS delivers to endpoints with https:. Put your own account, region and ARNs here before the first real run; \`reconcile aws
# policy\` prints what to make in AWS. Credentials come from AWS's default chain, never from this file.
aws:
  webhooks:
    account: "123456789012"
    region: us-east-1
    # Lets EventBridge call the endpoints.
    roleArn: arn:aws:iam::123456789012:role/genesys-deliver
    # Which connection's key is used for which hosts.
    connections:
      - hosts: [${placeholderHost}]
        arn: arn:aws:events:us-east-1:123456789012:connection/example/00000000-0000-0000-0000-000000000000
    # Where events lie that could not be delivered.
    deadLetterArn: arn:aws:sqs:us-east-1:123456789012:genesys-undelivered
`,
  },
  spec: `  # A placeholder: put your own endpoint here before the first real run. AWS delivers to public hosts alone.
  endpointUrl: ${placeholderUrl}
  # Published topics; put your own here. {id} stands for any identifier. In a list within [ ] they need quotes.
  eventTypes:
    - v2.detail.events.conversation.{id}.acd.start
    - v2.detail.events.conversation.{id}.acd.end
`,
  steps: [
    {
      command: "reconcile aws policy",
      does: "prints the AWS permissions, the role, the queue and the connection",
    },
    {
      does: "make these in AWS, and write their ARNs under aws.webhooks in reconcile.yaml (docs/aws.md)",
    },
    { command: "reconcile doctor", does: "checks that everything is in place, in AWS as well" },
    { command: "reconcile plan", does: "shows what would be created" },
    { command: "reconcile", does: "creates it" },
  ],
};
