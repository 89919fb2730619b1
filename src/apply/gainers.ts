// Before a write takes event types away, whoever is to deliver them instead is read again: the plan may be minutes
// old, and someone else may have changed them since.
import type { Driver } from "../genesys/driver.ts";
import { sameEndpoint } from "../model/endpoint.ts";
import type { EndpointPlan, GroupPlan, Operation } from "../model/plan.ts";
import type { LiveWebhook } from "../model/webhook.ts";

/** A webhook, and the event types of which it is the only one to deliver them once the write is done. */
export interface Holder {
  readonly webhookId: string;
  readonly endpoint: string;
  readonly eventTypes: readonly string[];
}

/**
 * Those that take over from an operation of the group. `ids`: the webhooks of its endpoints, by URL, as far as they
 * exist. None where nothing that is delivered is taken away, or nothing shall be delivered.
 */
export function findHolders(
  { before, after, status }: Operation,
  { endpoints, state }: Pick<GroupPlan, "endpoints" | "state">,
  ids: ReadonlyMap<string, string>,
): readonly Holder[] {
  if (status !== "planned" || before?.state !== "enabled" || state !== "enabled") return [];
  const kept = new Set(after?.eventTypes);
  const lost = new Set(before.eventTypes.filter((eventType) => !kept.has(eventType)));
  return endpoints.flatMap(({ url, eventTypes }) => {
    const taken = eventTypes.filter((eventType) => lost.has(eventType));
    const webhookId = ids.get(url);
    return taken.length === 0 || webhookId === undefined
      ? []
      : [{ webhookId, endpoint: url, eventTypes: taken }];
  });
}

/** The webhooks of a group's endpoints before anything is written. */
export function holderIds(endpoints: readonly EndpointPlan[]): Map<string, string> {
  return new Map(endpoints.flatMap(({ url, webhookId }) => (webhookId === null ? [] : [[url, webhookId]])));
}

/** What is wrong with the first that does not deliver what it should, in words; null where all do. Throws as `read`. */
export async function findLostHolder(
  holders: readonly Holder[],
  driver: Pick<Driver, "read">,
): Promise<string | null> {
  for (const holder of holders) {
    const fault = faultOf(holder, await driver.read(holder.webhookId));
    if (fault !== null) return `not sent, because webhook ${holder.webhookId} ${fault}`;
  }
  return null;
}

function faultOf({ endpoint, eventTypes }: Holder, live: LiveWebhook | null): string | null {
  if (!live) return "was deleted by someone else";
  if (live.state !== "enabled") return "was disabled by someone else";
  if (!sameEndpoint(live.endpoint, endpoint)) return "was sent elsewhere by someone else";
  const missing = eventTypes.find((eventType) => !live.eventTypes.includes(eventType));
  return missing === undefined ? null : `does not have ${missing} any more, which someone else took away`;
}
