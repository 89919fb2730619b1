// A valid manifest as text, with lines replaced: how the tests here write down what a user could have written.
import { builtInKinds } from "../../src/kinds/registry.ts";
import type { Limits, Policy } from "../../src/model/config.ts";
import type { RuleOptions } from "../../src/manifest/rules/rule.ts";
import type { Topic } from "../../src/model/topic.ts";

export const limits: Limits = { maxEventTypesPerEndpoint: 15, maxConcurrentConsumers: 10 };

export const noPolicy: Policy = { requiredLabels: [], unsharedEndpoints: false };

export const anything: RuleOptions = {
  ...{ limits, allowedEndpointHosts: [], policy: noPolicy, catalog: null },
  ...{ kinds: builtInKinds, values: {} },
};

/** Returns a catalogue that states no transports. */
export function catalogOf(...ids: readonly string[]): readonly Topic[] {
  return ids.map((id) => ({ id, transports: [] }));
}

/** Each line as it stands in `valid.yaml`; the line's number is that of the first line of the manifest, from 1. */
const lines = {
  apiVersion: "apiVersion: reconcile.genesys/v1",
  kind: "kind: WebhookSubscription",
  metadata: "metadata:",
  name: "  name: alpha",
  spec: "spec:",
  endpointUrl: "  endpointUrl: https://a.example.com/hook",
  eventTypes: "  eventTypes: [routing.queue.created]",
  offsetTracking: "  offsetTracking: { stateFile: /var/data/alpha.json }",
};

/** Replaces lines of a valid manifest; null removes one. `more` follows at the end, inside spec. */
export function manifestText(
  changes: Readonly<Partial<Record<keyof typeof lines, string | null>>> = {},
  more = "",
): string {
  return (
    Object.entries({ ...lines, ...changes })
      .flatMap(([, line]) => (line === null ? [] : [`${line}\n`]))
      .join("") + more
  );
}

/** `eventTypes` with so many, distinct. */
export function eventTypesLine(count: number): string {
  return `  eventTypes: [${Array.from({ length: count }, (_, index) => `a.b${index}`).join(", ")}]`;
}

/** `endpointPool` with so many, distinct. */
export function poolLine(count: number): string {
  const urls = Array.from({ length: count }, (_, index) => `"https://a.example.com/${index}"`);
  return `  endpointPool: [${urls.join(", ")}]\n`;
}
