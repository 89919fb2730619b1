// Sorts the live resources: each belongs to a declared group (as ours, unmarked or another owner's), is an orphan, or is
// unmanaged.
import type { LiveResource } from "../model/resource.ts";

export interface Pairing {
  /** The declared groups' resources, by group. */
  readonly byGroup: ReadonlyMap<string, GroupResources>;
  /** This owner's resources of groups that no manifest declares. */
  readonly orphans: readonly { readonly group: string; readonly live: LiveResource }[];
  /** How many resources have this owner's marker. */
  readonly owned: number;
  /** How many are left as they are. */
  readonly unmanaged: number;
}

export interface GroupResources {
  readonly owned: readonly LiveResource[];
  /** Resources of this group without an owner's mark. */
  readonly unmarked: readonly LiveResource[];
  /** Resources of this group with the mark of another owner. */
  readonly foreign: readonly { readonly owner: string; readonly live: LiveResource }[];
}

export function pairResources(
  live: readonly LiveResource[],
  declaredGroups: ReadonlySet<string>,
  owner: string,
): Pairing {
  const byGroup = new Map<
    string,
    { owned: LiveResource[]; unmarked: LiveResource[]; foreign: Foreign[] }
  >();
  const orphans: { group: string; live: LiveResource }[] = [];
  let owned = 0;
  let unmanaged = 0;
  for (const resource of live) {
    const { group, owner: marked } = resource;
    const isOurs = marked === owner;
    if (isOurs) owned += 1;
    if (group !== null && declaredGroups.has(group)) {
      const found = byGroup.get(group) ?? { owned: [], unmarked: [], foreign: [] };
      byGroup.set(group, found);
      if (isOurs) found.owned.push(resource);
      else if (marked === null) found.unmarked.push(resource);
      else found.foreign.push({ owner: marked, live: resource });
    } else if (group !== null && isOurs) orphans.push({ group, live: resource });
    else unmanaged += 1;
  }
  return { byGroup, orphans, owned, unmanaged };
}

interface Foreign {
  readonly owner: string;
  readonly live: LiveResource;
}
