// Which live webhooks are whose: every webhook of the organisation is exactly one of: a declared
// group's (ours, unmarked or another owner's), an orphan, unmanaged.
import type { LiveWebhook } from "../model/webhook.ts";
import { readOwnership } from "../model/ownership.ts";

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
    const { group, owner: marked } = readOwnership(webhook.description);
    const isOurs = marked === owner;
    if (isOurs) owned += 1;
    if (group !== null && declaredGroups.has(group)) {
      const found = byGroup.get(group) ?? { owned: [], unmarked: [], foreign: [] };
      byGroup.set(group, found);
      if (isOurs) found.owned.push(webhook);
      else if (marked === null) found.unmarked.push(webhook);
      else found.foreign.push({ owner: marked, live: webhook });
    } else if (group !== null && isOurs) orphans.push({ group, live: webhook });
    else unmanaged += 1;
  }
  return { byGroup, orphans, owned, unmanaged };
}

interface Foreign {
  readonly owner: string;
  readonly live: LiveWebhook;
}
