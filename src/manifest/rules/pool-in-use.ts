// Whether a group's event types are split over its pool; else all of them go to its endpointUrl.
import { capacityOf } from "../../model/resource-kind.ts";
import type { Limits, Subscription } from "../../model/subscription.ts";

export function isPoolInUse(
  { endpointPool, endpointUrl, eventTypes, rebalanceMode }: Subscription,
  limits: Limits,
): boolean {
  if (endpointPool.length === 0) return false;
  return rebalanceMode === "always" || eventTypes.length > capacityOf(endpointUrl, limits);
}
