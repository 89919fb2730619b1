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
  readonly shared?: readonly SharedWrites<Operation>[];
}

/** The writes of a resource that several groups share. */
export interface SharedWrites<O> {
  /** The kind whose resources get their events through it. */
  readonly by: string;
  readonly gains: readonly O[];
  readonly losses: readonly O[];
}

/** Every operation of a plan, in the order in which they may start. */
export function allOperations<O>(plan: {
  readonly operations: readonly O[];
  readonly prunes: readonly O[];
  readonly shared?: readonly SharedWrites<O>[];
}): readonly O[] {
  const { operations, prunes, shared = [] } = plan;
  const [gains, losses] = [shared.flatMap((one) => one.gains), shared.flatMap((one) => one.losses)];
  return [...gains, ...operations, ...prunes, ...losses];
}

/** Returns the plan's lists of operations, with `change` applied to each operation. */
export function mapOperations<O>(
  { operations, prunes, shared }: Pick<Plan, "operations" | "prunes" | "shared">,
  change: (operation: Operation) => O,
): { readonly operations: O[]; readonly prunes: O[]; readonly shared?: SharedWrites<O>[] } {
  const changed = shared?.map(({ by, gains, losses }) => ({
    ...{ by, gains: gains.map(change), losses: losses.map(change) },
  }));
  return {
    operations: operations.map(change),
    prunes: prunes.map(change),
    ...(changed ? { shared: changed } : {}),
  };
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

export function isPlanned({ status }: Pick<Operation, "status">): boolean {
  return status === "planned";
}

/** True if the resource is as the operation wants it, no matter which request made it so. */
export function isDone({ status }: Pick<Operation, "status">): boolean {
  return status === "applied" || status === "recovered";
}

export function tellOperation(operation: Operation): ToldOperation {
  const { action, group, endpoint, webhookId, name, phase, patch } = operation;
  const { reason, status, error, platformCode, before, after, frozen, origin } = operation;
  return {
    ...{ action, group, endpoint, webhookId, name, phase, patch, reason, status, error, before, after },
    ...(platformCode === undefined ? {} : { platformCode }),
    ...(frozen === undefined ? {} : { frozen }),
    ...(origin === undefined ? {} : { origin }),
  };
}

export function tellPlan(plan: Plan): ToldPlan {
  return { ...plan, ...mapOperations(plan, tellOperation) };
}
