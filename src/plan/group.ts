// Plans one consumer group: which endpoint gets which event type, and the writes that take the live resources there.
import { groupBy } from "../lib/group-by.ts";
import type { EndpointPlan, GroupPlan, Operation } from "../model/plan.ts";
import { sameEndpoint } from "../model/endpoint.ts";
import { capacityOf, kindKey, type Kind, type Kinds } from "../model/kind.ts";
import type { Limits } from "../model/config.ts";
import type { Subscription } from "../model/subscription.ts";
import { estimateThroughput } from "../model/throughput.ts";
import type { LiveResource, ResourceDocument } from "../model/resource.ts";
import { assign, type Assignment } from "./assign.ts";
import type { Change } from "./change.ts";
import { makeChanges } from "./changes.ts";
import { diffDocuments } from "../model/document-diff.ts";
import { explain } from "./explain.ts";
import { findCause } from "./find-cause.ts";
import { countStaying, findBack } from "./going-back.ts";
import { makeOperation } from "./make-operation.ts";
import { findLeaveCause, findMoves } from "./moves.ts";
import { makePhases } from "./order.ts";
import { orderToKeep } from "./parts.ts";
import { findHomes, placeResources, poolOf, type Homes, type Places } from "./places.ts";
import { makeSlots } from "./slots.ts";

export interface GroupOptions {
  readonly kinds: Kinds;
  readonly owner: string;
  readonly limits: Limits;
  /** The document that the trail last recorded, by resource id. */
  readonly recorded: ReadonlyMap<string, ResourceDocument>;
  /** Names of recorded resources that are no longer live. */
  readonly gone: ReadonlySet<string>;
  /** Whether each group's plan carries its explanation. */
  readonly explain: boolean;
}

export interface GroupOutcome {
  readonly plan: GroupPlan;
  /** By phase, then pool order. */
  readonly operations: readonly Operation[];
}

/** `live`: the group's resources that may be written; `isOthers` says whether it has any that may not be. */
export function planGroup(
  desired: Subscription,
  { live, isOthers }: { readonly live: readonly LiveResource[]; readonly isOthers: boolean },
  options: GroupOptions,
): GroupOutcome {
  const places = placeResources(desired, live, options);
  const homes = findHomes(live);
  const { kind } = desired;
  const canBeRepointed = kind.isMovable && kind.granularity === "endpoint";
  const movers = canBeRepointed ? places.leavers.filter((live) => live.kind === kind) : [];
  const { assignment, partHomes } = assignGroup(desired, { places, homes, movers }, options);
  const changes = makeChanges(desired, {
    ...{ places, assignment, movers },
    ...{ homes: partHomes, owner: options.owner },
  });
  return realise(desired, changes, { live, isOthers, places, homes, assignment, options });
}

/** `partHomes`: those by which the event types of an endpoint are divided among its resources. */
function assignGroup(
  desired: Subscription,
  found: { readonly places: Places; readonly homes: Homes; readonly movers: readonly LiveResource[] },
  { recorded, owner, limits }: GroupOptions,
): { readonly assignment: Assignment; readonly partHomes: Homes } {
  const { places, homes, movers } = found;
  const { kind, eventTypes } = desired;
  const { granularity: partSize } = kind;
  const keepFirst =
    typeof partSize === "object" ? orderToKeep({ desired, owner, partSize }, places) : eventTypes;
  const more = {
    ...{ cap: capacityOf(kind, limits), keepFirst },
    leavers: movers.map((one) => new Set(one.eventTypes)),
  };
  const assignBy = (all: Homes, back: Homes): Assignment =>
    assign(eventTypes, makeSlots(desired, { places, homes: all, back, owner, keepFirst }), more);
  const assignment = assignBy(homes, new Map());
  const back = findBack(homes, places, { kind, recorded });
  if (back.size === 0) return { assignment, partHomes: homes };
  const all = new Map([...homes, ...back]);
  const withBack = assignBy(all, back);
  const { kept } = assignment;
  // What is live somewhere stays there first.
  return countStaying(withBack, homes, places) < kept
    ? { assignment, partHomes: homes }
    : { assignment: { ...withBack, kept }, partHomes: all };
}

function realise(
  desired: Subscription,
  changes: readonly Change[],
  given: {
    readonly live: readonly LiveResource[];
    readonly isOthers: boolean;
    readonly places: Places;
    readonly homes: Homes;
    readonly assignment: Assignment;
    readonly options: GroupOptions;
  },
): GroupOutcome {
  const { live, isOthers, places, homes, assignment, options } = given;
  const writes = changes.flatMap((change) => {
    const patch = diffDocuments(change.before, change.after, change.before?.kind ?? desired.kind);
    return patch.length === 0 ? [] : [{ ...change, patch }];
  });
  const serving = groupBy(changes, ({ after }) => after?.endpoint);
  const endpoints = places.endpoints.flatMap(({ url }, index): EndpointPlan[] => {
    const eventTypes = assignment.assigned[index] ?? [];
    const estimatedThroughput = Math.round(estimateThroughput(desired.historicalRate, eventTypes.length));
    const endpoint = { url, eventTypes, estimatedThroughput, ...kindKey(desired.kind, url) };
    return eventTypes.length === 0
      ? []
      : [{ ...endpoint, ...serversOf(desired.kind, serving.get(url) ?? []) }];
  });
  const moves = findMoves(places, homes, assignment);
  // The keys are spelt out because each object that is spread from two others has a shape of its own, which costs V8 memory.
  const { recorded, gone, owner } = options;
  const around = {
    group: desired.group,
    kind: desired.kind,
    live,
    isOthers,
    pool: poolOf(desired, options.limits),
    moves,
    recorded,
    gone,
    isUsed: (url: string) => endpoints.some((endpoint) => sameEndpoint(endpoint.url, url)),
    findLeaveCause: (from: string) => findLeaveCause(from, places, assignment),
  };
  const phases = makePhases(writes);
  const operations = writes
    .map((write, index) => {
      const kind = write.before?.kind ?? desired.kind;
      const about = { group: desired.group, kind, phase: phases[index] ?? 1, owner };
      return makeOperation(write, { ...about, cause: findCause(write, around) });
    })
    .sort((a, b) => a.phase - b.phase);
  const plan: GroupPlan = {
    group: desired.group,
    place: desired.place,
    state: desired.state,
    endpoints,
    moves,
    unchanged: changes.length - writes.length,
    skipped: null,
    frozen: desired.freeze,
    capacity: capacityOf(desired.kind, options.limits),
    ...(desired.rateAssumed ? { rateAssumed: true } : {}),
    explanation: options.explain ? explain(desired, { places, homes, assignment, moves }) : null,
    ...(options.explain && Object.keys(desired.labels).length > 0 ? { labels: desired.labels } : {}),
  };
  return { plan, operations };
}

function serversOf(
  { granularity }: Kind,
  changes: readonly Change[],
): Pick<EndpointPlan, "webhookId" | "triggers" | "parts"> {
  if (granularity === "endpoint") return { webhookId: changes[0]?.before?.id ?? null };
  if (granularity !== "eventType") {
    const parts = changes.map(({ before, after }) => ({
      webhookId: before?.id ?? null,
      eventTypes: after?.eventTypes ?? [],
    }));
    return { webhookId: null, parts };
  }
  const triggers = changes.map(({ before, after }) => ({
    eventType: after?.eventTypes[0] ?? "",
    webhookId: before?.id ?? null,
  }));
  return { webhookId: null, triggers };
}
