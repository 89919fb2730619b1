// A Genesys Cloud organisation.
import type * as schema from "./schema/organization.ts";
import type { TypeOf } from "./schema/type-of.ts";

export type Organization = TypeOf<typeof schema.organization>;

/** Returns `Acme Contact (0a1b…)`, or only the id of one whose name is not known. */
export function sayOrganization({ id, name }: Organization): string {
  return name === null ? id : `${name} (${id})`;
}
