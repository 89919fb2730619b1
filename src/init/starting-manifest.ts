// The example manifest that `reconcile init` writes for each kind of endpoint, and the commands to run after `init`.
import type { Kind, Kinds } from "../model/kind.ts";

/** Returns the values of `--scheme`: the kinds' schemes without the colon. */
export function startSchemes(kinds: Kinds): readonly [string, ...string[]] {
  const [first, ...others] = kinds.all
    .filter(({ isChosen }) => !isChosen)
    .map(({ scheme }) => scheme.slice(0, -1));
  return [first ?? "", ...new Set(others.filter((scheme) => scheme !== first))];
}

/** `modeline` is the line for editors, without its `#`. */
export function startingManifest({ start }: Kind, modeline: string): string {
  return `# ${modeline}
# With the line above, editors complete and check the keys.
apiVersion: reconcile.genesys/v1
kind: WebhookSubscription
metadata:
  name: example
spec:
${start.spec}  offsetTracking:
    stateFile: /var/data/example-offsets.json
`;
}

/** The commands to run next, ready to be pasted. If `sourceLines` has any, the workflows need one of them. */
export function nextSteps(kind: Kind, sourceLines: readonly string[]): string {
  return `${commandsOf(kind)}${sourceLines.length === 0 ? "" : fillIn(sourceLines)}`;
}

function fillIn(sourceLines: readonly string[]): string {
  const lines = sourceLines.map((line) => `  ${line}\n`).join("");
  return `\nBefore you push the workflows, fill in one of these lines at the top of each:\n${lines}`;
}

function commandsOf({ start }: Kind): string {
  const look = `\nNext, see what these manifests would do, and edit them:\n  reconcile plan --sandbox\n`;
  const steps = start.steps.flatMap(({ command, does }, index) => {
    const number = `  ${index + 1}. `;
    return command === undefined ? [`${number}${does}`] : [`${number}${command}`, `     ${does}`];
  });
  return steps.length === 0
    ? look
    : `${look}\nThen, with the id and the secret of an OAuth client in .env:\n${steps.join("\n")}\n`;
}
