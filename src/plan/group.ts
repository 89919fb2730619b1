// One consumer group: its event types over its endpoints, and the writes that take the live webhooks there.
import { groupBy } from "../lib/group-by.ts";
import type { EndpointPlan, GroupPlan, Operation } from "../model/plan.ts";
import { capacityOf, kindKey, type Kind, type Kinds } from "../model/kind.ts";
import type { Limits } from "../model/config.ts";
import type { Subscription } from "../model/subscription.ts";
import type { LiveResource, ResourceDocument } from "../model/resource.ts";
import { assign, type Assignment } from "./assign.ts";
import { makeChanges, makeDocument, type Change } from "./changes.ts";
import { diffDocuments } from "../model/document-diff.ts";
import { explain } from "./explain.ts";
import { findCause } from "./find-cause.ts";
import { makeOperation } from "./make-operation.ts";
import { findLeaveCause, findMoves } from "./moves.ts";
import { makePhases } from "./order.ts";
import { findHomes, placeResources, poolOf, type Homes, type Places } from "./places.ts";
import type { Slot } from "./quotas.ts";

export interface GroupOptions {
  readonly kinds: Kinds;
  readonly owner: string;
  readonly limits: Limits;
  /** What the trail last recorded, by webhook id. */
  readonly recorded: ReadonlyMap<string, ResourceDocument>;
  /** Names of recorded webhooks that are no longer live. */
  readonly gone: ReadonlySet<string>;
  /** Whether each group's plan carries its explanation. */
  readonly explain: boolean;
}

export interface GroupOutcome {
  readonly plan: GroupPlan;
  /** By phase, then pool order. */
  readonly operations: readonly Operation[];
}

/** `live`: the group's webhooks that may be written. */
export function planGroup(
  desired: Subscription,
  live: readonly LiveResource[],
  options: GroupOptions,
): GroupOutcome {
  const places = placeResources(desired, live, options);
  const homes = findHomes(live);
  const { kind } = desired;
  const canBeRepointed = kind.isMovable && kind.granularity === "endpoint";
  const movers = canBeRepointed ? places.leavers.filter((live) => live.kind === kind) : [];
  const assignment = assign(
    desired.eventTypes,
    makeSlots(desired, { places, homes, owner: options.owner }),
    {
      cap: capacityOf(kind, options.limits),
      leavers: movers.map(({ eventTypes }) => new Set(eventTypes)),
    },
  );
  const { owner } = options;
  const changes = makeChanges(desired, { places, assignment, movers, owner });
  return realise(desired, changes, { live, places, homes, assignment, options });
}

function makeSlots(
  desired: Subscription,
  given: {
    readonly places: Places;
    readonly homes: Homes;
    readonly owner: string;
  },
): Slot[] {
  const { places, homes, owner } = given;
  const wanted = new Set(desired.eventTypes);
  return places.endpoints.map(({ url, weight, webhooks }) => {
    const held = webhooks.flatMap((webhook) =>
      webhook.eventTypes.filter(
        (eventType) => wanted.has(eventType) && homes.get(eventType)?.includes(webhook),
      ),
    );
    const right = webhooks
      .filter(({ eventTypes }) => eventTypes.length > 0 && eventTypes.every((type) => wanted.has(type)))
      .filter((webhook) => {
        const document = makeDocument(desired, { url, eventTypes: webhook.eventTypes, owner });
        return diffDocuments(webhook, document, desired.kind).length === 0;
      })
      .map(({ eventTypes }) => new Set(eventTypes));
    return { weight, held: new Set(held), right, occupied: webhooks.length > 0 };
  });
}

function realise(
  desired: Subscription,
  changes: readonly Change[],
  given: {
    readonly live: readonly LiveResource[];
    readonly places: Places;
    readonly homes: Homes;
    readonly assignment: Assignment;
    readonly options: GroupOptions;
  },
): GroupOutcome {
  const { live, places, homes, assignment, options } = given;
  const writes = changes.flatMap((change) => {
    const patch = diffDocuments(change.before, change.after, change.before?.kind ?? desired.kind);
    return patch.length === 0 ? [] : [{ ...change, patch }];
  });
  const serving = groupBy(changes, ({ after }) => after?.endpoint);
  const endpoints = places.endpoints.flatMap(({ url }, index): EndpointPlan[] => {
    const eventTypes = assignment.assigned[index] ?? [];
    const estimatedThroughput = Math.round(desired.historicalRate * eventTypes.length * 0.8);
    const endpoint = { url, eventTypes, estimatedThroughput, ...kindKey(desired.kind, url) };
    return eventTypes.length === 0
      ? []
      : [{ ...endpoint, ...serversOf(desired.kind, serving.get(url) ?? []) }];
  });
  const moves = findMoves(places, homes, assignment);
  // Spelt out: an object spread from two others has a shape of its own each time, which costs V8 old-space memory.
  const { recorded, gone, owner } = options;
  const around = {
    group: desired.group,
    kind: desired.kind,
    live,
    pool: poolOf(desired, options.limits),
    moves,
    recorded,
    gone,
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
    explanation: options.explain ? explain(desired, { places, homes, assignment, moves }) : null,
  };
  return { plan, operations };
}

function serversOf(
  { granularity }: Kind,
  changes: readonly Change[],
): Pick<EndpointPlan, "webhookId" | "triggers"> {
  if (granularity === "endpoint") return { webhookId: changes[0]?.before?.id ?? null };
  const triggers = changes.map(({ before, after }) => ({
    eventType: after?.eventTypes[0] ?? "",
    webhookId: before?.id ?? null,
  }));
  return { webhookId: null, triggers };
}
