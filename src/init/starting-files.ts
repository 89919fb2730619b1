// The files that `reconcile init` writes.
import { posix } from "node:path";
import { genesysTopics } from "../model/genesys-topics.ts";
import type { Kind } from "../model/kind.ts";
import type { Topic } from "../model/topic.ts";
import { makeManifestSchema, showSchema } from "./manifest-schema.ts";
import { modeline, schemaPath } from "./modeline.ts";
import { startingManifest } from "./starting-manifest.ts";
import type { WorkflowOptions } from "./workflow-steps.ts";
import { makeWorkflows } from "./workflows.ts";
import configSchema from "../../schemas/reconcile-config.v1.json" with { type: "json" };

export interface InitOptions extends WorkflowOptions {
  /** The folder of the manifests. */
  readonly manifests: string;
  /** The kind of the endpoint in the example manifest. */
  readonly kind: Kind;
  /** The entries of the config's catalogue; null without one that can be read. */
  readonly catalog: readonly Topic[] | null;
}

export const configPath = "reconcile.yaml";

/** The line of the config by which all machines share one state. */
export const sharedStateLine = "state: { store: git }";

export function examplePath(manifests: string): string {
  return posix.join(manifests, "example.yaml");
}

/** The files' texts by their paths. */
export function startingFiles(options: InitOptions): Readonly<Record<string, string>> {
  const { kind, manifests, catalog } = options;
  return {
    [configPath]: config(options),
    [examplePath(manifests)]: startingManifest(kind, { modeline: modeline(manifests), catalog }),
    [schemaPath("reconcile-config")]: showSchema(configSchema),
    [schemaPath("webhook-subscription")]: makeManifestSchema(catalog?.map(({ id }) => id) ?? genesysTopics),
    ...makeWorkflows(options),
  };
}

function config({ owner, kind: { noun, nouns, start }, store }: InitOptions): string {
  return `# ${modeline(".", schemaPath("reconcile-config"))}
apiVersion: reconcile.genesys/v1
kind: ReconcileConfig
# Where your organisation is: a region's domain, or its AWS region.
environment: mypurecloud.com
# Written into each ${noun}: reconcile only ever changes or deletes ${nouns} of this owner.
owner: "${owner}"
${store === "git" ? stateInGit : stateInFiles}${start.config?.lines ?? ""}`;
}

const stateInGit = `# Where the audit trail is kept, and who may write now: on branches of \`origin\` whose names begin with reconcile-state/, so that
# laptops and workflows share them. If anybody can read that repository, passes refuse it: name the remote of a private one, as
# in { store: git, git: { remote: NAME } }, or a database, { store: postgres } (docs/state.md).
${sharedStateLine}
`;

/** Without a remote the Git store could not be used, and the first plan would fail. */
const stateInFiles = `# The audit trail is kept in files of this machine, because this folder is in no Git repository with a remote \`origin\`. Once it
# is in one, take the first # off the next line, so that laptops and workflows share the trail. One that is there by then is
# moved first: \`reconcile state move --to git\` (docs/state.md).
# ${sharedStateLine}
`;
