// What `reconcile init` writes.
import { posix } from "node:path";
import { resourceKinds } from "../model/resource-kind.ts";
import { startingManifest, type StartScheme } from "./starting-manifest.ts";
import type { WorkflowOptions } from "./workflow-steps.ts";
import { makeWorkflows } from "./workflows.ts";

export interface Start extends WorkflowOptions {
  /** The folder of the manifests. */
  readonly manifests: string;
  /** Of the endpoints in the first one. */
  readonly scheme: StartScheme;
}

export const configPath = "reconcile.yaml";

export function examplePath(manifests: string): string {
  return posix.join(manifests, "example.yaml");
}

/** By path. */
export function startingFiles(start: Start): Readonly<Record<string, string>> {
  return {
    [configPath]: config(start),
    [examplePath(start.manifests)]: startingManifest(start.scheme, modeline(start.manifests)),
    ...makeWorkflows(start),
  };
}

function config({ owner, scheme }: Start): string {
  const { noun, nouns } = resourceKinds[`${scheme}:`];
  return `# ${modeline(".", "reconcile-config")}
apiVersion: reconcile.genesys/v1
kind: ReconcileConfig
# Where your organisation is: a region's domain, or its AWS region.
environment: mypurecloud.com
# Written into each ${noun}: only ${nouns} of this owner are ever changed or deleted.
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
