// The manifest that `reconcile init` starts a repository with, for each kind of endpoint, and what comes after it.
import { placeholders } from "../model/endpoint.ts";

export const startSchemes = ["https", "eventbridge", "workflow"] as const;

export type StartScheme = (typeof startSchemes)[number];

/** `modeline`: for editors, without its `#`. */
export function startingManifest(scheme: StartScheme, modeline: string): string {
  return `# ${modeline}
# Editors complete and check the keys by the line above.
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
  # Published topics, for each of which a trigger is made; put your own here. {id} stands for any identifier. In a list
  # within [ ] they need quotes.
  eventTypes:
    - v2.detail.events.conversation.{id}.customer.start
    - v2.detail.events.conversation.{id}.customer.end
  # Which events start the workflow, and when. Without it, each one does, and at once.
  trigger:
    # All of them must hold; jsonPath looks into the body of the event.
    matchCriteria:
      - jsonPath: mediaType
        operator: Equal
        value: VOICE
    # Older events are dropped. In its place, delayBySeconds, from 60 to 900, has the workflow wait.
    eventTTLSeconds: 60
`,
};

interface Step {
  /** Absent of what is done elsewhere. */
  readonly command?: string;
  readonly does: string;
}

/** What to do once the files are there, ready to be pasted. `sourceLines`: one of them is missing in the workflows. */
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

const stepsOf: Readonly<Record<StartScheme, readonly Step[]>> = {
  https: [],
  eventbridge: [
    {
      command: "reconcile doctor",
      does: "whether all is in place, and EventBridge integrations are offered",
    },
    { command: "reconcile plan", does: "what would be made" },
    { command: "reconcile --create-only", does: "makes new event sources, and moves nothing to them yet" },
    {
      does: "in AWS, associate each new event source with an event bus: it reaches nobody before (docs/eventbridge.md)",
    },
    { command: "reconcile", does: "does the rest" },
  ],
  workflow: [
    {
      command: "reconcile doctor",
      does: "whether all is in place, and Process Automation triggers are offered",
    },
    { command: "reconcile plan", does: "what would be made: a trigger for each event type" },
    { command: "reconcile", does: "makes them" },
  ],
};
