// Tells which groups a file declares, without the config that belongs to the file.
import { matchGlob } from "../lib/match-glob.ts";
import { parseYaml } from "./parse-yaml.ts";
import { valueAt } from "./pointer.ts";

const prefix = "reconcile.genesys/";

/** No config reads a larger file, so the parser need not. */
const maxLength = 1024 * 1024;

/**
 * Returns those of the groups that the text declares or may declare: the config has the values for `${name}`, and a
 * manifest with a fault may have been meant so.
 */
export function findDeclared(text: string, groups: ReadonlySet<string>): readonly string[] {
  if (!text.includes(prefix)) return [];
  const find = (isDeclared: (group: string) => boolean): string[] => [...groups].filter(isDeclared);
  const named = (): string[] => find((group) => text.includes(group));
  if (text.length > maxLength) return named();
  const { documents, diagnostics } = parseYaml(text, "");
  const declared = documents.flatMap(({ value }) => {
    const version = valueAt(value, "/apiVersion");
    if (typeof version !== "string" || !version.startsWith(prefix)) return [];
    const id = valueAt(value, "/spec/consumerGroupId") ?? valueAt(value, "/metadata/name");
    if (typeof id !== "string") return [];
    if (!id.includes("${")) return groups.has(id) ? [id] : [];
    const pattern = id.replaceAll(/\$\{[^}]*\}/g, "*");
    return find((group) => matchGlob(group, pattern));
  });
  return diagnostics.length > 0 ? [...declared, ...named()] : declared;
}
