// What `reconcile init` writes.
import { posix } from "node:path";

export interface Start {
  readonly owner: string;
  /** The folder of the manifests. */
  readonly manifests: string;
  /** Whose pushes are applied. */
  readonly branch: string;
  /** Of this installation in its repository; empty at the root. */
  readonly folder: string;
}

export const configPath = "reconcile.yaml";
export const workflowPath = ".github/workflows/reconcile.yml";

export function examplePath(manifests: string): string {
  return posix.join(manifests, "example.yaml");
}

/** By path. */
export function startingFiles(start: Start): Readonly<Record<string, string>> {
  return {
    [configPath]: config(start),
    [examplePath(start.manifests)]: example(start),
    [workflowPath]: workflow(start),
  };
}

function config({ owner }: Start): string {
  return `# ${modeline(".", "reconcile-config")}
apiVersion: reconcile.genesys/v1
kind: ReconcileConfig
# Where your organisation is: a region's domain, or its AWS region.
environment: mypurecloud.com
# Written into each webhook: only webhooks of this owner are ever changed or deleted.
owner: "${owner}"
`;
}

const schemas = "node_modules/genesys-webhook-reconciler/schemas";

/** What tells an editor which schema a folder's manifests, or its config, have; without its `#`. */
export function modeline(
  folder: string,
  schema: "webhook-subscription" | "reconcile-config" = "webhook-subscription",
): string {
  const path = posix.relative(folder, `${schemas}/${schema}.v1.json`);
  // Without a dot before it, what begins with a name would be a package to some editors.
  return `yaml-language-server: $schema=${path.startsWith(".") ? path : `./${path}`}`;
}

function example({ manifests }: Start): string {
  return `# ${modeline(manifests)}
# Editors complete and check the keys by the line above, after: npm install --save-dev genesys-webhook-reconciler
apiVersion: reconcile.genesys/v1
kind: WebhookSubscription
metadata:
  name: example
spec:
  # A placeholder: put your own endpoint here before the first real run, and your own name and event types.
  endpointUrl: https://events.example.com/genesys
  eventTypes:
    - routing.queue.conversation.created
    - routing.queue.conversation.updated
  offsetTracking:
    stateFile: /var/data/example-offsets.json
`;
}

function workflow({ owner, branch, folder }: Start): string {
  const defaults =
    folder === "" ? "" : `defaults:\n  run: { working-directory: ${JSON.stringify(folder)} }\n`;
  // An action, unlike a command, starts at the root.
  const trail = folder === "" ? "audit-logs/" : JSON.stringify(`${folder}/audit-logs/`);
  return `name: reconcile
on:
  pull_request:
  push:
    branches: [${JSON.stringify(branch)}]
permissions:
  contents: read
${defaults}jobs:
  check:
    if: github.event_name == 'pull_request'
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 20 }
      - run: npx --yes --package genesys-webhook-reconciler reconcile validate
      # A pull request from a fork has no secrets: its plan is left out.
      - run: npx --yes --package genesys-webhook-reconciler reconcile --dry-run
        if: github.event.pull_request.head.repo.full_name == github.repository
        env:
          GENESYS_CLIENT_ID: \${{ secrets.GENESYS_CLIENT_ID }}
          GENESYS_CLIENT_SECRET: \${{ secrets.GENESYS_CLIENT_SECRET }}
  sync:
    if: github.event_name == 'push'
    runs-on: ubuntu-latest
    concurrency: reconcile-${owner}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 20 }
      - run: npx --yes --package genesys-webhook-reconciler reconcile
        env:
          GENESYS_CLIENT_ID: \${{ secrets.GENESYS_CLIENT_ID }}
          GENESYS_CLIENT_SECRET: \${{ secrets.GENESYS_CLIENT_SECRET }}
      - uses: actions/upload-artifact@v4
        if: always()
        with: { name: audit-trail, path: ${trail}, if-no-files-found: ignore }
`;
}
