// Makes the text of a manifest from a subscription: keys in the README's order, without values that are defaults.
import { Document, isMap, isScalar, isSeq } from "yaml";
import { sameRetryPolicy } from "../model/document.ts";
import type { PoolEndpoint, RetryPolicy, Subscription, TriggerOptions } from "../model/subscription.ts";
import { noTriggerOptions, sameTriggerOptions } from "../model/trigger-options.ts";

/** The parts of a subscription that import writes into a manifest. */
export type WrittenGroup = Pick<
  Subscription,
  | "name"
  | "group"
  | "endpointUrl"
  | "endpointPool"
  | "eventTypes"
  | "retryPolicy"
  | "trigger"
  | "state"
  | "offsetTracking"
  | "rebalanceMode"
>;

/** Lines may have any length, because a folded URL is hard to find. */
export const layout = { lineWidth: 0 } as const;

/** `modeline` is the line for editors, without its `#`. It and `stateFileComment` are null for none. */
export function writeManifest(
  written: WrittenGroup,
  about: { readonly modeline: string | null; readonly stateFileComment: string | null },
): string {
  const { name, group, endpointUrl, endpointPool, eventTypes, retryPolicy, trigger, state } = written;
  const document = new Document({
    apiVersion: "reconcile.genesys/v1",
    kind: "WebhookSubscription",
    metadata: { name },
    spec: {
      ...(group === name ? {} : { consumerGroupId: group }),
      endpointUrl,
      ...(endpointPool.length > 0 ? { endpointPool: endpointPool.map(shortest) } : {}),
      eventTypes,
      ...(sameRetryPolicy(retryPolicy, defaultRetryPolicy) ? {} : { retryPolicy }),
      ...(sameTriggerOptions(trigger, noTriggerOptions) ? {} : { trigger: shortestTrigger(trigger) }),
      ...(state === "enabled" ? {} : { state }),
      offsetTracking: { stateFile: written.offsetTracking.stateFile },
      ...(written.rebalanceMode === "always" ? { rebalance: { mode: "always" } } : {}),
    },
  });
  const pool = document.getIn(["spec", "endpointPool"], true);
  const maps = [document.getIn(["spec", "retryPolicy"], true), document.getIn(["spec", "rebalance"], true)];
  for (const node of [...maps, ...(isSeq(pool) ? pool.items : [])]) if (isMap(node)) node.flow = true;
  const stateFile = document.getIn(["spec", "offsetTracking", "stateFile"], true);
  if (isScalar(stateFile) && about.stateFileComment !== null)
    stateFile.comment = ` ${about.stateFileComment}`;
  const modeline = about.modeline === null ? "" : `# ${about.modeline}\n`;
  return `${modeline}${document.toString(layout)}`;
}

/** Leaves out a weight of 1, which is the default. */
export function shortest(endpoint: PoolEndpoint): string | PoolEndpoint {
  return endpoint.weight === 1 ? endpoint.url : endpoint;
}

/** Leaves out options that have their default. */
export function shortestTrigger(trigger: TriggerOptions): Partial<TriggerOptions> {
  const { matchCriteria, eventTTLSeconds, delayBySeconds } = trigger;
  return {
    ...(matchCriteria.length > 0 ? { matchCriteria } : {}),
    ...(eventTTLSeconds === null ? {} : { eventTTLSeconds }),
    ...(delayBySeconds === null ? {} : { delayBySeconds }),
  };
}

/** The retry policy that the schema fills in. */
export const defaultRetryPolicy: RetryPolicy = {
  retryCount: 3,
  retryInterval: "PT1M",
  retryOnTimeout: true,
};
