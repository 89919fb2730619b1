// The example that `reconcile init` writes for endpoints with https: that AWS delivers to, and the user's next steps.
import type { KindStart } from "../../model/kind-words.ts";
import { placeholderUrl } from "../webhook/endpoint.ts";

export const routeStart: KindStart = {
  deliveredBy: "a route through AWS EventBridge",
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
