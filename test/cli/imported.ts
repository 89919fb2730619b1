// An import of webhooks that somebody made by hand, and what it wrote.
import type { Diagnostic } from "../../src/model/diagnostic.ts";
import { makeWebhook, type SandboxState } from "../../src/sandbox/state.ts";
import { kinds, type TestKind } from "../support/kinds.ts";
import {
  answer,
  makeWorld,
  manifest,
  putWebhook,
  type Intercept,
  type TestWorld,
} from "../support/world.ts";

/** What `import --output json` prints. */
export interface Imported {
  readonly manifests: readonly { file: string; written: boolean; notes: string[]; text: string }[];
  readonly refused: readonly { group: string; webhookIds: string[]; reasons: string[] }[];
  readonly leftAlone: readonly { webhookId: string; reason: string }[];
  /** How many have a manifest. */
  readonly covered: number;
  readonly planWithAdopt: Readonly<Record<string, number>>;
  readonly diagnostics: readonly Diagnostic[];
}

export function worldWith(
  fill: (state: SandboxState) => void,
  files: Record<string, string> = {},
): TestWorld {
  const world = makeWorld({ argv: "", files });
  fill(world.state);
  return world;
}

/** Another state, policy or description than `putWebhook` gives. */
export function change(
  state: SandboxState,
  id: string,
  changes: Partial<Parameters<typeof makeWebhook>[1]>,
): void {
  const webhook = state.webhooks.get(id);
  if (webhook) state.webhooks.set(id, makeWebhook(id, { ...webhook, ...changes }));
}

export const types = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, index) => `t.${String(from + index).padStart(2, "0")}`);

export const head = "apiVersion: reconcile.genesys/v1\nkind: WebhookSubscription\n";

/** Of group alpha, which has a manifest; of another owner; of both; and without a group. */
export const notToImport = (): TestWorld =>
  worldWith(
    (state) => {
      putWebhook(state, { id: "w1", group: "alpha" });
      putWebhook(state, {
        id: "w2",
        group: "theirs",
        owner: "finance",
        endpoint: "https://x.example.com/?key=1",
      });
      putWebhook(state, { id: "w3", group: "mixed" });
      putWebhook(state, { id: "w4", group: "mixed", owner: "finance", endpoint: "https://y.example.com/" });
      putWebhook(state, { id: "w5", group: "", name: "by hand" });
      change(state, "w5", { description: "a test" });
    },
    { "subscriptions/a.yaml": manifest("alpha") },
  );

/** A group with one of each thing that a manifest cannot express. */
export const inexpressible = (): TestWorld =>
  worldWith((state) => {
    const at = (number: number): string => `https://e.example.com/${number}`;
    putWebhook(state, { id: "w1", group: "g", eventTypes: ["a.a", "a.b"] });
    putWebhook(state, { id: "w2", group: "g", name: "g-again", eventTypes: ["a.c"] });
    putWebhook(state, { id: "w3", group: "g", endpoint: `${at(2)}?key=x`, eventTypes: ["a.a", "a.d"] });
    putWebhook(state, { id: "w4", group: "g", endpoint: at(3), eventTypes: ["b.old"] });
    putWebhook(state, { id: "w5", group: "g", endpoint: at(4), eventTypes: ["a.b"] });
    change(state, "w3", { retryPolicy: { retryCount: 9, retryInterval: "PT5S", retryOnTimeout: false } });
    change(state, "w4", { state: "disabled" });
  });

/** Groups of which the validator would refuse the manifest. */
export const invalidGroups = (): TestWorld =>
  worldWith((state) => {
    putWebhook(state, { id: "w1", group: "full", eventTypes: types(12) });
    putWebhook(state, { id: "w2", group: "full", name: "full-2", eventTypes: types(12, 12) });
    for (let at = 0; at < 11; at += 1)
      putWebhook(state, {
        id: `v${at}`,
        group: "wide",
        endpoint: `https://e.example.com/${at}`,
        eventTypes: [`t.${at}`],
      });
    putWebhook(state, { id: "x", group: "odd name!" });
    putWebhook(state, { id: "y", group: "flat", eventTypes: ["nodots"] });
  });

export const topics = ["v2.users.{id}.presence", "v2.users.{id}.routingStatus"];

const [, integrations, triggers] = kinds as [TestKind, TestKind, TestKind];
const onlyVoice = [{ jsonPath: "mediaType", operator: "Equal", value: "VOICE" }];

/** A trigger of group calls for each of these times to live. */
export function putTriggers(state: SandboxState, ...ttls: readonly (number | null)[]): void {
  for (const [at, ttl] of ttls.entries()) {
    const id = `t${at}`;
    const eventTypes = [topics[at] ?? ""];
    const made = { id, name: `by hand ${at}`, endpoint: "workflow:flow-1", eventTypes };
    triggers.put(state, { ...made, description: "Consumer group: calls" });
    const trigger = state.triggers.get(id);
    const options = { matchCriteria: onlyVoice, ...(ttl === null ? {} : { eventTTLSeconds: ttl }) };
    if (trigger) state.triggers.set(id, { ...trigger, ...options });
  }
}

/** Triggers that differ in their options, a group of two kinds, and an integration without a group. */
export const ofTwoKinds = (): TestWorld =>
  worldWith((state) => {
    putTriggers(state, 60, null);
    putWebhook(state, { id: "w1", group: "both" });
    const made = { eventTypes: topics, name: "by hand", description: "Consumer group: both" };
    integrations.put(state, { ...made, id: "i1", endpoint: integrations.url(1) });
    const other = { eventTypes: topics, name: "other", description: "mine" };
    integrations.put(state, { ...other, id: "i2", endpoint: integrations.url(2) });
  });

/** A trigger with a condition that no manifest can have. */
export const oddCondition = (): TestWorld =>
  worldWith((state) => {
    putTriggers(state, 60);
    const trigger = state.triggers.get("t0");
    const matchCriteria = [{ jsonPath: "mediaType", operator: "In", value: "VOICE" }];
    if (trigger) state.triggers.set("t0", { ...trigger, matchCriteria });
  });

/** The platform, but for the paths that have another status. */
export const refusing =
  (statuses: Readonly<Record<string, number>>): Intercept =>
  (request, forward) => {
    const found = Object.entries(statuses).find(([path]) => request.url.includes(path));
    return found ? answer(found[1], { message: "no" }) : forward();
  };
