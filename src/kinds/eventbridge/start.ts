// The example that `reconcile init` writes for endpoints with eventbridge:, and the user's next steps.
import type { KindStart } from "../../model/kind-words.ts";
import { placeholderAccount } from "./event-source.ts";

export const integrationStart: KindStart = {
  deliveredBy: "an EventBridge integration",
  needs: "an AWS account, where each event source is associated with an event bus",
  spec: `  # A placeholder, to be replaced before the first real run: eventbridge://, your AWS account of 12 digits, its region,
  # and a suffix of your choice, by which you find the event source in AWS: another suffix is another event source.
  endpointUrl: eventbridge://${placeholderAccount}/us-east-1/example
  # Published topics; put your own here. {id} stands for any identifier. In a list within [ ] they need quotes.
  eventTypes:
    - v2.detail.events.conversation.{id}.acd.start
    - v2.detail.events.conversation.{id}.acd.end
`,
  steps: [
    {
      command: "reconcile doctor",
      does: "checks that everything is in place and that EventBridge integrations are offered",
    },
    { command: "reconcile plan", does: "shows what would be created" },
    {
      command: "reconcile --create-only",
      does: "creates new event sources, and moves no event type to them yet",
    },
    {
      does: "in AWS, associate each new event source with an event bus: until then it delivers nothing (docs/eventbridge.md)",
    },
    { command: "reconcile", does: "makes the remaining changes" },
  ],
};
