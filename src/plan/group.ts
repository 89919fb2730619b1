// One consumer group: its event types over its endpoints, and the writes that take the live webhooks there.
import { compareText } from "../lib/compare.ts";
import { endpointKey, sameEndpoint } from "../model/endpoint.ts";
import type { EndpointPlan, GroupPlan, Move, Operation } from "../model/plan.ts";
import type { Limits, Subscription } from "../model/subscription.ts";
import type { LiveWebhook, WebhookDocument } from "../model/webhook.ts";
import { assign } from "./assign.ts";
import { asDocument, diffWebhooks, sortedSet } from "./diff.ts";
import { readOwnership, webhookDescription, webhookName } from "./identity.ts";
import { makePhases } from "./order.ts";
import { makeReasons } from "./reason.ts";

export interface GroupOptions {
  readonly owner: string;
  readonly limits: Limits;
  /** What the trail last recorded, by webhook id. */
  readonly recorded: ReadonlyMap<string, WebhookDocument>;
  /** Names of recorded webhooks that are no longer live. */
  readonly gone: ReadonlySet<string>;
}

/** One webhook before and after; `before` is null of a new one, `after` of one that is to go. */
export interface Change {
  readonly before: LiveWebhook | null;
  readonly after: WebhookDocument | null;
  readonly surplus: boolean;
}

export interface GroupOutcome {
  readonly plan: GroupPlan;
  /** By phase, then pool order. */
  readonly operations: readonly Operation[];
}

/** `live`: the group's webhooks that may be written. */
export function planGroup(
  desired: Subscription,
  live: readonly LiveWebhook[],
  options: GroupOptions,
): GroupOutcome {
  const pool = poolOf(desired, options.limits);
  const places = placeWebhooks(desired, { pool, live, owner: options.owner });
  const wanted = new Set(desired.eventTypes);
  const leavers = places.leavers.map((webhook) => only(wanted, webhook.eventTypes));
  const { assigned, repointed } = assign(
    desired.eventTypes,
    pool.map(({ url, weight }, index) => {
      const { main = null, surplus = [] } = places.slots[index] ?? {};
      const held = only(wanted, heldBy(main, surplus));
      const clean = main !== null && isClean(main, { held, desired, url, owner: options.owner });
      return { weight, held, clean, occupied: main !== null };
    }),
    { cap: options.limits.maxEventTypesPerEndpoint, leavers },
  );

  const changes: Change[] = [];
  const takenOver = new Map([...repointed].map(([leaver, slot]) => [slot, places.leavers[leaver] ?? null]));
  for (const [index, { url }] of pool.entries()) {
    const eventTypes = assigned[index] ?? [];
    const { main = null, surplus = [] } = places.slots[index] ?? {};
    const after =
      eventTypes.length === 0 ? null : makeDocument(desired, { url, eventTypes, owner: options.owner });
    const before = main ?? takenOver.get(index) ?? null;
    if (before ?? after) changes.push({ before, after, surplus: false });
    changes.push(...surplus.map((webhook) => ({ before: webhook, after: null, surplus: true })));
  }
  for (const [index, webhook] of places.leavers.entries()) {
    if (!repointed.has(index)) changes.push({ before: webhook, after: null, surplus: false });
  }
  return realise(desired, changes, { live, pool, assigned, options });
}

/** The endpoints in use: the one webhook's, or the pool's. */
export function poolOf(desired: Subscription, limits: Limits): Subscription["endpointPool"] {
  const split =
    desired.rebalanceMode === "always" || desired.eventTypes.length > limits.maxEventTypesPerEndpoint;
  return split ? desired.endpointPool : [{ url: desired.endpointUrl, weight: 1 }];
}

interface Places {
  readonly slots: readonly {
    readonly main: LiveWebhook | null;
    readonly surplus: readonly LiveWebhook[];
  }[];
  /** Webhooks whose endpoint is not in use any more, by endpoint. */
  readonly leavers: readonly LiveWebhook[];
}

function placeWebhooks(
  desired: Subscription,
  given: {
    readonly pool: Subscription["endpointPool"];
    readonly live: readonly LiveWebhook[];
    readonly owner: string;
  },
): Places {
  const wanted = new Set(desired.eventTypes);
  const keys = new Map(given.pool.map(({ url }, index) => [endpointKey(url), index]));
  const here: LiveWebhook[][] = given.pool.map(() => []);
  const leavers: LiveWebhook[] = [];
  for (const webhook of given.live) {
    const slot = keys.get(endpointKey(webhook.endpoint));
    (slot === undefined ? leavers : (here[slot] ?? leavers)).push(webhook);
  }
  const worth = (webhook: LiveWebhook): readonly number[] => [
    readOwnership(webhook.description).owner === given.owner ? 1 : 0,
    webhook.name === webhookName(desired.group, webhook.endpoint) ? 1 : 0,
    webhook.state === desired.state ? 1 : 0,
    only(wanted, webhook.eventTypes).size,
  ];
  const byWorth = (a: LiveWebhook, b: LiveWebhook): number => {
    const [of, ofOther] = [worth(a), worth(b)];
    const difference = of.map((value, index) => (ofOther[index] ?? 0) - value).find((value) => value !== 0);
    return difference ?? compareText(a.id, b.id);
  };
  const slots = here.map((webhooks) => {
    const [main = null, ...surplus] = webhooks.toSorted(byWorth);
    return { main, surplus };
  });
  leavers.sort((a, b) => compareText(a.endpoint, b.endpoint) || compareText(a.id, b.id));
  return { slots, leavers };
}

