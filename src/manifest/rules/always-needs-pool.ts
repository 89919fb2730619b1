// Rule: `rebalance.mode: always` needs an `endpointPool`.
import { count } from "../../lib/count.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { capacityOf } from "../../model/kind.ts";
import type { Subscription } from "../../model/subscription.ts";
import type { Draft } from "../draft.ts";
import { errorAt } from "../problem.ts";
import type { RuleOptions } from "./rule.ts";

export function alwaysNeedsPool(
  { rebalanceMode, kind, endpointPool, eventTypes }: Subscription,
  { limits }: RuleOptions,
  { modePlace }: Draft,
): readonly Diagnostic[] {
  if (rebalanceMode !== "always" || endpointPool.length > 0) return [];
  const needed = Math.ceil(eventTypes.length / capacityOf(kind, limits));
  const message = "rebalance.mode: always needs an endpointPool to split the event types over";
  const hint = `add an endpointPool of at least ${count(needed, "endpoint")}, or remove rebalance`;
  return [errorAt(modePlace, { code: "rebalance/noPool", message, hint })];
}
