// What a pass means to do, as data.
import { kindOf } from "./resource-kind.ts";
import type * as groupSchema from "./schema/group.ts";
import type * as operationSchema from "./schema/operation.ts";
import type * as planSchema from "./schema/plan.ts";
import type { TypeOf } from "./schema/type-of.ts";

export type Action = TypeOf<typeof operationSchema.action>;
export type OperationStatus = TypeOf<typeof operationSchema.operationStatus>;

/**
 * Held against a base: `change` is made by this change alone, `pending` is to be done without it, too; of `both`,
 * something else was to be done to the same webhook.
 */
export type Origin = TypeOf<typeof operationSchema.origin>;

/** One step of an RFC 6902 patch. */
export type PatchStep = TypeOf<typeof operationSchema.patchStep>;

/** One API write. */
export type Operation = TypeOf<typeof operationSchema.operation>;

export type Plan = TypeOf<typeof planSchema.plan>;

export type GroupPlan = TypeOf<typeof groupSchema.groupPlan>;

export type EndpointPlan = TypeOf<typeof groupSchema.endpointPlan>;

export type Move = TypeOf<typeof groupSchema.move>;

/** Why a group's event types go where they go. */
export type Explanation = TypeOf<typeof groupSchema.explanation>;

export type ExplainedEndpoint = TypeOf<typeof groupSchema.explainedEndpoint>;

/** A managed webhook that differs from what the trail last recorded for it. */
export type Drift = TypeOf<typeof planSchema.drift>;

/** A webhook of this owner whose group has no manifest. */
export type Orphan = TypeOf<typeof planSchema.orphan>;

/** What it wanted is so, whoever sent the request that made it so. */
/** What tells one trigger of a workflow from the others; null of what delivers all event types of its endpoint. */
export function onlyEventType({
  endpoint,
  before,
  after,
}: Pick<Operation, "endpoint" | "before" | "after">): string | null {
  if (kindOf(endpoint).granularity === "endpoint") return null;
  return (after ?? before)?.eventTypes[0] ?? null;
}

export function isDone({ status }: Pick<Operation, "status">): boolean {
  return status === "applied" || status === "recovered";
}
