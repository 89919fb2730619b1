// Rule: warns of an endpointUrl that gets no events, because a pool is in use and does not hold it.
import { endpointKey } from "../../model/endpoint.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Subscription } from "../../model/subscription.ts";
import type { Draft } from "../draft.ts";
import { warningAt } from "../problem.ts";
import { isPoolInUse } from "./pool-in-use.ts";
import type { RuleOptions } from "./rule.ts";

export function unusedEndpoint(
  subscription: Subscription,
  { limits }: RuleOptions,
  { places }: Draft,
): readonly Diagnostic[] {
  const { endpointPool, endpointUrl } = subscription;
  const isInPool = endpointPool.some(({ url }) => endpointKey(url) === endpointKey(endpointUrl));
  if (!isPoolInUse(subscription, limits) || isInPool) return [];
  const message =
    "endpointUrl is not used, because the event types are split over the pool, which does not hold it";
  const hint = "add it to the pool if it should get events";
  return [warningAt(places.endpointUrl, { code: "endpointUrl/unused", message, hint })];
}
