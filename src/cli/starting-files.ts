// What `reconcile init` writes.
import { posix } from "node:path";
import type { WorkflowOptions } from "./workflow-steps.ts";
import { makeWorkflows } from "./workflows.ts";

export interface Start extends WorkflowOptions {
  /** The folder of the manifests. */
  readonly manifests: string;
}

export const configPath = "reconcile.yaml";

export function examplePath(manifests: string): string {
  return posix.join(manifests, "example.yaml");
}

/** By path. */
export function startingFiles(start: Start): Readonly<Record<string, string>> {
  return {
    [configPath]: config(start),
    [examplePath(start.manifests)]: example(start),
    ...makeWorkflows(start),
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
