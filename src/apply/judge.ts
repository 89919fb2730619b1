// Judges by what is live whether a write has taken effect.
import { sameEndpoint } from "../model/endpoint.ts";
import { ReconcileError } from "../model/errors.ts";
import type { Operation } from "../model/plan.ts";
import { kindKey, type Kinds } from "../model/kind.ts";
import type { Listing, UnreadResource } from "../model/listing.ts";
import { groupOf, ownerOf } from "../model/ownership.ts";
import type { LiveResource, ResourceDocument } from "../model/resource.ts";
import { asDocument, sameEventTypes } from "../model/document.ts";
import { diffDocuments } from "../model/document-diff.ts";

export type WriteToJudge = Pick<Operation, "action" | "webhookId" | "before" | "after">;

/**
 * Finds the resource that a create made, no matter which run or machine sent it. If only the name fits, the resource was re-pointed since. If only the group and endpoint fit (and the event types, if an
 * endpoint has several resources), it was renamed since, because there was none when the create was planned.
 */
export function findCreated(
  { after }: Pick<WriteToJudge, "after">,
  live: readonly LiveResource[],
): LiveResource | null {
  if (!after) return null;
  // Another kind may have a resource of the same name at the same endpoint, as while a group changes its kind.
  const ofKind = live.filter(({ kind }) => kindKey(kind, after.endpoint).kind === after.kind);
  const named = ofKind.filter(({ name }) => name === after.name);
  const found = named.find(({ endpoint }) => endpoint === after.endpoint) ?? named[0];
  return found ?? ofKind.find((other) => isRenamed(other, after)) ?? null;
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

/** Finds what a create made. Throws ReconcileError `api/malformed` if a resource that cannot be read may be it. */
export function findListed(
  write: Pick<WriteToJudge, "after">,
  { live, unread }: Pick<Listing, "live" | "unread">,
  kinds: Kinds,
): LiveResource | null {
  const found = findCreated(write, live);
  const possible = found ? undefined : unread.find((one) => mayBeCreated(write, one, kinds));
  if (!possible) return found;
  const { kind, id, why } = possible;
  const which = `${kind.noun} ${id ?? "without an id"}`;
  throw new ReconcileError("api/malformed", `${which}, which may be it, cannot be read: ${why}`);
}

/** Whether a create may have made a resource that the list shows in a form that cannot be read. */
export function mayBeCreated(
  { after }: Pick<WriteToJudge, "after">,
  unread: UnreadResource,
  kinds: Kinds,
): boolean {
  if (!after || unread.kind !== kinds.of(after)) return false;
  if (unread.name === after.name) return true;
  const group = groupOf(after);
  return unread.owner === ownerOf(after) && unread.owner !== null && (unread.group ?? group) === group;
}

export type Judgement =
  | { readonly state: "done"; readonly webhookId: string | null }
  | { readonly state: "notDone" }
  | { readonly state: "changed"; readonly how: string };

/**
 * Judges by the resource as it is now whether a write has taken effect. A resource that is made in steps delivers nothing
 * before the platform reports it active; for a run that is over, it is enough that its activation was requested.
 */
export function judgeWrite(
  { action, before, after, webhookId }: WriteToJudge,
  live: LiveResource | null,
  whatCounts: "that it delivers" | "that all is said" = "that it delivers",
): Judgement {
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
  // The platform may report a document otherwise than it was sent; `before` is as it would be sent.
  if (before && diffDocuments(asDocument(live), before, live.kind).length === 0)
    return { state: "notDone" };
  return {
    state: "changed",
    how: action === "create" ? "someone else made it" : "someone else changed it",
  };
}

/** Activation was requested; the platform has not reported it active yet. */
function isSaid(live: LiveResource, after: ResourceDocument | null): boolean {
  return after?.state === "enabled" && live.delivers === "perhaps";
}

/** A resource that is made in steps is switched on last and off first, so only that step may be missing, or done. */
function isOnTheWay(live: LiveResource, end: ResourceDocument | null): boolean {
  if (!end || !live.kind.isMadeInSteps) return false;
  return diffDocuments(live, end, live.kind).every(({ path }) => path === "/state");
}
