// Makes a plan of what is desired and what is live. Synchronous, total and deterministic: the order of its inputs does not matter.
import { compareText } from "../lib/compare.ts";
import { sortDiagnostics, type Diagnostic } from "../model/diagnostic.ts";
import type { Drift, GroupPlan, Operation, Orphan, Plan } from "../model/plan.ts";
import type { ReconcileError } from "../model/errors.ts";
import { nounOf, type Kind } from "../model/kind.ts";
import type { Subscription } from "../model/subscription.ts";
import type { LiveResource } from "../model/resource.ts";
import { holdBack, holdPrunes, holdToCreates } from "./freeze.ts";
import { planGroup, type GroupOptions } from "./group.ts";
import { guardPrunes } from "./guard.ts";
import { withSourceWarnings } from "./new-sources.ts";
import { groupPossibleRivals, findSources, warnOfTwins } from "./rivals.ts";
import { findSharedConflicts, leaveOutShared } from "./find-shared.ts";
import { withShared } from "./shared.ts";
import { pairResources, type GroupResources } from "./pair.ts";
import { findDrift } from "./find-cause.ts";
import { makeOperation } from "./make-operation.ts";

export interface PlanOptions extends Omit<GroupOptions, "gone"> {
  /** Plan these groups only; null for all. */
  readonly groups: ReadonlySet<string> | null;
  readonly prune: boolean;
  readonly adopt: boolean;
  readonly allowDeletes: boolean;
  /** Whether every operation but creates is left to a later pass. */
  readonly createOnly: boolean;
  readonly maxDeletePercent: number;
  /** The groups whose orphans another group may take over; null for all. */
  readonly within?: ReadonlySet<string> | null | undefined;
  /** The kinds whose live resources are all known; absent for all. */
  readonly listed?: ReadonlySet<Kind> | undefined;
  /** The kinds that could not be listed, with the error. */
  readonly unlisted?: ReadonlyMap<Kind, Pick<ReconcileError, "code" | "message" | "hint">> | undefined;
}

/** `desired` is every valid manifest, even if only some groups are planned. */
export function makePlan(
  desired: readonly Subscription[],
  live: readonly LiveResource[],
  options: PlanOptions,
): Plan {
  const inScope = (group: string): boolean => options.groups?.has(group) ?? true;
  const declared = new Map(desired.map((subscription) => [subscription.group, subscription]));
  const others = leaveOutShared(live, options);
  const pairing = pairResources(others, new Set(declared.keys()), options.owner);
  const ids = new Set(live.map(({ id }) => id));
  const gone = new Set([...options.recorded].flatMap(([id, { name }]) => (ids.has(id) ? [] : [name])));
  const groupOptions: GroupOptions = { ...options, gone };
  const byEndpoint = groupPossibleRivals(others);
  const handedOver = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  const operations: Operation[] = [];
  const groups: GroupPlan[] = [];
  const drift: Drift[] = [];
  const scope = desired.filter((subscription) => inScope(subscription.group));
  for (const subscription of scope.toSorted((a, b) => compareText(a.group, b.group))) {
    const found = pairing.byGroup.get(subscription.group) ?? noResources;
    const sources = findSources(subscription, { ...pairing, byEndpoint, declared, handedOver }, options);
    const conflicts = [
      ...findUnlisted(subscription, options),
      ...findSharedConflicts(subscription, live, options),
      ...findConflicts(subscription, found, options),
      ...sources.conflicts,
    ];
    const mine = [...found.owned, ...(options.adopt ? found.unmarked : []), ...sources.taken];
    const outcome = planGroup(subscription, mine, groupOptions);
    const creating = holdToCreates(subscription, outcome, options.createOnly);
    const held = holdBack(subscription, conflicts.length > 0 ? outcome : creating, conflicts);
    if (held.plan.skipped === null) for (const { id } of sources.taken) handedOver.add(id);
    const isHeld = subscription.freeze !== null || conflicts.length > 0;
    diagnostics.push(...(isHeld ? [] : creating.diagnostics), ...held.diagnostics);
    diagnostics.push(...warnOfTwins(held.plan, sources.twins));
    groups.push(held.plan);
    operations.push(...held.operations);
    drift.push(...driftOf(subscription.group, found.owned, options));
  }
  const orphans = pairing.orphans
    .filter(({ group, live: { id } }) => inScope(group) && !handedOver.has(id))
    .sort((a, b) => compareText(a.group, b.group) || compareText(a.live.id, b.live.id));
  const lastPhase = operations.reduce((last, { phase }) => Math.max(last, phase), 0);
  const wanted = options.prune
    ? orphans.map(({ group, live }) => pruneOf(live, { group, phase: lastPhase + 1, owner: options.owner }))
    : [];
  const noun = nounOf(live.map(({ kind }) => kind));
  const guarded = guardPrunes(wanted, { number: pairing.owned, noun }, options);
  const waiting = scope.find(({ createOnly }) => createOnly !== null)?.group;
  const frozen = operations.find((operation) => operation.frozen)?.group ?? waiting ?? null;
  const plan: Plan = {
    operations,
    prunes: holdPrunes(guarded.prunes, frozen, options.createOnly),
    groups,
    drift,
    orphans: orphans.map(({ group, live: { id, endpoint } }): Orphan => ({
      webhookId: id,
      group,
      endpoint,
    })),
    unmanaged: pairing.unmanaged,
    diagnostics: [...diagnostics, ...guarded.diagnostics],
  };
  const isWhole = (options.within === undefined ? options.groups : options.within) === null;
  const leftOut = desired.filter(({ group }) => !inScope(group));
  const whole = withShared(plan, { live, leftOut }, { ...options, isWhole });
  const warned = withSourceWarnings(whole, { canWait: true, kinds: options.kinds });
  return { ...warned, diagnostics: sortDiagnostics(warned.diagnostics) };
}

