// Makes a plan of what is desired and what is live. Synchronous, total and deterministic: the order of its inputs does not matter.
import { compareText } from "../lib/compare.ts";
import { sortDiagnostics, type Diagnostic } from "../model/diagnostic.ts";
import type { Drift, Orphan, Plan } from "../model/plan.ts";
import type { UnreadResource } from "../model/listing.ts";
import { nounOf, type Kind } from "../model/kind.ts";
import type { Subscription } from "../model/subscription.ts";
import type { LiveResource } from "../model/resource.ts";
import { findConflicts, findNameConflicts, findUnlisted, type Unlisted, type Unsure } from "./conflicts.ts";
import { holdBack, holdToCreates } from "./freeze.ts";
import { planGroup, type GroupOptions, type GroupOutcome } from "./group.ts";
import { withSourceWarnings } from "./new-sources.ts";
import { groupPossibleRivals, findSources, warnOfTwins, type SourceFacts } from "./rivals.ts";
import { findSharedConflicts, findStrangers } from "./find-shared.ts";
import { withLeastWait } from "./settle-time.ts";
import { withShared } from "./shared.ts";
import { warnConsumers } from "./warn-consumers.ts";
import { warnOfLostFields } from "./lost-fields.ts";
import { warnOfDoubles } from "./warn-of-orphans.ts";
import { keepUnstated } from "./keep-options.ts";
import type { GroupResources } from "./pair.ts";
import { findStaying, planPrunes, type PruneOptions } from "./prunes.ts";
import { renameGroups } from "./rename-groups.ts";
import { sortLive } from "./sort-live.ts";
import { findDrift } from "./find-cause.ts";
import {
  findGone,
  findUnreadConflicts,
  findUnreadDoubts,
  identifyUnread,
  sortUnread,
  warnOfUnread,
  type SortedUnread,
} from "./unread.ts";

export interface PlanOptions extends Omit<GroupOptions, "gone">, PruneOptions {
  /** Plan these groups only; null for all. */
  readonly groups: ReadonlySet<string> | null;
  readonly adopt: boolean;
  /** The owner whose resources of declared groups are taken over. */
  readonly adoptFrom?: string | undefined;
  readonly allowDeletes: boolean;
  /** Whether every operation but creates is left to a later pass. */
  readonly createOnly: boolean;
  readonly maxDeletePercent: number;
  /** The groups whose orphans another group may take over; null for all. */
  readonly within?: ReadonlySet<string> | null | undefined;
  /** The kinds whose live resources are all known; absent for all. */
  readonly listed?: ReadonlySet<Kind> | undefined;
  /** The kinds that could not be listed, with the error. */
  readonly unlisted?: Unlisted | undefined;
  /** The resources that the lists showed in a form that cannot be read; absent for none. */
  readonly unread?: readonly UnreadResource[] | undefined;
  /** The groups of which it is not known whether a resource on record is still there, with the error. */
  readonly unsure?: Unsure | undefined;
}

/** `desired` is every valid manifest, even if only some groups are planned. */
export function makePlan(
  desired: readonly Subscription[],
  listed: readonly LiveResource[],
  given: PlanOptions,
): Plan {
  const { live, others, declared, pairing } = sortLive(listed, desired, given);
  const unreadOnes = renameGroups(identifyUnread(given), desired, given.owner);
  const options = { ...given, unread: unreadOnes };
  const inScope = (group: string): boolean => options.groups?.has(group) ?? true;
  const scope = desired.filter(({ group }) => inScope(group)).sort((a, b) => compareText(a.group, b.group));
  const strangers = new Map(
    options.kinds.all.map((kind) => [kind, findStrangers(kind, live, options)] as const),
  );
  const unread = sortUnread(options.unread, declared, options.owner);
  const facts = { ...pairing, byEndpoint: groupPossibleRivals(others), declared, strangers, unread, live };
  const planned = planDeclared(scope, facts, { ...options, gone: findGone(live, options) });
  const operations = keepUnstated(
    planned.flatMap((group) => group.operations),
    { ...options, live },
  );
  const takenOver = new Set(planned.flatMap((group) => group.takenOver));
  const orphans = pairing.orphans
    .filter(({ group, live: { id } }) => inScope(group) && !takenOver.has(id))
    .sort((a, b) => compareText(a.group, b.group) || compareText(a.live.id, b.live.id));
  const owned = { number: pairing.owned, noun: nounOf(live.map(({ kind }) => kind)) };
  const pruned = planPrunes(orphans, { operations, scope, owned }, options);
  const plan: Plan = {
    operations,
    prunes: pruned.prunes,
    groups: planned.map((group) => group.plan),
    drift: planned.flatMap((group) => group.drift),
    orphans: orphans.map(({ group, live: { id, endpoint } }): Orphan => ({
      webhookId: id,
      group,
      endpoint,
    })),
    unmanaged: pairing.unmanaged + unread.strangers.length + unread.ofSomeGroup.length,
    diagnostics: [
      ...planned.flatMap((group) => group.diagnostics),
      ...pruned.diagnostics,
      ...warnOfDoubles(
        planned.map((group) => group.plan),
        findStaying(pairing.orphans, pruned.prunes, takenOver),
      ),
      ...warnOfUnread(unread, options.prune),
      ...warnConsumers(planned, options.kinds),
    ],
  };
  const isWhole = (options.within === undefined ? options.groups : options.within) === null;
  const leftOut = desired.filter(({ group }) => !inScope(group));
  const whole = withShared(plan, { live, leftOut }, { ...options, isWhole });
  const warned = withSourceWarnings(whole, { canWait: true, kinds: options.kinds });
  const places = new Map(scope.map(({ group, place }) => [group, place]));
  const lost = warnOfLostFields([...plan.operations, ...plan.prunes], { ...options, places });
  const diagnostics = sortDiagnostics([...warned.diagnostics, ...lost]);
  return withLeastWait({ ...warned, diagnostics }, options.kinds);
}

