// Makes the first line of a manifest or the config, by which an editor finds the schema.
import { posix } from "node:path";

type SchemaName = "reconcile-config" | "webhook-subscription";

/** `init` writes the schemas into the repository, so an editor finds them with nothing installed. */
export function schemaPath(name: SchemaName): string {
  return `schemas/${name}.v1.json`;
}

/** The line for a file in this folder, without its `#`. */
export function modeline(folder: string, schema: SchemaName = "webhook-subscription"): string {
  const path = posix.relative(folder, schemaPath(schema));
  // Some editors take a path without a dot at its start for a package.
  return `yaml-language-server: $schema=${path.startsWith(".") ? path : `./${path}`}`;
}
