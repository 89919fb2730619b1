// True if a group has a pool and its event types are split over it; otherwise all of them go to its endpointUrl.
import { isSplit } from "../../model/kind.ts";
import type { Limits } from "../../model/config.ts";
import type { Subscription } from "../../model/subscription.ts";

export function isPoolInUse(subscription: Subscription, limits: Limits): boolean {
  return subscription.endpointPool.length > 0 && isSplit(subscription, limits);
}
