// Whether a write has taken effect, by what is live.
import { sameEndpoint } from "../model/endpoint.ts";
import type { Operation } from "../model/plan.ts";
import { groupOf, ownerOf } from "../model/ownership.ts";
import type { LiveResource, ResourceDocument } from "../model/resource.ts";
import { asDocument, sameEventTypes } from "../model/document.ts";
import { diffDocuments } from "../model/document-diff.ts";

export type Write = Pick<Operation, "action" | "webhookId" | "before" | "after">;

/**
 * The webhook that a create made, whoever sent it: the platform has one of a name and endpoint. One of its name alone
 * has been sent elsewhere since, for there is one of a name; one of its group and endpoint alone, where an endpoint has
 * several also of its event types, has been renamed, for there was none when its create was planned.
 */
export function findCreated(
  { after }: Pick<Write, "after">,
  live: readonly LiveResource[],
): LiveResource | null {
  if (!after) return null;
  const named = live.filter(({ name }) => name === after.name);
  const found = named.find(({ endpoint }) => endpoint === after.endpoint) ?? named[0];
  return found ?? live.find((other) => isRenamed(other, after)) ?? null;
}

function isRenamed(other: LiveResource, after: ResourceDocument): boolean {
  return (
    other.group === groupOf(after) &&
    other.owner === ownerOf(after) &&
    other.owner !== null &&
    sameEndpoint(other.endpoint, after.endpoint) &&
    (other.kind.granularity === "endpoint" || sameEventTypes(other.eventTypes, after.eventTypes))
  );
}

export type Seen =
  | { readonly state: "done"; readonly webhookId: string | null }
  | { readonly state: "notDone" }
  | { readonly state: "changed"; readonly how: string };

/**
 * Whether a write has taken effect, by the webhook that it is about as it is now. What is made in steps has delivered
 * nothing before the platform says so; of a run that is over, it counts that all was said.
 */
export function judgeWrite(
  { action, before, after, webhookId }: Write,
  live: LiveResource | null,
  whatCounts: "that it delivers" | "that all is said" = "that it delivers",
): Seen {
  if (!live) {
    if (action === "delete") return { state: "done", webhookId };
    return action === "create" ? { state: "notDone" } : { state: "changed", how: "someone deleted it" };
  }
  if (after && diffDocuments(live, after, live.kind).length === 0)
    return { state: "done", webhookId: live.id };
  if (isOnTheWay(live, after ?? before))
    return isSaid(live, after) && whatCounts === "that all is said"
      ? { state: "done", webhookId: live.id }
      : { state: "notDone" };
  // What the platform reports and what could be sent are not always the same: `before` is of the second kind.
  if (before && diffDocuments(asDocument(live), before, live.kind).length === 0)
    return { state: "notDone" };
  return {
    state: "changed",
    how: action === "create" ? "someone else made it" : "someone else changed it",
  };
}

/** Switched on, and up to the platform from now on. */
function isSaid(live: LiveResource, after: ResourceDocument | null): boolean {
  return after?.state === "enabled" && live.delivers === "perhaps";
}

/** A resource that is made in steps is switched on last and off first: only that step is left to do, or is done so far. */
function isOnTheWay(live: LiveResource, end: ResourceDocument | null): boolean {
  if (!end || !live.kind.isMadeInSteps) return false;
  return diffDocuments(live, end, live.kind).every(({ path }) => path === "/state");
}
