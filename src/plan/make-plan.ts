// Desired × live → Plan. Synchronous, total and deterministic: the order of its inputs does not matter.
import { compareText } from "../lib/compare.ts";
import { sortDiagnostics, type Diagnostic } from "../model/diagnostic.ts";
import type { Drift, GroupPlan, Operation, Orphan, Plan } from "../model/plan.ts";
import type { ReconcileError } from "../model/errors.ts";
import { kindOf, nounOf, type Scheme } from "../model/resource-kind.ts";
import type { Subscription } from "../model/subscription.ts";
import type { LiveWebhook } from "../model/webhook.ts";
import { holdBack, holdPrunes, holdToCreates } from "./freeze.ts";
import { planGroup, type GroupOptions } from "./group.ts";
import { guardPrunes } from "./guard.ts";
import { withSourceWarnings } from "./new-sources.ts";
import { findHolders, findSources, warnOfTwins } from "./rivals.ts";
import { pairWebhooks, type GroupWebhooks } from "./pair.ts";
import { findDrift } from "./find-cause.ts";
import { makeOperation } from "./make-operation.ts";

export interface PlanOptions extends Omit<GroupOptions, "gone"> {
  /** Plan these groups only; null for all. */
  readonly groups: ReadonlySet<string> | null;
  readonly prune: boolean;
  readonly adopt: boolean;
  readonly allowDeletes: boolean;
  /** Whether whatever is no create is left to a later pass. */
  readonly createOnly: boolean;
  readonly maxDeletePercent: number;
  /** Those of whose orphans may become another group's; null for all. */
  readonly within?: ReadonlySet<string> | null | undefined;
  /** The kinds of which is not known what is live, and why. */
  readonly unseen?: ReadonlyMap<Scheme, Pick<ReconcileError, "code" | "message" | "hint">> | undefined;
}

/** `desired`: every valid manifest, whichever groups are to be planned. */
export function makePlan(
  desired: readonly Subscription[],
  live: readonly LiveWebhook[],
  options: PlanOptions,
): Plan {
  const inScope = (group: string): boolean => options.groups?.has(group) ?? true;
  const declared = new Map(desired.map((subscription) => [subscription.group, subscription]));
  const pairing = pairWebhooks(live, new Set(declared.keys()), options.owner);
  const ids = new Set(live.map(({ id }) => id));
  const gone = new Set([...options.recorded].flatMap(([id, { name }]) => (ids.has(id) ? [] : [name])));
  const groupOptions: GroupOptions = { ...options, gone };
  const holders = findHolders(live);
  const handedOver = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  const operations: Operation[] = [];
  const groups: GroupPlan[] = [];
  const drift: Drift[] = [];
  const scope = desired.filter((subscription) => inScope(subscription.group));
  for (const subscription of scope.toSorted((a, b) => compareText(a.group, b.group))) {
    const found = pairing.byGroup.get(subscription.group) ?? nobody;
    const sources = findSources(subscription, { ...pairing, holders, declared, handedOver }, options);
    const conflicts = [
      ...findUnseen(subscription, options),
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
  const urls = live.map(({ endpoint }) => endpoint);
  const guarded = guardPrunes(wanted, { number: pairing.owned, noun: nounOf(urls) }, options);
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
  const warned = withSourceWarnings(plan, true);
  return { ...warned, diagnostics: sortDiagnostics(warned.diagnostics) };
}

const nobody: GroupWebhooks = { owned: [], unmarked: [], foreign: [] };

/** Whatever is made without a look may be there already. */
function findUnseen({ group, endpointUrl, place }: Subscription, { unseen }: PlanOptions): Diagnostic[] {
  const error = unseen?.get(kindOf(endpointUrl).scheme);
  if (!error) return [];
  const { code, hint, message } = error;
  return [{ severity: "error", code, message: `group "${group}" is skipped: ${message}`, hint, ...place }];
}

function findConflicts(
  { group, place }: Subscription,
  found: GroupWebhooks,
  options: PlanOptions,
): Diagnostic[] {
  const at = { severity: "error", ...place } as const;
  return [
    ...found.foreign.map(({ owner, live }) => ({
      ...at,
      code: "ownership/otherOwner",
      message: `${kindOf(live.endpoint).noun} ${quote(live)} of group "${group}" is managed by owner "${owner}", so the group is skipped`,
      hint:
        `use another consumerGroupId; or, if owner "${owner}" shall give the group up, take the marker ` +
        `(the last field) off that ${kindOf(live.endpoint).noun}'s ${kindOf(live.endpoint).markedIn} and pass --adopt`,
    })),
    ...(options.adopt ? [] : found.unmarked).map((live) => ({
      ...at,
      code: "ownership/unmarked",
      message: `${kindOf(live.endpoint).noun} ${quote(live)} of group "${group}" is managed by nobody, so the group is skipped`,
      hint: "pass --adopt to take it over, or delete it",
    })),
  ];
}

function quote(live: LiveWebhook): string {
  return `"${live.name}" (id ${live.id})`;
}

function driftOf(group: string, owned: readonly LiveWebhook[], options: PlanOptions): Drift[] {
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
  live: LiveWebhook,
  about: Pick<Operation, "group" | "phase"> & { readonly owner: string },
): Operation {
  return makeOperation({ before: live, after: null }, { ...about, cause: { code: "groupHasNoManifest" } });
}
