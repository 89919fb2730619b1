// The example that `reconcile init` writes for endpoints with workflow:, and the user's next steps.
import type { KindStart } from "../../model/kind-words.ts";
import { placeholderWorkflow } from "./workflow.ts";

export const triggerStart: KindStart = {
  deliveredBy: "a Process Automation trigger",
  needs: "a published workflow",
  spec: `  # A placeholder: put the id of a published workflow here before the first real run. Architect shows it in the address
  # of the workflow's page.
  endpointUrl: workflow:${placeholderWorkflow}
  # Published topics; reconcile makes a trigger for each one. Put your own here. {id} stands for any identifier. In a list
  # within [ ] they need quotes.
  eventTypes:
    - v2.detail.events.conversation.{id}.customer.start
    - v2.detail.events.conversation.{id}.customer.end
  # Which events start the workflow, and when. Without this part, each event starts it at once.
  trigger:
    # All criteria must match; jsonPath selects a value in the event's body.
    matchCriteria:
      - jsonPath: mediaType
        operator: Equal
        value: VOICE
    # Older events are dropped. Alternatively, delayBySeconds, from 60 to 900, makes the workflow wait.
    eventTTLSeconds: 60
`,
  steps: [
    {
      command: "reconcile doctor",
      does: "checks that everything is in place and that Process Automation triggers are offered",
    },
    { command: "reconcile plan", does: "shows what would be created: a trigger for each event type" },
    { command: "reconcile", does: "creates them" },
  ],
};
