// The example manifest that `reconcile init` writes for each kind of endpoint, and the commands to run after `init`.
import type { Kind, Kinds } from "../model/kind.ts";
import { isTopicOf, type Topic } from "../model/topic.ts";

/** What delivers, as `--scheme` names it: the scheme of a kind, or, where a config chooses the kind, the kind itself. */
export interface StartChoice {
  readonly name: string;
  readonly kind: Kind;
}

/** The first one is the default. */
export function startChoices(kinds: Kinds): readonly StartChoice[] {
  return kinds.all.map((kind) => ({ name: kind.isChosen ? kind.name : kind.scheme.slice(0, -1), kind }));
}

interface ManifestOptions {
  /** The line for editors, without its `#`. */
  readonly modeline: string;
  /** The entries of the catalogue; null without one. */
  readonly catalog: readonly Topic[] | null;
}

export function startingManifest(kind: Kind, { modeline, catalog }: ManifestOptions): string {
  return `# ${modeline}
# With the line above, editors complete and check the keys.
apiVersion: reconcile.genesys/v1
kind: WebhookSubscription
metadata:
  name: example
spec:
${chooseEventTypes(kind, catalog ?? [])}  offsetTracking:
    stateFile: /var/data/example-offsets.json
`;
}

/** If the catalogue lacks one of the example's event types, the example has the first two that its kind can have. */
function chooseEventTypes({ start: { spec }, topics }: Kind, catalog: readonly Topic[]): string {
  const own = [...spec.matchAll(eventTypeLine)].map(([, eventType]) => eventType);
  const ids = catalog.filter((topic) => topics === null || isTopicOf(topic, topics)).map(({ id }) => id);
  if (ids.length === 0 || own.every((eventType) => ids.includes(eventType ?? ""))) return spec;
  const chosen = ids.slice(0, 2).map((id) => `    - ${id}\n`);
  return spec.replace(eventTypes, `  eventTypes:\n${chosen.join("")}`);
}

const eventTypeLine = /^ {4}- ([\w{}.-]+)$/gm;
const eventTypes = /^ {2}eventTypes:\n(?: {4}- [\w{}.-]+\n)+/m;

export interface LeftToDo {
  /** If there are any, each workflow needs one of them. */
  readonly sourceLines: readonly string[];
  /** The config needs it before workflows run; null if their state is in a shared store already. */
  readonly stateLine: string | null;
}

/** The commands to run next, ready to be pasted, and what the workflows need. */
export function nextSteps(kind: Kind, { sourceLines, stateLine }: LeftToDo): string {
  const sources = sourceLines.length === 0 ? "" : fillIn(sourceLines);
  return `${commandsOf(kind)}${sources}${stateLine === null ? "" : shareState(stateLine)}`;
}

/** A runner's disk is gone with its job, and the trail with it. */
function shareState(line: string): string {
  return `
Before you run the workflows, keep the audit trail where each runner finds it, on branches of the remote \`origin\`: write
into reconcile.yaml the line below. A trail that is there already moves first: reconcile state move --to git (docs/state.md).
  ${line}
`;
}

function fillIn(sourceLines: readonly string[]): string {
  const lines = sourceLines.map((line) => `  ${line}\n`).join("");
  return `\nBefore you push the workflows, fill in one of these lines at the top of each:\n${lines}`;
}

function commandsOf({ start, nouns }: Kind): string {
  const needs = `\n${capitalised(nouns)} need ${start.needs}.\n`;
  const look = `\nNext, see what these manifests would do, and edit them:\n  reconcile plan --sandbox\n`;
  const steps = start.steps.flatMap(({ command, does }, index) => {
    const number = `  ${index + 1}. `;
    return command === undefined ? [`${number}${does}`] : [`${number}${command}`, `     ${does}`];
  });
  return `${needs}${look}\nThen, with the id and the secret of an OAuth client in .env:\n${steps.join("\n")}\n`;
}

function capitalised(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
