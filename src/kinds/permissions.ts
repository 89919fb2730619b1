// Makes the permissions of the kinds in the published SDK: their names follow one pattern.
import type { Kind } from "../model/kind.ts";

/** `entity` is a name such as `integrations:integration`. */
export function permissionsOf(entity: string): Kind["permissions"] {
  return {
    word: "permissions",
    list: `${entity}:view`,
    write: [`${entity}:add`, `${entity}:edit`, `${entity}:delete`],
  };
}
