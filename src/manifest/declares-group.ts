// Tells whether a file declares a group, without the config that belongs to the file.
import { matchGlob } from "../lib/match-glob.ts";
import { parseYaml } from "./parse-yaml.ts";
import { valueAt } from "./pointer.ts";
import type { ManifestFile } from "./validate.ts";

/** In doubt it does: the config has the values for `${name}`, and a file with a fault may have been meant so. */
export function declaresGroup({ file, text }: ManifestFile, group: string): boolean {
  const { documents, diagnostics } = parseYaml(text, file);
  if (diagnostics.length > 0) return text.includes(group);
  return documents.some(({ value }) => {
    const id = valueAt(value, "/spec/consumerGroupId") ?? valueAt(value, "/metadata/name");
    return typeof id === "string" && matchGlob(group, id.replaceAll(/\$\{[^}]*\}/g, "*"));
  });
}
