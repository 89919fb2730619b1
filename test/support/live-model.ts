// The platform's webhooks as a list in memory: what a plan's operations do to it, and what the platform would refuse.
import type { Operation } from "../../src/model/plan.ts";
import { builtInKinds } from "../../src/kinds/registry.ts";
import type { LiveResource } from "../../src/model/resource.ts";
import { liveFrom } from "./kinds.ts";

/**
 * The live webhooks after the operations, in the order given; those that are not `planned` are left out.
 * Throws where the platform would refuse: an unknown id, a name and endpoint taken, no or repeated event types, another
 * endpoint or event type of what has that for good.
 */
export function applyToModel(
  live: readonly LiveResource[],
  operations: readonly Operation[],
): readonly LiveResource[] {
  return operations.reduce(
    (state, operation) => (operation.status === "planned" ? applyOne(state, operation) : state),
    live,
  );
}

function applyOne(live: readonly LiveResource[], operation: Operation): readonly LiveResource[] {
  const { action, webhookId, after, name } = operation;
  if (action !== "create" && !live.some(({ id }) => id === webhookId)) {
    throw new Error(`404: ${action} of ${name}, id ${String(webhookId)}`);
  }
  if (action === "delete") return live.filter(({ id }) => id !== webhookId);
  if (!after) throw new Error(`${action} of ${name} sends nothing`);
  const types = new Set(after.eventTypes);
  if (types.size === 0 || types.size !== after.eventTypes.length) {
    throw new Error(`422: event types of ${name}`);
  }
  if (action !== "create") {
    const before = live.find(({ id }) => id === webhookId);
    const { isMovable, granularity } = builtInKinds.of(after);
    if (!isMovable && before?.endpoint !== after.endpoint) throw new Error(`400: endpoint of ${name}`);
    if (granularity === "eventType" && before?.eventTypes.join() !== after.eventTypes.join())
      throw new Error(`400: topic of ${name}`);
    return live.map((webhook) =>
      webhook.id === webhookId ? liveFrom({ ...after, id: webhook.id }) : webhook,
    );
  }
  if (builtInKinds.of(after).granularity === "eventType" && types.size > 1) throw new Error(`400: ${name}`);
  if (live.some((webhook) => webhook.name === after.name && webhook.endpoint === after.endpoint)) {
    throw new Error(`409: create of ${name}`);
  }
  return [...live, liveFrom({ ...after, id: nextId(live) })];
}

function nextId(live: readonly LiveResource[]): string {
  const numbers = live.map(({ id }) => Number(/^hook-(\d+)$/.exec(id)?.[1] ?? 0));
  return `hook-${Math.max(0, ...numbers) + 1}`;
}
