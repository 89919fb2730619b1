// Makes the first line of a manifest or the config, by which an editor finds the schema.
import { posix } from "node:path";

type SchemaName = "reconcile-config" | "webhook-subscription";

/** `init` writes the schemas beside the config, so an editor finds them with nothing installed. */
export function schemaPath(name: SchemaName, configFolder = ""): string {
  return posix.join(configFolder, `schemas/${name}.v1.json`);
}

/** The line for a file in this folder, without its `#`. */
export function modeline(folder: string, schema: string = schemaPath("webhook-subscription")): string {
  const path = posix.relative(folder, schema);
  // Some editors take a path without a dot at its start for a package.
  return `yaml-language-server: $schema=${path.startsWith(".") ? path : `./${path}`}`;
}
