// The example manifest that `reconcile init` writes for each kind of endpoint, and the commands to run after `init`.
import { placeholders } from "../model/endpoint.ts";

export const startSchemes = ["https", "eventbridge", "workflow"] as const;

export type StartScheme = (typeof startSchemes)[number];

/** `modeline` is the line for editors, without its `#`. */
export function startingManifest(scheme: StartScheme, modeline: string): string {
  return `# ${modeline}
# With the line above, editors complete and check the keys.
apiVersion: reconcile.genesys/v1
kind: WebhookSubscription
metadata:
  name: example
spec:
${specs[scheme]}  offsetTracking:
    stateFile: /var/data/example-offsets.json
`;
}

const specs: Readonly<Record<StartScheme, string>> = {
  https: `  # A placeholder: put your own endpoint here before the first real run, and your own name and event types.
  endpointUrl: https://events.example.com/genesys
  eventTypes:
    - routing.queue.conversation.created
    - routing.queue.conversation.updated
`,
  eventbridge: `  # A placeholder, to be replaced before the first real run: eventbridge://, your AWS account of 12 digits, its region,
  # and a suffix of your choice, which becomes part of the event source's name in AWS: another name is another event source.
  endpointUrl: eventbridge://${placeholders.awsAccountId}/us-east-1/example
  # Published topics; put your own here. {id} stands for any identifier. In a list within [ ] they need quotes.
  eventTypes:
    - v2.detail.events.conversation.{id}.acd.start
    - v2.detail.events.conversation.{id}.acd.end
`,
  workflow: `  # A placeholder: put the id of a published workflow here before the first real run. Architect shows it in the address
  # of the workflow's page.
  endpointUrl: workflow:${placeholders.workflowId}
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
};

interface NextStep {
  /** Absent for a step that is done outside of reconcile. */
  readonly command?: string;
  readonly does: string;
}

/** The commands to run next, ready to be pasted. If `sourceLines` has any, the workflows need one of them. */
export function nextSteps(scheme: StartScheme, sourceLines: readonly string[]): string {
  return `${commandsOf(scheme)}${sourceLines.length === 0 ? "" : fillIn(sourceLines)}`;
}

function fillIn(sourceLines: readonly string[]): string {
  const lines = sourceLines.map((line) => `  ${line}\n`).join("");
  return `\nBefore you push the workflows, fill in one of these lines at the top of each:\n${lines}`;
}

function commandsOf(scheme: StartScheme): string {
  const look = `\nNext, see what these manifests would do, and edit them:\n  reconcile plan --sandbox\n`;
  const steps = stepsOf[scheme].flatMap(({ command, does }, index) => {
    const number = `  ${index + 1}. `;
    return command === undefined ? [`${number}${does}`] : [`${number}${command}`, `     ${does}`];
  });
  return steps.length === 0
    ? look
    : `${look}\nThen, with the id and the secret of an OAuth client in .env:\n${steps.join("\n")}\n`;
}

const stepsOf: Readonly<Record<StartScheme, readonly NextStep[]>> = {
  https: [],
  eventbridge: [
    {
      command: "reconcile doctor",
      does: "checks that everything is in place and that EventBridge integrations are offered",
    },
    { command: "reconcile plan", does: "shows what would be made" },
    { command: "reconcile --create-only", does: "makes new event sources, and moves nothing to them yet" },
    {
      does: "in AWS, associate each new event source with an event bus: it delivers nothing before (docs/eventbridge.md)",
    },
    { command: "reconcile", does: "does the rest" },
  ],
  workflow: [
    {
      command: "reconcile doctor",
      does: "checks that everything is in place and that Process Automation triggers are offered",
    },
    { command: "reconcile plan", does: "shows what would be made: a trigger for each event type" },
    { command: "reconcile", does: "makes them" },
  ],
};
