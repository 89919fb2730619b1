// Whether a write has taken effect, by what is live.
import { sameEndpoint } from "../model/endpoint.ts";
import type { Operation } from "../model/plan.ts";
import { kindOf } from "../model/resource-kind.ts";
import type { LiveWebhook, WebhookDocument } from "../model/webhook.ts";
import { asDocument, mayDeliver } from "../model/document.ts";
import { diffWebhooks } from "../model/document-diff.ts";
import { readOwnership } from "../model/ownership.ts";

export type Write = Pick<Operation, "action" | "webhookId" | "before" | "after">;

/**
 * The webhook that a create made, whoever sent it: the platform has one of a name and endpoint. One of its name alone
 * has been sent elsewhere since, for there is one of a name; one of its group and endpoint alone, of triggers also of
 * its event type, has been renamed, for there was none when its create was planned.
 */
export function findCreated(
  { after }: Pick<Write, "after">,
  live: readonly LiveWebhook[],
): LiveWebhook | null {
  if (!after) return null;
  const named = live.filter(({ name }) => name === after.name);
  const found = named.find(({ endpoint }) => endpoint === after.endpoint) ?? named[0];
  return found ?? live.find((other) => isRenamed(other, after)) ?? null;
}

function isRenamed(other: LiveWebhook, after: WebhookDocument): boolean {
  const [own, wanted] = [readOwnership(other.description), readOwnership(after.description)];
  return (
    own.group === wanted.group &&
    own.owner === wanted.owner &&
    own.owner !== null &&
    sameEndpoint(other.endpoint, after.endpoint) &&
    (kindOf(after.endpoint).granularity === "endpoint" || other.eventTypes[0] === after.eventTypes[0])
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
  live: LiveWebhook | null,
  whatCounts: "that it delivers" | "that all is said" = "that it delivers",
): Seen {
  if (!live) {
    if (action === "delete") return { state: "done", webhookId };
    return action === "create" ? { state: "notDone" } : { state: "changed", how: "someone deleted it" };
  }
  if (after && diffWebhooks(live, after).length === 0) return { state: "done", webhookId: live.id };
  if (isOnTheWay(live, after ?? before))
    return isSaid(live, after) && whatCounts === "that all is said"
      ? { state: "done", webhookId: live.id }
      : { state: "notDone" };
  // What the platform reports and what could be sent are not always the same: `before` is of the second kind.
  if (before && diffWebhooks(asDocument(live), before).length === 0) return { state: "notDone" };
  return {
    state: "changed",
    how: action === "create" ? "someone else made it" : "someone else changed it",
  };
}

/** Switched on, and up to the platform from now on. */
function isSaid(live: LiveWebhook, after: WebhookDocument | null): boolean {
  return after?.state === "enabled" && live.state !== "enabled" && mayDeliver(live);
}

/** What is made in steps is switched on last, and off first: only that is left to do, or has been done so far. */
function isOnTheWay(live: LiveWebhook, end: WebhookDocument | null): boolean {
  if (!end || !kindOf(end.endpoint).isMadeInSteps) return false;
  return diffWebhooks(live, end).every(({ path }) => path === "/state");
}
