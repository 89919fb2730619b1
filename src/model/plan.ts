// A plan: the operations of a pass, as data.
import type { Cause } from "./cause.ts";
import type { Held } from "./held.ts";
import type { Kinds } from "./kind.ts";
import type * as groupSchema from "./schema/group.ts";
import type * as operationSchema from "./schema/operation.ts";
import type * as planSchema from "./schema/plan.ts";
import type { TypeOf } from "./schema/type-of.ts";

export type Action = TypeOf<typeof operationSchema.action>;
export type OperationStatus = TypeOf<typeof operationSchema.operationStatus>;

/**
 * The origin of an operation in a plan with a base. `change`: only this change makes it. `pending`: it is to be done
 * even without this change. `both`: without this change, another operation was to be done to the same webhook.
 */
export type Origin = TypeOf<typeof operationSchema.origin>;

/** One step of an RFC 6902 patch. */
export type PatchStep = TypeOf<typeof operationSchema.patchStep>;

/**
 * An operation as files and other programs get it: with the sentences, and without the data that they are made from.
 */
export type ToldOperation = TypeOf<typeof operationSchema.operation>;

/** One API write. */
export interface Operation extends ToldOperation {
  /** The data from which its `reason` is made. */
  readonly cause: Cause;
  /** Why it is held back; absent if it is to be done, or was tried. */
  readonly held?: Held;
}

/** The plan as files and other programs get it. */
export type ToldPlan = TypeOf<typeof planSchema.plan>;

export interface Plan extends ToldPlan {
  readonly operations: readonly Operation[];
  readonly prunes: readonly Operation[];
}

export type GroupPlan = TypeOf<typeof groupSchema.groupPlan>;

export type EndpointPlan = TypeOf<typeof groupSchema.endpointPlan>;

export type Move = TypeOf<typeof groupSchema.move>;

/** Why a group's event types go where they go. */
export type Explanation = TypeOf<typeof groupSchema.explanation>;

export type ExplainedEndpoint = TypeOf<typeof groupSchema.explainedEndpoint>;

/** A managed resource that differs from what the trail last recorded for it. */
export type Drift = TypeOf<typeof planSchema.drift>;

/** A resource of this owner whose group has no manifest. */
export type Orphan = TypeOf<typeof planSchema.orphan>;

/**
 * Returns the event type that distinguishes one trigger of a workflow; null for a kind whose resources deliver several.
 */
export function onlyEventType(
  operation: Pick<Operation, "endpoint" | "before" | "after">,
  kinds: Kinds,
): string | null {
  if (kinds.of(operation).granularity !== "eventType") return null;
  return (operation.after ?? operation.before)?.eventTypes[0] ?? null;
}

/** Returns the resources that will serve an endpoint; the id is null for one that will be created. */
export function listServing({
  webhookId,
  eventTypes,
  triggers,
  parts,
}: EndpointPlan): readonly { readonly webhookId: string | null; readonly eventTypes: readonly string[] }[] {
  const each = triggers?.map((one) => ({ webhookId: one.webhookId, eventTypes: [one.eventType] }));
  return each ?? parts ?? [{ webhookId, eventTypes }];
}

/** True if the resource is as the operation wants it, no matter which request made it so. */
export function isDone({ status }: Pick<Operation, "status">): boolean {
  return status === "applied" || status === "recovered";
}

export function tellOperation(operation: Operation): ToldOperation {
  const { action, group, endpoint, webhookId, name, phase, patch } = operation;
  const { reason, status, error, before, after, frozen, origin } = operation;
  return {
    ...{ action, group, endpoint, webhookId, name, phase, patch, reason, status, error, before, after },
    ...(frozen === undefined ? {} : { frozen }),
    ...(origin === undefined ? {} : { origin }),
  };
}

export function tellPlan(plan: Plan): ToldPlan {
  const [operations, prunes] = [plan.operations.map(tellOperation), plan.prunes.map(tellOperation)];
  return { ...plan, operations, prunes };
}