/** What an endpoint holds now. A disabled surplus webhook delivers nothing and is about to go: it does not count. */
function heldBy(main: LiveWebhook | null, surplus: readonly LiveWebhook[]): string[] {
  const counted = surplus.filter((webhook) => webhook.state === "enabled");
  return [...(main ? [main] : []), ...counted].flatMap((webhook) => webhook.eventTypes);
}

function only(wanted: ReadonlySet<string>, eventTypes: readonly string[]): Set<string> {
  return new Set(eventTypes.filter((eventType) => wanted.has(eventType)));
}

function isClean(
  main: LiveWebhook,
  given: {
    readonly held: ReadonlySet<string>;
    readonly desired: Subscription;
    readonly url: string;
    readonly owner: string;
  },
): boolean {
  const { desired, url, owner } = given;
  return (
    diffWebhooks(main, makeDocument(desired, { url, eventTypes: [...given.held], owner })).length === 0
  );
}

function makeDocument(
  desired: Subscription,
  given: { readonly url: string; readonly eventTypes: readonly string[]; readonly owner: string },
): WebhookDocument {
  return {
    name: webhookName(desired.group, given.url),
    endpoint: given.url,
    eventTypes: sortedSet(given.eventTypes),
    retryPolicy: desired.retryPolicy,
    state: desired.state,
    description: webhookDescription(desired, given.owner),
  };
}

function realise(
  desired: Subscription,
  changes: readonly Change[],
  given: {
    readonly live: readonly LiveWebhook[];
    readonly pool: Subscription["endpointPool"];
    readonly assigned: readonly (readonly string[])[];
    readonly options: GroupOptions;
  },
): GroupOutcome {
  const writes = changes.flatMap((change) => {
    const patch = diffWebhooks(change.before, change.after);
    return patch.length === 0 ? [] : [{ ...change, patch }];
  });
  const endpoints = given.pool.flatMap(({ url }, index): EndpointPlan[] => {
    const eventTypes = given.assigned[index] ?? [];
    const estimatedThroughput = Math.round(desired.historicalRate * eventTypes.length * 0.8);
    return eventTypes.length === 0 ? [] : [{ url, eventTypes, estimatedThroughput }];
  });
  const moves = findMoves(
    endpoints,
    changes.flatMap(({ before, surplus }) =>
      before && (!surplus || before.state === "enabled") ? [before] : [],
    ),
  );
  // Spelt out: an object spread from two others has a shape of its own each time, which costs V8 old-space memory.
  const { live, pool, options } = given;
  const { recorded, gone } = options;
  const reasons = makeReasons(desired, writes, { live, pool, moves, recorded, gone });
  const phases = makePhases(writes);
  const operations = writes
    .map(({ before, after, patch }, index): Operation => ({
      action: actionOf(before, after, given.options.owner),
      group: desired.group,
      endpoint: after?.endpoint ?? before?.endpoint ?? "",
      webhookId: before?.id ?? null,
      name: after?.name ?? before?.name ?? "",
      phase: phases[index] ?? 1,
      patch,
      reason: reasons[index] ?? "",
      status: "planned",
      error: null,
      before: before ? asDocument(before) : null,
      after,
    }))
    .sort((a, b) => a.phase - b.phase);
  const unchanged = changes.length - writes.length;
  return { plan: { group: desired.group, place: desired.place, endpoints, moves, unchanged }, operations };
}

function actionOf(
  before: LiveWebhook | null,
  after: WebhookDocument | null,
  owner: string,
): Operation["action"] {
  if (!before) return "create";
  if (!after) return "delete";
  return readOwnership(before.description).owner === owner ? "update" : "adopt";
}

/** An event type moves if it is live, but not on the endpoint that it goes to. */
function findMoves(endpoints: readonly EndpointPlan[], live: readonly LiveWebhook[]): Move[] {
  const homes = new Map<string, string[]>();
  for (const { endpoint, eventTypes } of live) {
    for (const eventType of eventTypes) {
      const at = homes.get(eventType) ?? [];
      homes.set(eventType, at);
      at.push(endpoint);
    }
  }
  return endpoints
    .flatMap(({ url, eventTypes }) =>
      eventTypes.flatMap((eventType): Move[] => {
        const at = homes.get(eventType);
        if (!at || at.some((endpoint) => sameEndpoint(endpoint, url))) return [];
        const [from = ""] = at.sort(compareText);
        return [{ eventType, from, to: url }];
      }),
    )
    .sort((a, b) => compareText(a.eventType, b.eventType));
}