const noResources: GroupResources = { owned: [], unmarked: [], foreign: [] };

/** A resource that is created although its kind was not listed may exist already. */
function findUnlisted({ group, kind, place }: Subscription, { unlisted }: PlanOptions): Diagnostic[] {
  const error = unlisted?.get(kind) ?? (kind.shared && unlisted?.get(kind.shared.kind));
  if (!error) return [];
  const { code, hint, message } = error;
  return [{ severity: "error", code, message: `group "${group}" is skipped: ${message}`, hint, ...place }];
}

function findConflicts(
  { group, place }: Subscription,
  found: GroupResources,
  options: PlanOptions,
): Diagnostic[] {
  const at = { severity: "error", ...place } as const;
  return [
    ...found.foreign.map(({ owner, live }) => ({
      ...at,
      code: "ownership/otherOwner",
      message: `${live.kind.noun} ${quote(live)} of group "${group}" is managed by owner "${owner}", so the group is skipped`,
      hint:
        `use another consumerGroupId; or, if owner "${owner}" shall give the group up, take the marker ` +
        `(the last field) off that ${live.kind.noun}'s ${live.kind.markedIn} and pass --adopt`,
    })),
    ...(options.adopt ? [] : found.unmarked).map((live) => ({
      ...at,
      code: "ownership/unmarked",
      message: `${live.kind.noun} ${quote(live)} of group "${group}" has no owner, so the group is skipped`,
      hint: "pass --adopt to take it over, or delete it",
    })),
  ];
}

function quote(live: LiveResource): string {
  return `"${live.name}" (id ${live.id})`;
}

function driftOf(group: string, owned: readonly LiveResource[], options: PlanOptions): Drift[] {
  return owned
    .map((live) => ({
      webhookId: live.id,
      group,
      endpoint: live.endpoint,
      patch: findDrift(live, options.recorded),
    }))
    .filter(({ patch }) => patch.length > 0)
    .sort((a, b) => compareText(a.webhookId, b.webhookId));
}

function pruneOf(
  live: LiveResource,
  about: Pick<Operation, "group" | "phase"> & { readonly owner: string },
): Operation {
  const cause = { code: "groupHasNoManifest" } as const;
  return makeOperation({ before: live, after: null }, { ...about, kind: live.kind, cause });
}
