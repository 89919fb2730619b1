// What a pass means to do, as data.
import type { Cause } from "./cause.ts";
import type { Diagnostic, Place } from "./diagnostic.ts";
import type { Held } from "./held.ts";
import { kindOf } from "./resource-kind.ts";
import type { WebhookDocument } from "./webhook.ts";

export type Action = "create" | "update" | "delete" | "adopt";
export type OperationStatus = "planned" | "applied" | "failed" | "skipped" | "recovered" | "unknown";

/**
 * Held against a base: `change` is made by this change alone, `pending` is to be done without it, too; of `both`,
 * something else was to be done to the same webhook.
 */
export type Origin = "change" | "pending" | "both";

/** One step of an RFC 6902 patch. */
export interface PatchStep {
  readonly op: "add" | "remove" | "replace" | "move" | "copy" | "test";
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/** One API write. */
export interface Operation {
  readonly action: Action;
  readonly group: string;
  /** Where the webhook delivers after the operation; of a delete, where it delivered. */
  readonly endpoint: string;
  /** Null until a create has been answered. */
  readonly webhookId: string | null;
  readonly name: string;
  /** From 1; an operation starts only when all earlier phases of its group have succeeded. */
  readonly phase: number;
  /** From `before` to `after`, over normalised documents (`eventTypes` sorted). */
  readonly patch: readonly PatchStep[];
  readonly cause: Cause;
  /** The cause in words. */
  readonly reason: string;
  readonly status: OperationStatus;
  readonly error: string | null;
  /** Why it was left undone; absent where it is to be done, or was tried. */
  readonly held?: Held;
  /** Held back by a freeze or by --create-only: `skipped`, as the team wants it, and no failure. */
  readonly frozen?: true;
  /** Of a dry run with a base only. */
  readonly origin?: Origin;
  /** The live webhook; null of a create. */
  readonly before: WebhookDocument | null;
  /** What is sent; null of a delete. */
  readonly after: WebhookDocument | null;
}

/** An operation as files and other programs get it: what was decided stands in its words. */
export type ToldOperation = Omit<Operation, "cause" | "held">;

/** The plan as files and other programs get it. */
export interface ToldPlan extends Omit<Plan, "operations" | "prunes"> {
  readonly operations: readonly ToldOperation[];
  readonly prunes: readonly ToldOperation[];
}

export interface Plan {
  /** In the order in which they may start. */
  readonly operations: readonly Operation[];
  /** Deletes of groups without a manifest: started only after every other operation has succeeded. */
  readonly prunes: readonly Operation[];
  /** One a desired group, by name. */
  readonly groups: readonly GroupPlan[];
  readonly drift: readonly Drift[];
  /** This owner's webhooks whose group has no manifest. */
  readonly orphans: readonly Orphan[];
  /** How many live webhooks belong to no group or to another owner or to a group that is not declared here. */
  readonly unmanaged: number;
  /** Conflicts, guard refusals and warnings. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface GroupPlan {
  readonly group: string;
  readonly place: Place;
  readonly state: WebhookDocument["state"];
  /** As they will be, in pool order; those with a webhook only. */
  readonly endpoints: readonly EndpointPlan[];
  /** By event type. */
  readonly moves: readonly Move[];
  /** Webhooks that stay as they are. */
  readonly unchanged: number;
  /** Why nothing of it is applied, such as a webhook that nobody manages; null where nothing stands in the way. */
  readonly skipped: string | null;
  /** The reason for which the group is frozen: what it needs is shown, and left undone; null where it is not. */
  readonly frozen: string | null;
  /** How many event types one endpoint takes. */
  readonly capacity: number;
  /** Null where it was not asked for. */
  readonly explanation: Explanation | null;
}

export interface EndpointPlan {
  readonly url: string;
  /** In manifest order. */
  readonly eventTypes: readonly string[];
  /** Events a second: round(rate × event types × 0.8). */
  readonly estimatedThroughput: number;
  /** Of the webhook that is or becomes this endpoint's; null of one that is to be created, and of triggers. */
  readonly webhookId: string | null;
  /** Where each event type has a trigger of its own; the id is null of one that is to be created. */
  readonly triggers?: readonly { readonly eventType: string; readonly webhookId: string | null }[];
}

export interface Move {
  readonly eventType: string;
  readonly from: string;
  readonly to: string;
  /** Why it cannot stay, in words. */
  readonly reason: string;
}

/** Why a group's event types go where they go. */
export interface Explanation {
  /** In pool order, those without a webhook included. */
  readonly endpoints: readonly ExplainedEndpoint[];
  /** Endpoints that are not in use any more, with the event types that they had. */
  readonly left: readonly { readonly url: string; readonly eventTypes: readonly string[] }[];
  /** How many of the event types are live now. */
  readonly live: number;
  /** No balanced assignment moves fewer event types. */
  readonly leastMoves: number;
}

export interface ExplainedEndpoint {
  readonly url: string;
  readonly weight: number;
  /** The exact fair share: `4`, or `20/3 (6.67)`. */
  readonly share: string;
  /** The share rounded down or up: how many event types it gets. */
  readonly quota: number;
  /** How many of the event types are live here now. */
  readonly holds: number;
  readonly stay: readonly string[];
  /** Moved here from another endpoint. */
  readonly arrive: readonly string[];
  /** Not live anywhere before. */
  readonly added: readonly string[];
  /** Moved from here to another endpoint. */
  readonly leave: readonly string[];
}

export interface Drift {
  readonly webhookId: string;
  readonly group: string;
  readonly endpoint: string;
  /** From what the trail last recorded to what is live. */
  readonly patch: readonly PatchStep[];
}

export interface Orphan {
  readonly webhookId: string;
  readonly group: string;
  readonly endpoint: string;
  /** Of a dry run with a base: whether the group had no manifest before. */
  readonly origin?: Exclude<Origin, "both">;
}

/** What tells one trigger of a workflow from the others; null of what delivers all event types of its endpoint. */
export function onlyEventType({
  endpoint,
  before,
  after,
}: Pick<Operation, "endpoint" | "before" | "after">): string | null {
  if (kindOf(endpoint).granularity === "endpoint") return null;
  return (after ?? before)?.eventTypes[0] ?? null;
}

/** What it wanted is so, whoever sent the request that made it so. */
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
