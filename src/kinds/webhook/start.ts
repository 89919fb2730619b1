// The example that `reconcile init` writes for endpoints with https:.
import type { KindStart } from "../../model/kind-words.ts";
import { placeholderUrl } from "./endpoint.ts";

export const webhookStart: KindStart = {
  deliveredBy: "a webhook",
  spec: `  # A placeholder: put your own endpoint here before the first real run, and your own name and event types.
  endpointUrl: ${placeholderUrl}
  eventTypes:
    - routing.queue.conversation.created
    - routing.queue.conversation.updated
`,
  steps: [],
};
