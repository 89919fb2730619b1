// Groups to plan, and what is live once a plan was applied, for the scripts that measure the planner. Typed, so that the
// compiler finds what the scripts, which are JavaScript, would only find when they run.
import { builtInKinds } from "../src/kinds/registry.ts";
import { noTriggerOptions } from "../src/kinds/trigger/trigger-options.ts";
import type { Plan } from "../src/model/plan.ts";
import { makeLive, type LiveResource } from "../src/model/resource.ts";
import type { Subscription } from "../src/model/subscription.ts";
import type { PlanOptions } from "../src/plan/make-plan.ts";

export const kinds = builtInKinds;

export const planOptions: PlanOptions = {
  kinds,
  owner: "bench",
  limits: { maxEventTypesPerEndpoint: 15, maxConcurrentConsumers: 10 },
  recorded: new Map(),
  groups: null,
  ...{ prune: false, adopt: false, allowDeletes: false, createOnly: false, maxDeletePercent: 30 },
  explain: false,
};

/** A group whose event types are split over all of these endpoints. */
export function makeGroup(
  group: string,
  urls: readonly [string, ...string[]],
  eventTypes: readonly string[],
): Subscription {
  const [endpointUrl] = urls;
  return {
    ...{
      name: group,
      group,
      labels: {},
      kind: kinds.of({ endpoint: endpointUrl }),
      endpointUrl,
      eventTypes,
    },
    endpointPool: urls.map((url) => ({ url, weight: 1 })),
    retryPolicy: { retryCount: 3, retryInterval: "PT1M", retryOnTimeout: true },
    trigger: noTriggerOptions,
    offsetTracking: { enabled: true, stateFile: `/var/data/${group}.json` },
    ...{ state: "enabled", rebalanceMode: "always", historicalRate: 100, freeze: null, createOnly: null },
    place: { file: `${group}.yaml`, line: 1, column: 1 },
  };
}

/** The resources that a plan creates; `idOf` names each. */
export function liveAfter(
  { operations }: Plan,
  idOf: (endpoint: string, index: number) => string,
): LiveResource[] {
  return operations.flatMap(({ after }, index) =>
    after ? [makeLive(kinds.of(after), { ...after, id: idOf(after.endpoint, index) })] : [],
  );
}
