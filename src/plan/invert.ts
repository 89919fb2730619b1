// Plans a rollback: each resource that the run wrote becomes as it was before, unless someone else has written it since.
import { compareText } from "../lib/compare.ts";
import { groupBy } from "../lib/group-by.ts";
import { nowhere, sortDiagnostics, type Diagnostic, type Place } from "../model/diagnostic.ts";
import type { GroupPlan, Operation, Plan } from "../model/plan.ts";
import type { Held } from "../model/held.ts";
import type { RunChange } from "../model/run-changes.ts";
import { capacityOf, kindKey, nounOf, type Kind, type Kinds } from "../model/kind.ts";
import type { Limits } from "../model/config.ts";
import type { UnreadResource } from "../model/listing.ts";
import type { LiveResource, ResourceDocument } from "../model/resource.ts";
import { holdBack } from "./freeze.ts";
import { findExcess, type Owned } from "./guard.ts";
import { warnOfLostBefore } from "./lost-fields.ts";
import { findMovesBack } from "./moves-back.ts";
import { leave } from "./leave.ts";
import { countDeliveryEnds, warnOfSilence, type After } from "./delivery-ends.ts";
import { withSourceWarnings } from "./new-sources.ts";
import { findPhases } from "./order.ts";
import { withLeastWait } from "./settle-time.ts";
import { withShared } from "./shared.ts";
import { warnOfKeptOptions } from "./warn-of-kept-options.ts";
import { inverseOf, takeBack, type TakenBack } from "./take-back.ts";
import { findUnreadOf } from "./unread.ts";
import { estimateThroughput } from "../model/throughput.ts";

export interface InvertOptions {
  readonly kinds: Kinds;
  readonly limits: Limits;
  readonly owner: string;
  /** Whether resources that were written since are taken back too. */
  readonly force: boolean;
  readonly allowDeletes: boolean;
  readonly maxDeletePercent: number;
  readonly isAllowed: (endpoint: string) => boolean;
  /** The kinds whose live resources are all known; absent for all. */
  readonly listed?: ReadonlySet<Kind> | undefined;
  /** The resources that the lists showed in a form that cannot be read; absent for none. */
  readonly unread?: readonly UnreadResource[] | undefined;
  /** By group, the freeze of its current manifest. */
  readonly freezes: ReadonlyMap<string, string>;
}

export interface RunToInvert {
  readonly runId: string;
  readonly changes: readonly RunChange[];
  /** By resource id, the last run after it that wrote the resource. */
  readonly later: ReadonlyMap<string, string>;
  /** By group, why it is not known what became of one of the run's writes. */
  readonly unclear: ReadonlyMap<string, string>;
  /** By group, the place of its manifest or of its records. */
  readonly places: ReadonlyMap<string, Place>;
}

/** Total and deterministic, as `makePlan`. An operation that must not be done is `skipped`, and so is all of its group. */
export function invertRun(run: RunToInvert, live: readonly LiveResource[], options: InvertOptions): Plan {
  // A shared resource follows from what becomes of the groups, and not from the run's records of it.
  const ofGroups = run.changes.flatMap(({ group, ...change }) =>
    group === null ? [] : [{ group, ...change }],
  );
  const byGroup = groupBy(ofGroups, ({ group }) => group);
  const owned = live.filter(({ owner }) => owner === options.owner);
  const given = {
    ...{ run, live, options, byId: new Map(live.map((resource) => [resource.id, resource])) },
    ownedByGroup: groupBy(owned, ({ group }) => group),
  };
  const names = [...new Set([...byGroup.keys(), ...run.unclear.keys()])].sort(compareText);
  const inverses = names.map((group) => invertGroup({ group, changes: byGroup.get(group) ?? [] }, given));
  const noun = nounOf(live.map(({ kind }) => kind));
  const groups = guard(inverses, { number: owned.length, noun }, options);
  const plan: Plan = {
    operations: groups.flatMap(({ operations }) => operations),
    prunes: [],
    groups: groups.map(({ plan }) => plan),
    drift: [],
    orphans: [],
    unmanaged: 0,
    diagnostics: sortDiagnostics(
      groups.flatMap(({ refusal, warnings }) => [refusal ?? [], warnings].flat()),
    ),
  };
  const around = { live, leftOut: [] };
  const sharing = {
    ...options,
    recorded: new Map<string, ResourceDocument>(),
    isWhole: false,
    createOnly: false,
  };
  const whole = withShared(plan, around, sharing);
  return withLeastWait(withSourceWarnings(whole, { canWait: false, kinds: options.kinds }), options.kinds);
}

interface RunAndLive {
  readonly run: RunToInvert;
  readonly live: readonly LiveResource[];
  readonly byId: ReadonlyMap<string, LiveResource>;
  /** This owner's. */
  readonly ownedByGroup: ReadonlyMap<string | null, readonly LiveResource[]>;
  readonly options: InvertOptions;
}

interface GroupInverse {
  readonly plan: GroupPlan;
  readonly operations: readonly Operation[];
  readonly refusal: Diagnostic | null;
  readonly warnings: readonly Diagnostic[];
  /** Deletes after which no resource of the group delivers an event type that was delivered before. */
  readonly deliveryEnds: number;
}

