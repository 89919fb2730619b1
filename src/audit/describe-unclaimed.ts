// Says that a trail has records of an older version which do not seem to be of this organisation.
import { count } from "../lib/count.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import { sayOrganization, type Organization } from "../model/organization.ts";
import type { OlderRecords } from "./history.ts";

export const unclaimedCode = "organization/unclaimed";

/** Returns nothing if the records count as this organisation's. */
export function describeUnclaimed(
  { records, left, live, count: counts }: OlderRecords,
  { organization, path }: { readonly organization: Organization | null; readonly path: string },
): readonly Diagnostic[] {
  if (counts || organization === null) return [];
  const message =
    `${count(records, "record")} in ${path} ${records === 1 ? "names" : "name"} no organisation and ${records === 1 ? "counts" : "count"} as another one's: ` +
    `of the ${count(left, "resource")} that they leave live, ${live} ${live === 1 ? "is" : "are"} live in ${sayOrganization(organization)}`;
  const hint = "if they are of this organisation, say so on record with `reconcile audit claim`";
  return [{ severity: "warning", code: unclaimedCode, message, hint, ...nowhere }];
}
