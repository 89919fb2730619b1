// Plans of a group on a pool, in short words.
import { liveFrom } from "../support/kinds.ts";
import { makePlan, type PlanOptions } from "../../src/plan/make-plan.ts";
import type { Plan } from "../../src/model/plan.ts";
import type { Subscription } from "../../src/model/subscription.ts";
import type { LiveResource } from "../../src/model/resource.ts";
import { defaults, makePool, makeSubscription, typeNames } from "./samples.ts";

export const plan = (
  desired: readonly Subscription[],
  live: readonly LiveResource[],
  changes: Partial<PlanOptions> = {},
): Plan => makePlan(desired, live, { ...defaults, ...changes });

/** A plan's writes, one line each: `1 update p0 [t.00 t.01]`. */
export function writesOf({ operations }: Pick<Plan, "operations">): string[] {
  return operations.map(({ phase, action, endpoint, after, status }) => {
    const types = after ? ` [${after.eventTypes.join(" ")}]` : "";
    const held = status === "planned" ? "" : `${status} `;
    return `${phase} ${held}${action} ${endpoint.split("/").at(-1) ?? ""}${types}`;
  });
}

export const reasonsOf = ({ operations }: Plan): string[] => operations.map(({ reason }) => reason);

export function edit(
  live: readonly LiveResource[],
  at: number,
  changes: Partial<LiveResource>,
): LiveResource[] {
  return live.map((webhook, index) => (index === at ? liveFrom({ ...webhook, ...changes }) : webhook));
}

export const split = (changes: Partial<Subscription> = {}): Subscription =>
  makeSubscription({
    endpointPool: makePool(1, 1),
    rebalanceMode: "always",
    eventTypes: typeNames(4),
    ...changes,
  });