function invertGroup(
  { group, changes }: { readonly group: string; readonly changes: readonly RunChange[] },
  given: RunAndLive,
): GroupInverse {
  const { run } = given;
  const { kinds } = given.options;
  const writes = changes
    .map((change) => takeBack(change, { ...given, later: run.later }))
    .filter((write) => write !== null);
  const phases = findPhases(writes.map((write) => ({ ...write, last: false })));
  const place = run.places.get(group) ?? { file: "", line: 1, column: 1 };
  const why = findRefusal({ group, changes, writes, hasOrder: phases !== null }, given);
  const refusal = why && { severity: "error" as const, ...why, ...place };
  const operations = writes
    .map((write, index) =>
      inverseOf(write, {
        ...{ group, runId: run.runId, owner: given.options.owner, kinds },
        phase: phases?.[index] ?? 1,
      }),
    )
    .sort((a, b) => a.phase - b.phase);
  const after = resourcesAfter(writes, given.ownedByGroup.get(group) ?? []);
  const plan: GroupPlan = {
    group,
    place,
    state: after.every(({ state }) => state === "enabled") ? "enabled" : "disabled",
    endpoints: after.map((one) => ({
      url: one.endpoint,
      eventTypes: one.eventTypes,
      estimatedThroughput: Math.round(estimateThroughput(usualRate, one.eventTypes.length)),
      webhookId: one.id,
      ...kindKey(kinds.of(one), one.endpoint),
    })),
    moves: findMovesBack(writes),
    unchanged: after.length - writes.filter((write) => write.after).length,
    skipped: null,
    frozen: null,
    capacity: capacityOf(kinds.of(after[0] ?? { endpoint: "" }), given.options.limits),
    rateAssumed: true,
    explanation: null,
  };
  const freeze = given.options.freezes.get(group) ?? null;
  if (freeze !== null) {
    const held = holdBack({ group, freeze, place }, { plan: { ...plan, frozen: freeze }, operations }, []);
    return { ...held, refusal: null, warnings: held.diagnostics, deliveryEnds: 0 };
  }
  const warnings = [
    ...warnOfSilence(group, writes, { after, place }),
    ...warnOfLostBefore(group, writes, { kinds, place }),
    ...warnOfKeptOptions(changes, { group, place, kinds, byId: given.byId }),
  ];
  const inverse = {
    plan,
    operations,
    refusal: null,
    warnings,
    deliveryEnds: countDeliveryEnds(writes, after),
  };
  return refusal ? refuse(inverse, refusal) : inverse;
}

/** Events a second for each event type, if there is no manifest that states it. */
export const usualRate = 100;

type Why = Pick<Diagnostic, "code" | "message" | "hint">;

/** Returns the first reason that holds; reasons that no flag overrides come before those that --force does. */
function findRefusal(
  found: {
    readonly group: string;
    readonly changes: readonly RunChange[];
    readonly writes: readonly TakenBack[];
    readonly hasOrder: boolean;
  },
  { run, options }: RunAndLive,
): Why | null {
  const { group, changes, writes, hasOrder } = found;
  const of = (text: string): string => `group "${group}" is not rolled back: ${text}`;
  const unread = findUnreadOf({ group, changes }, options);
  if (unread) return { ...unread, message: of(unread.message) };
  const forbidden = writes.find((write) => write.forbidden !== null)?.forbidden;
  if (forbidden) return { code: "rollback/forbidden", message: of(forbidden), hint: null };
  if (!hasOrder) {
    const message = of(
      "what is live of it would have to swap event types, and no order of writes is without a gap",
    );
    const hint = "put its manifest back as it was, and sync: that plans the way there";
    return { code: "rollback/noOrder", message, hint };
  }
  if (options.force) return null;
  const hint = "pass --force to roll it back nevertheless, or change its manifest and sync";
  const unclear = run.unclear.get(group);
  if (unclear !== undefined) return { code: "rollback/unclear", message: of(unclear), hint };
  const touched = writes.find((write) => write.touched !== null)?.touched;
  return touched ? { code: "rollback/touchedSince", message: of(touched), hint } : null;
}

function refuse(inverse: GroupInverse, refusal: Diagnostic): GroupInverse {
  const held: Held = { by: "guard", why: refusal.message, hint: refusal.hint };
  const skipped = inverse.operations.map((step) => leave(step, held));
  const plan = { ...inverse.plan, unchanged: 0, skipped: refusal.message };
  return { ...inverse, plan, operations: skipped, refusal, warnings: [] };
}

/** Deletes after which every event type is still delivered do not count. */
function guard(
  inverses: readonly GroupInverse[],
  owned: Owned,
  options: InvertOptions,
): readonly GroupInverse[] {
  const counted = inverses.filter(({ refusal }) => !refusal);
  const deliveryEnds = counted.reduce((sum, inverse) => sum + inverse.deliveryEnds, 0);
  const excess = findExcess(deliveryEnds, owned, options);
  if (!excess) return inverses;
  const refusal = { severity: "error" as const, code: "rollback/tooManyDeletes", ...excess, ...nowhere };
  let isTold = false;
  return inverses.map((inverse) => {
    if (inverse.refusal || inverse.deliveryEnds === 0) return inverse;
    const refused = refuse(inverse, refusal);
    // The refusal is about the sum, so it is reported once.
    const shown = isTold ? { ...refused, refusal: null } : refused;
    isTold = true;
    return shown;
  });
}

/** The group's resources after all writes, by endpoint. */
function resourcesAfter(writes: readonly TakenBack[], owned: readonly LiveResource[]): readonly After[] {
  const written = new Set(writes.map(({ before }) => before?.id));
  const kept = owned.filter(({ id }) => !written.has(id));
  const put = writes.flatMap(({ before, after }) => (after ? [{ ...after, id: before?.id ?? null }] : []));
  return [...kept, ...put].sort((a, b) => compareText(a.endpoint, b.endpoint));
}
