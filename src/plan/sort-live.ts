// Sorts what is live by the manifests. What is an orphan to a plan is one to whatever else asks.
import type { LiveResource } from "../model/resource.ts";
import type { Subscription } from "../model/subscription.ts";
import { leaveOutShared, type Whose } from "./find-shared.ts";
import { pairResources, type Pairing } from "./pair.ts";
import { renameGroups } from "./rename-groups.ts";

export interface SortedLive {
  /** What is listed, with the groups' new names. */
  readonly live: readonly LiveResource[];
  /** Those of them that groups do not share. */
  readonly others: readonly LiveResource[];
  readonly declared: ReadonlyMap<string, Subscription>;
  readonly pairing: Pairing;
}

export function sortLive(
  listed: readonly LiveResource[],
  desired: readonly Subscription[],
  whose: Whose,
): SortedLive {
  const live = renameGroups(listed, desired, whose.owner);
  const declared = new Map(desired.map((subscription) => [subscription.group, subscription]));
  const others = leaveOutShared(live, whose);
  return { live, others, declared, pairing: pairResources(others, new Set(declared.keys()), whose.owner) };
}
