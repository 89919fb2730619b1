// Why each webhook is written, in words that a reviewer understands without the code.
import { sameEndpoint, shownEndpoint } from "../model/endpoint.ts";
import { kindOf } from "../model/resource-kind.ts";
import type { Move, PatchStep } from "../model/plan.ts";
import type { Subscription } from "../model/subscription.ts";
import type { LiveWebhook, WebhookDocument } from "../model/webhook.ts";
import { mayDeliver } from "../model/document.ts";
import { diffWebhooks } from "../model/document-diff.ts";
import { readOwnership } from "../model/ownership.ts";

interface Written {
  readonly before: LiveWebhook | null;
  readonly after: WebhookDocument | null;
  readonly surplus: boolean;
  readonly patch: readonly PatchStep[];
}

interface Given {
  readonly live: readonly LiveWebhook[];
  readonly pool: Subscription["endpointPool"];
  readonly moves: readonly Move[];
  readonly recorded: ReadonlyMap<string, WebhookDocument>;
  /** Names of recorded webhooks that are no longer live. */
  readonly gone: ReadonlySet<string>;
}

/** Of a create: somebody else took away what was here. */
export const deletedOutside = "what delivered there was deleted outside this repository";

/** One reason a write, in the same order. */
export function makeReasons(writes: readonly Written[], given: Given): string[] {
  return writes.map((write) => {
    if (!write.before) return whyCreated(write.after, given);
    if (!write.after) return whyDeleted(write.before, write.surplus, given);
    return whyUpdated(write.before, write.after, given);
  });
}

/** What someone else did to a webhook since the trail last recorded it; empty where nothing. */
export function findDrift(live: LiveWebhook, recorded: ReadonlyMap<string, WebhookDocument>): PatchStep[] {
  const last = recorded.get(live.id);
  if (!last) return [];
  const patch = diffWebhooks(last, live);
  // What is not switched on yet, or reports an error, nobody else has switched off.
  const isPlatforms = last.state === "enabled" && mayDeliver(live);
  return isPlatforms ? patch.filter(({ path }) => path !== "/state") : patch;
}

function whyCreated(after: WebhookDocument | null, given: Given): string {
  if (after && given.gone.has(after.name)) return deletedOutside;
  if (given.live.length === 0) return "the consumer group is new";
  const { scheme, nouns, granularity } = kindOf(after?.endpoint ?? "");
  const before = given.live.filter(({ endpoint }) => kindOf(endpoint).scheme === scheme);
  if (before.length === 0) return `the group goes over to ${nouns}`;
  if (granularity === "eventType") return "the event type is added";
  if (given.pool.length === 1) return "the group goes over to this endpoint";
  return given.live.length === 1 ? "the group is split over its pool" : "the pool gained this endpoint";
}

function whyDeleted(before: LiveWebhook, surplus: boolean, given: Given): string {
  const { noun, granularity } = kindOf(before.endpoint);
  if (surplus && granularity === "eventType") return `another ${noun} of the group has the same event type`;
  if (surplus) return `another ${noun} of the group delivers to the same endpoint`;
  const inPool = given.pool.some(({ url }) => sameEndpoint(url, before.endpoint));
  if (granularity === "eventType" && inPool) return "the event type is removed";
  return inPool ? "the endpoint's share is nothing" : "the group no longer uses this endpoint";
}

function whyUpdated(before: LiveWebhook, after: WebhookDocument, given: Given): string {
  const reasons: string[] = [];
  const [had, has] = [before, after].map(({ description }) => readOwnership(description).group);
  if (had !== has && had) reasons.push(`taken over from group "${had}", which has no manifest any more`);
  if (findDrift(before, given.recorded).length > 0) reasons.push("changed outside this repository");
  if (!sameEndpoint(before.endpoint, after.endpoint)) {
    const move = given.moves.find(({ from }) => sameEndpoint(from, before.endpoint));
    const isTrigger = kindOf(before.endpoint).granularity === "eventType";
    const isInPool = given.pool.some(({ url }) => sameEndpoint(url, before.endpoint));
    const from = shownEndpoint(before.endpoint);
    // A move's reason begins with the endpoint, as a sentence of its own.
    const why =
      isTrigger && move && isInPool ? move.reason.replace(`${from} `, "") : "the group no longer uses";
    reasons.push(`re-pointed from ${from}, which ${why}`);
  }
  return [...reasons, ...whyEventTypes(before, after, given), ...whyFields(before, after)].join("; ");
}

function whyEventTypes(before: LiveWebhook, after: WebhookDocument, given: Given): string[] {
  const had = new Set(before.eventTypes);
  const has = new Set(after.eventTypes);
  const moving = new Set(given.moves.map((move) => move.eventType));
  const isElsewhere = (eventType: string): boolean =>
    given.live.some(({ id, eventTypes }) => id !== before.id && eventTypes.includes(eventType));
  const gained = after.eventTypes.filter((eventType) => !had.has(eventType));
  const lost = [...had].filter((eventType) => !has.has(eventType));
  const movedHere = gained.filter((eventType) => moving.has(eventType));
  const added = gained.filter((eventType) => !moving.has(eventType));
  const movedAway = lost.filter((eventType) => moving.has(eventType));
  const twice = lost.filter((eventType) => !moving.has(eventType) && isElsewhere(eventType));
  const removed = lost.filter((eventType) => !moving.has(eventType) && !isElsewhere(eventType));
  return [
    sentence(movedHere, (text) => `takes over ${text} from ${others(movedHere, "from", given)}`),
    sentence(added, (text, verb) => `${text} ${verb} added`),
    sentence(movedAway, (text) => `hands ${text} to ${others(movedAway, "to", given)}`),
    sentence(twice, (text, verb) => `${text} ${verb} also live on another ${kindOf(before.endpoint).noun}`),
    sentence(removed, (text, verb) => `${text} ${verb} removed`),
  ].filter((text) => text !== "");
}

function others(eventTypes: readonly string[], side: "from" | "to", { moves }: Given): string {
  const moved = moves.filter(({ eventType }) => eventTypes.includes(eventType));
  const endpoints = new Set(moved.map((move) => move[side]));
  return endpoints.size > 1 ? `${endpoints.size} other endpoints` : "another endpoint";
}

function sentence(eventTypes: readonly string[], say: (text: string, verb: string) => string): string {
  if (eventTypes.length === 0) return "";
  return eventTypes.length === 1
    ? say("1 event type", "is")
    : say(`${eventTypes.length} event types`, "are");
}

function whyFields(before: LiveWebhook, after: WebhookDocument): string[] {
  const pinned = { ...before, eventTypes: after.eventTypes, endpoint: after.endpoint };
  const changed = new Set(diffWebhooks(pinned, after).map((step) => step.path.split("/")[1]));
  const moved = !sameEndpoint(before.endpoint, after.endpoint);
  return [
    changed.has("state") ? `state ${before.state} → ${after.state}` : "",
    changed.has("retryPolicy") ? "retry policy changed" : "",
    changed.has("trigger") ? "trigger options changed" : "",
    changed.has("description") ? "description changed" : "",
    changed.has("name") && !moved ? "name changed" : "",
  ].filter((text) => text !== "");
}
