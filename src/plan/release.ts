// Plans the release of groups: this owner's marker is taken off their resources, which go on delivering as they do.
import { compareText } from "../lib/compare.ts";
import { findNearest } from "../lib/did-you-mean.ts";
import { groupBy } from "../lib/group-by.ts";
import { nowhere, type Diagnostic, type Place } from "../model/diagnostic.ts";
import type { Limits } from "../model/config.ts";
import { asDocument } from "../model/document.ts";
import { capacityOf, kindKey, type Kinds } from "../model/kind.ts";
import type { UnreadResource } from "../model/listing.ts";
import { withoutMarker } from "../model/ownership.ts";
import type { GroupPlan, Operation, Plan } from "../model/plan.ts";
import type { LiveResource } from "../model/resource.ts";
import { estimateThroughput } from "../model/throughput.ts";
import { usualRate } from "./invert.ts";
import { leave } from "./leave.ts";
import { makeOperation } from "./make-operation.ts";
import { findUnreadOf } from "./unread.ts";

export interface ReleaseOptions {
  readonly kinds: Kinds;
  readonly owner: string;
  readonly limits: Limits;
  readonly groups: readonly string[];
  /** The resources that the lists showed in a form that cannot be read. */
  readonly unread: readonly UnreadResource[];
  /** By group, the place of its manifest, if it has one. */
  readonly places: ReadonlyMap<string, Place>;
}

/** Returns an error for each name of which no resource has this owner's marker. */
export function findNotOwned(
  live: readonly LiveResource[],
  { groups, owner, unread }: Pick<ReleaseOptions, "groups" | "owner" | "unread">,
): readonly Diagnostic[] {
  const ours = [...live, ...unread].filter((one) => one.owner === owner);
  const owned = new Set(ours.flatMap(({ group }) => group ?? []));
  return groups
    .filter((group) => !owned.has(group))
    .map((group) => {
      const nearest = findNearest(group, owned);
      const message = `no resource of owner "${owner}" is of group "${group}", so there is nothing to release`;
      const hint = nearest === undefined ? null : `did you mean "${nearest}"?`;
      return { severity: "error", code: "group/unknown", message, hint, ...nowhere };
    });
}

export function planRelease(live: readonly LiveResource[], options: ReleaseOptions): Plan {
  const owned = live.filter(({ owner }) => owner === options.owner);
  const byGroup = groupBy(owned, ({ group }) => group);
  const names = [...new Set(options.groups)].sort(compareText);
  const released = names.map((group) => releaseGroup(group, byGroup.get(group) ?? [], options));
  return {
    operations: released.flatMap(({ operations }) => operations),
    ...{ prunes: [], drift: [], orphans: [], unmanaged: 0 },
    groups: released.map(({ plan }) => plan),
    diagnostics: released.flatMap(({ refusal }) => refusal ?? []),
  };
}

interface ReleasedGroup {
  readonly plan: GroupPlan;
  readonly operations: readonly Operation[];
  readonly refusal: Diagnostic | null;
}

function releaseGroup(
  group: string,
  resources: readonly LiveResource[],
  { kinds, owner, limits, places, unread }: ReleaseOptions,
): ReleasedGroup {
  const sorted = resources.toSorted(
    (a, b) => compareText(a.endpoint, b.endpoint) || compareText(a.id, b.id),
  );
  const place = places.get(group) ?? { file: "", line: 1, column: 1 };
  const operations = sorted.map((before) => {
    const after = { ...asDocument(before), description: withoutMarker(before.description) };
    const about = { group, phase: 1, kind: before.kind, owner, cause: { code: "released" } as const };
    return makeOperation({ before, after }, about);
  });
  const plan: GroupPlan = {
    ...{ group, place, moves: [], unchanged: 0, skipped: null, frozen: null, explanation: null },
    state: sorted.every(({ state }) => state === "enabled") ? "enabled" : "disabled",
    endpoints: sorted.map((one) => ({
      url: one.endpoint,
      eventTypes: one.eventTypes,
      estimatedThroughput: Math.round(estimateThroughput(usualRate, one.eventTypes.length)),
      webhookId: one.id,
      ...kindKey(one.kind, one.endpoint),
    })),
    capacity: capacityOf(kinds.of(sorted[0] ?? { endpoint: "" }), limits),
    rateAssumed: true,
  };
  const found = findUnreadOf({ group, changes: [] }, { unread, owner, kinds });
  if (!found) return { plan, operations, refusal: null };
  const message = `group "${group}" is not released: ${found.message}`;
  return {
    plan: { ...plan, skipped: message },
    operations: operations.map((step) => leave(step, { by: "guard", why: message, hint: found.hint })),
    refusal: { severity: "error", code: found.code, message, hint: found.hint, ...nowhere },
  };
}
