// The line by which an editor finds the schema of a manifest or of the config.
import { posix } from "node:path";

type SchemaName = "reconcile-config" | "webhook-subscription";

/** In the repository itself, so that an editor finds it without anything installed. */
export function schemaPath(name: SchemaName): string {
  return `schemas/${name}.v1.json`;
}

/** What tells an editor which schema a folder's manifests, or its config, have; without its `#`. */
export function modeline(folder: string, schema: SchemaName = "webhook-subscription"): string {
  const path = posix.relative(folder, schemaPath(schema));
  // Without a dot before it, what begins with a name would be a package to some editors.
  return `yaml-language-server: $schema=${path.startsWith(".") ? path : `./${path}`}`;
}
