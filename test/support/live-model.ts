// Models the platform's resources as a list in memory: applies a plan's operations, and throws if the platform would
// refuse.
import type { Operation } from "../../src/model/plan.ts";
import { builtInKinds } from "../../src/kinds/registry.ts";
import type { Kinds } from "../../src/model/kind.ts";
import type { PartSize } from "../../src/model/part-size.ts";
import { sameEndpoint } from "../../src/model/endpoint.ts";
import { makeLive, type LiveResource, type ResourceDocument } from "../../src/model/resource.ts";

/**
 * Returns the live resources after the operations, in the given order; it skips operations that are not `planned`.
 * Throws what the platform would refuse: an unknown id, a name and endpoint that are taken, no or repeated event types,
 * more event types than a part takes, or another endpoint or event type for a resource that cannot change it.
 */
export function applyToModel(
  live: readonly LiveResource[],
  operations: readonly Operation[],
  kinds = builtInKinds,
): readonly LiveResource[] {
  return operations.reduce(
    (state, operation) => (operation.status === "planned" ? applyOne(state, operation, kinds) : state),
    live,
  );
}

function applyOne(
  live: readonly LiveResource[],
  operation: Operation,
  kinds: Kinds,
): readonly LiveResource[] {
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
  const { isMovable, granularity, names } = kinds.of(after);
  if (typeof granularity === "object" && sizeOf(after, granularity) > granularity.most && types.size > 1)
    throw new Error(`400: size of ${name}`);
  if (action !== "create") {
    const before = live.find(({ id }) => id === webhookId);
    if (!isMovable && !sameEndpoint(before?.endpoint ?? "", after.endpoint))
      throw new Error(`400: endpoint of ${name}`);
    if (granularity === "eventType" && before?.eventTypes.join() !== after.eventTypes.join())
      throw new Error(`400: topic of ${name}`);
    return live.map((webhook) =>
      webhook.id === webhookId ? makeLive(kinds.of(after), { ...after, id: webhook.id }) : webhook,
    );
  }
  if (granularity === "eventType" && types.size > 1) throw new Error(`400: ${name}`);
  if (live.some((webhook) => webhook.name === after.name && webhook.endpoint === after.endpoint)) {
    throw new Error(`409: create of ${name}`);
  }
  const id = names ? after.name : nextId(live);
  if (live.some((webhook) => webhook.id === id)) throw new Error(`409: create of ${name}`);
  return [...live, makeLive(kinds.of(after), { ...after, id })];
}

function sizeOf({ eventTypes }: ResourceDocument, part: PartSize): number {
  return eventTypes.reduce((sum, eventType) => sum + part.sizeOf(eventType), 0);
}

function nextId(live: readonly LiveResource[]): string {
  const numbers = live.map(({ id }) => Number(/^hook-(\d+)$/.exec(id)?.[1] ?? 0));
  return `hook-${Math.max(0, ...numbers) + 1}`;
}
