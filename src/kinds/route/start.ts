// The example that `reconcile init` writes for routes, and the user's next steps.
import type { KindStart } from "../../model/kind-words.ts";
import { placeholderUrl } from "../webhook/endpoint.ts";

export const routeStart: KindStart = {
  deliveredBy: "a route",
  spec: `  # A placeholder: put your own endpoint here before the first real run. One of aws.webhooks.connections has its host.
  endpointUrl: ${placeholderUrl}
  # Published topics; put your own here. {id} stands for any identifier. In a list within [ ] they need quotes.
  eventTypes:
    - v2.detail.events.conversation.{id}.acd.start
    - v2.detail.events.conversation.{id}.acd.end
`,
  steps: [
    {
      does: "in AWS, make the role, the queue and a connection, and name them in reconcile.yaml under aws.webhooks",
    },
    { command: "reconcile doctor", does: "checks that everything is in place in Genesys Cloud and in AWS" },
    { command: "reconcile plan", does: "shows what would be created" },
    { command: "reconcile", does: "creates it" },
  ],
};
