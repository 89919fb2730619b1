// Rule: the endpoints can take all event types, and a group has no more endpoints than its consumers can serve.
import { count } from "../../lib/count.ts";
import { endpointKey } from "../../model/endpoint.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { capacityOf } from "../../model/kind.ts";
import type { Subscription } from "../../model/subscription.ts";
import type { Draft } from "../draft.ts";
import { errorAt } from "../problem.ts";
import type { RuleOptions } from "./rule.ts";

export function capacity(
  { kind, endpointPool, eventTypes, rebalanceMode }: Subscription,
  { limits }: RuleOptions,
  { places }: Draft,
): readonly Diagnostic[] {
  const { maxConcurrentConsumers: most } = limits;
  const perEndpoint = capacityOf(kind, limits);
  const { maxEventTypes, nouns } = kind;
  const orRaise =
    maxEventTypes === null
      ? `, or raise limits.maxEventTypesPerEndpoint in reconcile.yaml: no source names a limit for ${nouns}`
      : "";
  const needed = Math.ceil(new Set(eventTypes).size / perEndpoint);
  const demand = `${count(eventTypes.length, "event type")} ${eventTypes.length === 1 ? "needs" : "need"}`;
  const full = `${demand} ${count(needed, "endpoint")} of ${count(perEndpoint, "event type")} each`;
  if (needed > most) {
    const message = `${full}, but a group has at most ${most} (maxConcurrentConsumers)`;
    const hint = `split them over ${count(Math.ceil(needed / most), "consumer group")}${orRaise}`;
    return [errorAt(places.eventTypes, { code: "eventTypes/tooMany", message, hint })];
  }
  const distinct = new Set(endpointPool.map(({ url }) => endpointKey(url))).size;
  if (distinct > most) {
    const message = `the pool has ${distinct} endpoints, but a group has at most ${most} (maxConcurrentConsumers)`;
    const hint = `remove ${distinct - most}; ${demand} ${count(needed, "endpoint")}`;
    return [errorAt(places.endpointPool, { code: "endpointPool/tooMany", message, hint })];
  }
  if (needed > 1 && endpointPool.length === 0 && rebalanceMode === "overLimit") {
    const message = `${full}, but there is no endpointPool`;
    const hint = `add an endpointPool of at least ${needed} endpoints${orRaise}`;
    return [errorAt(places.eventTypes, { code: "eventTypes/tooMany", message, hint })];
  }
  if (endpointPool.length > 0 && needed > endpointPool.length) {
    const message = `${full}, but the pool has ${endpointPool.length}`;
    const hint = `add ${count(needed - endpointPool.length, "endpoint")} to the pool${orRaise}`;
    return [errorAt(places.endpointPool, { code: "endpointPool/tooSmall", message, hint })];
  }
  return [];
}
