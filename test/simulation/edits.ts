// What somebody else does to the platform behind our back; only what it would let them do.
import { findTwin, makeWebhook, type StoredWebhook } from "../../src/sandbox/state.ts";
import { sha256Hex } from "../../src/lib/hash.ts";
import type { Dice } from "./dice.ts";
import type { Platform } from "./platform.ts";
import { endpointOf, eventTypesOf, owner, perEndpoint, type Group } from "./scenario.ts";

/** The group that a webhook's description names, or null. */
export function groupOf(webhook: StoredWebhook | null): string | null {
  return /Consumer group: (.*?)(?: \| |$)/.exec(webhook?.description ?? "")?.[1] ?? null;
}

/** Ours, another owner's, or nobody's (null). */
export function ownerOf(webhook: StoredWebhook): string | null {
  return /Managed by: reconcile \((.*)\)$/.exec(webhook.description)?.[1] ?? null;
}

export function nameOf(group: string, endpoint: string): string {
  return `${group}-${sha256Hex(`${group}\n${endpoint}`).slice(0, 8)}`;
}

/** One edit of a webhook of ours, or a new one that nobody manages; nothing where the platform would refuse it. */
export function editByHand(platform: Platform, groups: readonly Group[], dice: Dice): void {
  const ours = [...platform.state.webhooks.values()].filter((webhook) => ownerOf(webhook) === owner);
  if (ours.length === 0 || dice.chance(0.08)) {
    createUnmarked(platform, dice.pick(groups).name, dice);
    return;
  }
  const webhook = dice.pick(ours);
  const { does, edit } = dice.pick(edits);
  if (does === "delete") {
    platform.edit(`delete ${webhook.name}`, webhook.id, null);
    return;
  }
  const after = edit(webhook, dice, platform);
  const isRefused =
    after.eventTypes.length === 0 ||
    after.eventTypes.length > perEndpoint ||
    findTwin(platform.state, after);
  if (!isRefused) platform.edit(`${does}: ${webhook.name}`, after.id, after);
}

interface Edit {
  readonly does: string;
  readonly edit: (webhook: StoredWebhook, dice: Dice, platform: Platform) => StoredWebhook;
}

const edits: readonly Edit[] = [
  { does: "delete", edit: (webhook) => webhook },
  { does: "delete", edit: (webhook) => webhook },
  {
    does: "remove an event type",
    edit: (webhook, dice) => ({
      ...webhook,
      eventTypes: dice.some(webhook.eventTypes, webhook.eventTypes.length - 1),
    }),
  },
  {
    does: "add an event type",
    edit: (webhook, dice) => {
      const known = [...eventTypesOf(groupOf(webhook) ?? ""), "somebody.elses.created"];
      const eventTypes = [...new Set([...webhook.eventTypes, dice.pick(known)])];
      return { ...webhook, eventTypes };
    },
  },
  { does: "disable", edit: (webhook) => ({ ...webhook, state: "disabled" }) },
  {
    does: "change the retry policy",
    edit: (webhook) => ({
      ...webhook,
      retryPolicy: { retryCount: 9, retryInterval: "PT9S", retryOnTimeout: false },
    }),
  },
  {
    does: "change the endpoint",
    edit: (webhook, dice) => ({ ...webhook, endpoint: endpointOf(groupOf(webhook) ?? "", dice.below(8)) }),
  },
  { does: "rename", edit: (webhook) => ({ ...webhook, name: `${webhook.name}-renamed` }) },
  {
    does: "duplicate",
    edit: (webhook, dice, platform) => {
      const { name, endpoint, eventTypes, retryPolicy, state, description } = webhook;
      const copied = dice.some(eventTypes, dice.between(1, eventTypes.length));
      return makeWebhook(platform.nextId(), {
        ...{ name: `${name}-copy`, endpoint, eventTypes: copied, state, description },
        ...(retryPolicy ? { retryPolicy } : {}),
      });
    },
  },
];

function createUnmarked(platform: Platform, group: string, dice: Dice): void {
  const endpoint = endpointOf(group, dice.below(8));
  const webhook = makeWebhook(platform.nextId(), {
    name: dice.chance(0.3) ? nameOf(group, endpoint) : `${group}-by-hand`,
    endpoint,
    eventTypes: dice.some(eventTypesOf(group), dice.between(1, 10)),
    state: "enabled",
    description: `Consumer group: ${group}`,
  });
  if (!findTwin(platform.state, webhook)) platform.edit("create an unmarked webhook", webhook.id, webhook);
}

/** Somebody tidies up what nobody manages. */
export function deleteUnmarked(platform: Platform): void {
  for (const webhook of platform.state.webhooks.values()) {
    if (groupOf(webhook) !== null && ownerOf(webhook) === null)
      platform.edit("delete an unmarked webhook", webhook.id, null);
  }
}
