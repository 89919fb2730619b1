// What somebody else does to the platform behind our back; only what it would let them do.
import { sha256Hex } from "../../src/lib/hash.ts";
import type { Dice } from "./dice.ts";
import type { Platform } from "./platform.ts";
import { endpointKey, eventTypesOf, owner, perEndpoint, type Group } from "./scenario.ts";
import type { Resource, SimulatedKind } from "./resources.ts";

/** The group that a webhook's description names, or null. */
export function groupOf(webhook: Resource | null): string | null {
  return /Consumer group: (.*?)(?: \| |$)/.exec(webhook?.description ?? "")?.[1] ?? null;
}

/** Ours, another owner's, or nobody's (null). */
export function ownerOf(webhook: Resource): string | null {
  return /Managed by: reconcile \((.*)\)$/.exec(webhook.description)?.[1] ?? null;
}

/** `of`: the endpoint, or the event type of what has only one. */
export function nameOf(group: string, of: string): string {
  return `${group}-${sha256Hex(`${group}\n${of}`).slice(0, 8)}`;
}

/** One edit of a webhook of ours, or a new one that nobody manages; nothing where the platform would refuse it. */
export function editByHand(platform: Platform, groups: readonly Group[], dice: Dice): void {
  const ours = [...platform.all().values()].filter((webhook) => ownerOf(webhook) === owner);
  if (ours.length === 0 || dice.chance(0.08)) {
    createUnmarked(platform, dice.pick(groups), dice);
    return;
  }
  const webhook = dice.pick(ours);
  const { does, edit } = dice.pick(edits);
  if (does === "delete") {
    platform.edit(`delete ${webhook.name}`, webhook.id, null);
    return;
  }
  const kind = platform.kinds.ofEndpoint(webhook.endpoint);
  const after = edit(webhook, dice, { kind, nextId: () => platform.nextId() });
  if (!isRefused(webhook, after, platform)) platform.edit(`${does}: ${webhook.name}`, after.id, after);
}

/** By the platform, which has rules. */
function isRefused(before: Resource | null, after: Resource, platform: Platform): boolean {
  const kind = platform.kinds.ofEndpoint(after.endpoint);
  const others = [...platform.all().values()].filter(
    ({ id, endpoint }) => id !== after.id && platform.kinds.ofEndpoint(endpoint) === kind,
  );
  const isSame = before?.id === after.id;
  if (after.eventTypes.length === 0 || after.eventTypes.length > perEndpoint) return true;
  if (kind.scheme === "eventbridge") {
    const isTaken = others.some(({ endpoint }) => endpointKey(endpoint) === endpointKey(after.endpoint));
    return isTaken || (isSame && before.endpoint !== after.endpoint);
  }
  if (kind.scheme === "workflow")
    return isSame ? before.eventTypes.join() !== after.eventTypes.join() : after.eventTypes.length > 1;
  return others.some(({ name, endpoint }) => name === after.name && endpoint === after.endpoint);
}

interface Edit {
  readonly does: string;
  readonly edit: (webhook: Resource, dice: Dice, made: Making) => Resource;
}

/** What an edit needs to know of where it is made. */
interface Making {
  readonly kind: SimulatedKind;
  readonly nextId: () => string;
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
    edit: (webhook, dice, { kind }) => {
      const known = [
        ...eventTypesOf(kind, groupOf(webhook) ?? ""),
        `${kind.typePrefix}somebody.elses.created`,
      ];
      const eventTypes = [...new Set([...webhook.eventTypes, dice.pick(known)])];
      return { ...webhook, eventTypes };
    },
  },
  { does: "disable", edit: (webhook) => ({ ...webhook, intended: "disabled" }) },
  {
    does: "change the retry policy, or a trigger's options",
    edit: (webhook) => ({
      ...webhook,
      retryPolicy: { retryCount: 9, retryInterval: "PT9S", retryOnTimeout: false },
      ttlSeconds: 90,
    }),
  },
  {
    does: "change the endpoint",
    edit: (webhook, dice, { kind }) => ({
      ...webhook,
      endpoint: kind.endpointOf(groupOf(webhook) ?? "", dice.below(8)),
    }),
  },
  { does: "rename", edit: (webhook) => ({ ...webhook, name: `${webhook.name}-renamed` }) },
  {
    does: "duplicate",
    edit: (webhook, dice, { kind, nextId }) => {
      const { name, endpoint, eventTypes } = webhook;
      const copied = dice.some(eventTypes, dice.between(1, eventTypes.length));
      const group = groupOf(webhook) ?? "";
      // There is one of an event source.
      const at = kind.scheme === "eventbridge" ? kind.endpointOf(group, dice.below(8)) : endpoint;
      return { ...webhook, id: nextId(), name: `${name}-copy`, endpoint: at, eventTypes: copied };
    },
  },
];

function createUnmarked(platform: Platform, { name: group, kind: own }: Group, dice: Dice): void {
  const { all } = platform.kinds;
  const kind = all.length > 1 && dice.chance(0.2) ? dice.pick(all) : own;
  const endpoint = kind.endpointOf(group, dice.below(8));
  const isNamesake = dice.chance(0.3);
  const eventTypes = dice.some(eventTypesOf(kind, group), kind.isOfMany ? dice.between(1, 10) : 1);
  const name = nameOf(group, kind.isOfMany ? endpoint : (eventTypes[0] ?? ""));
  const webhook: Resource = {
    ...{ id: platform.nextId(), name: isNamesake ? name : `${group}-by-hand`, endpoint, eventTypes },
    ...{ retryPolicy: null, state: "enabled", intended: "enabled" },
    ...{ description: `Consumer group: ${group}`, ttlSeconds: null },
  };
  if (!isRefused(null, webhook, platform)) platform.edit("create an unmarked webhook", webhook.id, webhook);
}

/** Somebody tidies up what nobody manages. */
export function deleteUnmarked(platform: Platform): void {
  for (const webhook of platform.all().values()) {
    if (groupOf(webhook) !== null && ownerOf(webhook) === null)
      platform.edit("delete an unmarked webhook", webhook.id, null);
  }
}
