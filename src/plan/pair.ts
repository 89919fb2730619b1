// Which live webhooks are whose: every webhook of the organisation falls into exactly one of the rows below.
import type { LiveWebhook } from "../model/webhook.ts";
import { readOwnership } from "./identity.ts";

export interface Pairing {
  /** The declared groups' webhooks, by group. */
  readonly byGroup: ReadonlyMap<string, GroupWebhooks>;
  /** This owner's webhooks of groups that no manifest declares. */
  readonly orphans: readonly { readonly group: string; readonly live: LiveWebhook }[];
  /** How many webhooks are marked as this owner's. */
  readonly owned: number;
  /** How many are left alone. */
  readonly unmanaged: number;
}

export interface GroupWebhooks {
  readonly owned: readonly LiveWebhook[];
  /** Of this group, but marked by nobody. */
  readonly unmarked: readonly LiveWebhook[];
  /** Of this group, but marked by another owner. */
  readonly foreign: readonly { readonly owner: string; readonly live: LiveWebhook }[];
}

interface Sighting {
  readonly live: LiveWebhook;
  readonly group: string;
  readonly owner: string | null;
  readonly declared: boolean;
  readonly ours: boolean;
}

/** First match wins. */
const rows: readonly {
  readonly where: string;
  readonly when: (seen: Sighting) => boolean;
  readonly put: Row;
}[] = [
  { where: "names no group", when: (seen) => seen.group === "", put: "unmanaged" },
  { where: "ours, declared", when: (seen) => seen.ours && seen.declared, put: "owned" },
  { where: "ours, without a manifest", when: (seen) => seen.ours, put: "orphans" },
  { where: "of a group not declared here", when: (seen) => !seen.declared, put: "unmanaged" },
  { where: "of our group, unmarked", when: (seen) => seen.owner === null, put: "unmarked" },
  { where: "of our group, another owner's", when: () => true, put: "foreign" },
];
type Row = "unmanaged" | "owned" | "orphans" | "unmarked" | "foreign";

export function pairWebhooks(
  live: readonly LiveWebhook[],
  declaredGroups: ReadonlySet<string>,
  owner: string,
): Pairing {
  const byGroup = new Map<string, { owned: LiveWebhook[]; unmarked: LiveWebhook[]; foreign: Foreign[] }>();
  const orphans: { group: string; live: LiveWebhook }[] = [];
  let owned = 0;
  let unmanaged = 0;
  for (const webhook of live) {
    const seen = sight(webhook, declaredGroups, owner);
    if (seen.ours) owned += 1;
    const put = rows.find((row) => row.when(seen))?.put ?? "unmanaged";
    if (put === "unmanaged") unmanaged += 1;
    else if (put === "orphans") orphans.push({ group: seen.group, live: webhook });
    else {
      const group = byGroup.get(seen.group) ?? { owned: [], unmarked: [], foreign: [] };
      byGroup.set(seen.group, group);
      if (put === "foreign") group.foreign.push({ owner: seen.owner ?? "", live: webhook });
      else group[put].push(webhook);
    }
  }
  return { byGroup, orphans, owned, unmanaged };
}

interface Foreign {
  readonly owner: string;
  readonly live: LiveWebhook;
}

function sight(live: LiveWebhook, declaredGroups: ReadonlySet<string>, owner: string): Sighting {
  const found = readOwnership(live.description);
  const group = found.group ?? "";
  return {
    live,
    group,
    owner: found.owner,
    declared: declaredGroups.has(group),
    ours: found.owner === owner,
  };
}