/** One declared group's part of the plan. */
interface PlannedGroup extends GroupOutcome {
  readonly drift: readonly Drift[];
  readonly diagnostics: readonly Diagnostic[];
  /** The ids of the orphans that the group takes over. */
  readonly takenOver: readonly string[];
}

type DeclaredOptions = PlanOptions & GroupOptions;

interface DeclaredFacts extends SourceFacts {
  /** By the kind whose groups they hold back, the resources at the endpoint of a shared one. */
  readonly strangers: ReadonlyMap<Kind, readonly LiveResource[]>;
  readonly unread: SortedUnread;
  readonly live: readonly LiveResource[];
}

/** Plans the groups in the order given, that of their names. */
function planDeclared(
  scope: readonly Subscription[],
  facts: Omit<DeclaredFacts, "handedOver">,
  options: DeclaredOptions,
): readonly PlannedGroup[] {
  // The order of the names decides: of two groups that could take over the same orphan, the first one gets it.
  const handedOver = new Set<string>();
  const planned: PlannedGroup[] = [];
  for (const subscription of scope) {
    const group = planDeclaredGroup(subscription, { ...facts, handedOver }, options);
    planned.push(group);
    for (const id of group.takenOver) handedOver.add(id);
  }
  return planned;
}

function planDeclaredGroup(
  subscription: Subscription,
  facts: DeclaredFacts,
  options: DeclaredOptions,
): PlannedGroup {
  const found = facts.byGroup.get(subscription.group) ?? noResources;
  const sources = findSources(subscription, facts, options);
  const conflicts = [
    ...findUnlisted(subscription, options),
    ...findSharedConflicts(subscription, facts.strangers.get(subscription.kind) ?? [], options.owner),
    ...findConflicts(subscription, found, options),
    ...findUnreadConflicts(subscription, facts.unread, options.owner),
    ...sources.conflicts,
  ];
  const takenFrom = found.foreign.filter(({ owner }) => owner === options.adoptFrom);
  const mine = [
    ...found.owned,
    ...(options.adopt ? found.unmarked.filter(({ kind }) => !kind.isNeverAdopted) : []),
    ...takenFrom.map(({ live }) => live),
    ...sources.taken,
  ];
  const isOthers = found.foreign.length + found.unmarked.length > 0;
  const outcome = planGroup(subscription, { live: mine, isOthers }, options);
  conflicts.push(
    ...findUnreadDoubts(subscription, outcome.operations, facts.unread),
    ...findNameConflicts(subscription, outcome.operations, { live: facts.live, owner: options.owner }),
  );
  // A freeze and a conflict hold the whole group back, so create-only has nothing to add to them.
  const isHeld = subscription.freeze !== null || conflicts.length > 0;
  const allowed = isHeld
    ? holdBack(subscription, outcome, conflicts)
    : holdToCreates(subscription, outcome, options.createOnly);
  return {
    plan: allowed.plan,
    operations: allowed.operations,
    drift: driftOf(subscription, found.owned, options),
    diagnostics: [...allowed.diagnostics, ...warnOfTwins(allowed.plan, sources.twins)],
    takenOver: allowed.plan.skipped === null ? sources.taken.map(({ id }) => id) : [],
  };
}

const noResources: GroupResources = { owned: [], unmarked: [], foreign: [] };

function driftOf(
  desired: Subscription,
  owned: readonly LiveResource[],
  { recorded }: PlanOptions,
): Drift[] {
  return owned
    .map((live) => ({
      webhookId: live.id,
      group: desired.group,
      endpoint: live.endpoint,
      patch: findDrift(live, recorded, desired),
    }))
    .filter(({ patch }) => patch.length > 0)
    .sort((a, b) => compareText(a.webhookId, b.webhookId));
}
