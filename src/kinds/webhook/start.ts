// The example that `reconcile init` writes for endpoints with https:, and the user's next steps.
import type { KindStart } from "../../model/kind-words.ts";
import { placeholderUrl } from "./endpoint.ts";

export const webhookStart: KindStart = {
  deliveredBy: "a webhook",
  needs: "an organisation that offers the resource `webhooks`, which Genesys does not publish",
  spec: `  # A placeholder: put your own endpoint here before the first real run, and your own name and event types.
  endpointUrl: ${placeholderUrl}
  eventTypes:
    - routing.queue.conversation.created
    - routing.queue.conversation.updated
`,
  steps: [
    {
      command: "reconcile doctor",
      does: "checks that everything is in place and that webhooks are offered",
    },
    { command: "reconcile plan", does: "shows what would be created" },
    { command: "reconcile", does: "creates it" },
  ],
};
