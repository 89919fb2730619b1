// Desired groups and plan options with the contract's defaults, for tests to vary.
import { builtInKinds } from "../../src/kinds/registry.ts";
import type { PlanOptions } from "../../src/plan/make-plan.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import type { Plan } from "../../src/model/plan.ts";
import type { Subscription } from "../../src/model/subscription.ts";
import type { LiveResource } from "../../src/model/resource.ts";
import { applyToModel } from "../support/live-model.ts";

export const defaults: PlanOptions = {
  kinds: builtInKinds,
  owner: "acme",
  limits: { maxEventTypesPerEndpoint: 15, maxConcurrentConsumers: 10 },
  recorded: new Map(),
  explain: false,
  groups: null,
  prune: false,
  adopt: false,
  allowDeletes: false,
  createOnly: false,
  maxDeletePercent: 30,
};

export function makeSubscription(changes: Partial<Subscription> = {}): Subscription {
  const group = changes.group ?? "orders";
  const place = { file: `subscriptions/${group}.yaml`, line: 1, column: 1 };
  return {
    name: group,
    labels: {},
    group,
    kind: builtInKinds.of({ endpoint: changes.endpointUrl ?? "https:" }),
    endpointUrl: "https://hooks.example.com/main",
    endpointPool: [],
    eventTypes: typeNames(3),
    retryPolicy: { retryCount: 3, retryInterval: "PT1M", retryOnTimeout: true },
    trigger: { matchCriteria: [], eventTTLSeconds: null, delayBySeconds: null },
    state: "enabled",
    offsetTracking: { enabled: true, stateFile: `/var/data/${group}.json` },
    rebalanceMode: "overLimit",
    historicalRate: 100,
    freeze: null,
    createOnly: null,
    place,
    ...changes,
  };
}

/** `t.00`, `t.01`, …: their order as text is their order here. */
export function typeNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `t.${String(index).padStart(2, "0")}`);
}

export function poolUrl(number: number): string {
  return `https://hooks.example.com/p${number}`;
}

/** One endpoint a weight: p0, p1, … */
export function makePool(...weights: readonly number[]): Subscription["endpointPool"] {
  return weights.map((weight, index) => ({ url: poolUrl(index), weight }));
}

/** The live webhooks once the desired groups have been reconciled on an empty organisation. */
export function settle(desired: readonly Subscription[], changes: Partial<PlanOptions> = {}) {
  return applyPlan([], makePlan(desired, [], { ...defaults, ...changes }));
}

export function applyPlan(
  live: readonly LiveResource[],
  plan: Plan,
  kinds = builtInKinds,
): readonly LiveResource[] {
  return applyToModel(live, [...plan.operations, ...plan.prunes], kinds);
}
