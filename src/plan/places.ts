// Where a group's live webhooks stand: at which endpoint of the pool, or at one that is not in use any more.
import { compareText } from "../lib/compare.ts";
import { endpointKey } from "../model/endpoint.ts";
import type { Limits, Subscription } from "../model/subscription.ts";
import type { LiveWebhook } from "../model/webhook.ts";
import { readOwnership, webhookName } from "./identity.ts";

export interface Places {
  /** In pool order. */
  readonly endpoints: readonly {
    readonly url: string;
    readonly weight: number;
    /** The live webhooks here, the one that is most worth keeping first. */
    readonly webhooks: readonly LiveWebhook[];
  }[];
  /** Webhooks whose endpoint is not in use any more, by endpoint. */
  readonly leavers: readonly LiveWebhook[];
}

export function placeWebhooks(
  desired: Subscription,
  live: readonly LiveWebhook[],
  options: { readonly limits: Limits; readonly owner: string },
): Places {
  const pool = poolOf(desired, options.limits);
  const keys = new Map(pool.map(({ url }, index) => [endpointKey(url), index]));
  const here: LiveWebhook[][] = pool.map(() => []);
  const leavers: LiveWebhook[] = [];
  for (const webhook of live) {
    const slot = keys.get(endpointKey(webhook.endpoint));
    (slot === undefined ? leavers : (here[slot] ?? leavers)).push(webhook);
  }
  leavers.sort((a, b) => compareText(a.endpoint, b.endpoint) || compareText(a.id, b.id));
  return {
    endpoints: pool.map(({ url, weight }, index) => {
      const webhooks = here[index] ?? [];
      if (webhooks.length > 1) webhooks.sort(compareWorth(desired, options.owner));
      return { url, weight, webhooks };
    }),
    leavers,
  };
}

/** The endpoints in use: the one webhook's, or the pool's. */
export function poolOf(desired: Subscription, limits: Limits): Subscription["endpointPool"] {
  const split =
    desired.rebalanceMode === "always" || desired.eventTypes.length > limits.maxEventTypesPerEndpoint;
  return split ? desired.endpointPool : [{ url: desired.endpointUrl, weight: 1 }];
}

/** For each event type the webhooks that it is live on: those that deliver it or, where none does, those that would. */
export type Homes = ReadonlyMap<string, readonly LiveWebhook[]>;

export function findHomes(live: readonly LiveWebhook[]): Homes {
  const homes = new Map<string, LiveWebhook[]>();
  for (const webhook of [...live.filter(isEnabled), ...live.filter((other) => !isEnabled(other))]) {
    for (const eventType of webhook.eventTypes) {
      const found = homes.get(eventType);
      if (!found) homes.set(eventType, [webhook]);
      else if (isEnabled(webhook) || !found.some(isEnabled)) found.push(webhook);
    }
  }
  return homes;
}

function isEnabled({ state }: LiveWebhook): boolean {
  return state === "enabled";
}

/**
 * Of several webhooks at one endpoint, the one to keep: by its name, which no other may take while it is there; ours,
 * in the state that is wanted, the fullest.
 */
function compareWorth(desired: Subscription, owner: string): (a: LiveWebhook, b: LiveWebhook) => number {
  const wanted = new Set(desired.eventTypes);
  const worth = (webhook: LiveWebhook): readonly number[] => [
    webhook.name === webhookName(desired.group, webhook.endpoint) ? 1 : 0,
    readOwnership(webhook.description).owner === owner ? 1 : 0,
    webhook.state === desired.state ? 1 : 0,
    webhook.eventTypes.filter((eventType) => wanted.has(eventType)).length,
  ];
  return (a, b) => {
    const [of, ofOther] = [worth(a), worth(b)];
    const difference = of.map((value, index) => (ofOther[index] ?? 0) - value).find((value) => value !== 0);
    return difference ?? compareText(a.id, b.id);
  };
}
