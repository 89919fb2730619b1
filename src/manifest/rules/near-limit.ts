// Rule: warns if a group is so close to the limit that one event type more or less decides whether its pool is used.
import { count } from "../../lib/count.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { capacityOf } from "../../model/kind.ts";
import type { Subscription } from "../../model/subscription.ts";
import type { Draft } from "../draft.ts";
import { warningAt } from "../problem.ts";
import type { RuleOptions } from "./rule.ts";

/** A group that differs from the limit by this many event types counts as close. */
const margin = 1;

export function nearLimit(
  { kind, endpointPool, eventTypes, rebalanceMode }: Subscription,
  { limits }: RuleOptions,
  { places }: Draft,
): readonly Diagnostic[] {
  const limit = capacityOf(kind, limits);
  const isNear = Math.abs(eventTypes.length - limit) <= margin;
  if (rebalanceMode === "always" || endpointPool.length === 0 || !isNear) return [];
  const message =
    `with ${count(eventTypes.length, "event type")}, one line more or less moves event types: ` +
    `up to ${limit} go to endpointUrl, more are split over the pool`;
  const hint = "set rebalance: { mode: always } to split them over the pool whatever their number";
  return [warningAt(places.eventTypes, { code: "eventTypes/nearLimit", message, hint })];
}
