// The permissions of the published resources, which are named alike.
import type { Kind } from "../model/kind.ts";

/** `entity`: such as `integrations:integration`. */
export function permissionsOf(entity: string): Kind["permissions"] {
  return {
    word: "permissions",
    list: `${entity}:view`,
    write: [`${entity}:add`, `${entity}:edit`, `${entity}:delete`],
  };
}
