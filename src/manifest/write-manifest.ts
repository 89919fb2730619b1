// Makes the text of a manifest from a subscription: keys in the README's order, without values that are defaults.
import { Document, isMap, isSeq } from "yaml";
import { optionsOf, type Kinds } from "../model/kind.ts";
import { shortenOptions, type OptionsKey } from "../model/options.ts";
import type { PoolEndpoint, Subscription } from "../model/subscription.ts";
import { escapeDocument } from "./keep-placeholders.ts";
import { findValuePlaces } from "./substitute-values.ts";

/** The parts of a subscription that import writes into a manifest. */
export type WrittenGroup = Pick<
  Subscription,
  | "name"
  | "group"
  | "kind"
  | "endpointUrl"
  | "endpointPool"
  | "eventTypes"
  | OptionsKey
  | "state"
  | "offsetTracking"
  | "rebalanceMode"
>;

/** Lines may have any length, because a folded URL is hard to find. */
export const layout = { lineWidth: 0 } as const;

/** `modeline` is the line for editors, without its `#`. It is null for none. */
export function writeManifest(
  written: WrittenGroup,
  about: {
    readonly modeline: string | null;
    readonly kinds: Kinds;
  },
): string {
  const { name, group, endpointUrl, endpointPool, eventTypes, state } = written;
  const { stateFile } = written.offsetTracking;
  const options = optionsOf(about.kinds, written.kind).map(
    (one) => [one, shortenOptions(one, written[one.key])] as const,
  );
  const document = new Document({
    apiVersion: "reconcile.genesys/v1",
    kind: "WebhookSubscription",
    metadata: { name },
    spec: {
      ...(group === name ? {} : { consumerGroupId: group }),
      endpointUrl,
      ...(endpointPool.length > 0 ? { endpointPool: endpointPool.map(shortest) } : {}),
      eventTypes,
      ...Object.fromEntries(options.flatMap(([{ key }, short]) => (short ? [[key, short]] : []))),
      ...(state === "enabled" ? {} : { state }),
      ...(stateFile === null ? {} : { offsetTracking: { stateFile } }),
      ...(written.rebalanceMode === "always" ? { rebalance: { mode: "always" } } : {}),
    },
  });
  const pool = document.getIn(["spec", "endpointPool"], true);
  const inOneLine = options.flatMap(([one]) => (one.written === "whole" ? [one.key] : []));
  const maps = [...inOneLine, "rebalance"].map((key) => document.getIn(["spec", key], true));
  for (const node of [...maps, ...(isSeq(pool) ? pool.items : [])]) if (isMap(node)) node.flow = true;
  escapeDocument(document, findValuePlaces(about.kinds));
  const modeline = about.modeline === null ? "" : `# ${about.modeline}\n`;
  return `${modeline}${document.toString(layout)}`;
}

/** Leaves out a weight of 1, which is the default. */
export function shortest(endpoint: PoolEndpoint): string | PoolEndpoint {
  return endpoint.weight === 1 ? endpoint.url : endpoint;
}
