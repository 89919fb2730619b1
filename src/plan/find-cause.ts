// Finds why each resource is written.
import type { Cause, Difference, LeaveCause } from "../model/cause.ts";
import { sameEndpoint } from "../model/endpoint.ts";
import type { Kind } from "../model/kind.ts";
import type { Move, PatchStep } from "../model/plan.ts";
import type { Subscription } from "../model/subscription.ts";
import { mayDeliver, type LiveResource, type ResourceDocument } from "../model/resource.ts";
import { groupOf, ownerOf } from "../model/ownership.ts";
import { fillFrom } from "../model/document.ts";
import { diffDocuments } from "../model/document-diff.ts";
import { dropUnstated, type DocumentOptions } from "../model/options.ts";

interface FoundChange {
  readonly before: LiveResource | null;
  readonly after: ResourceDocument | null;
  readonly surplus: boolean;
  readonly patch: readonly PatchStep[];
}

interface GroupFacts {
  readonly group: string;
  /** The kind of the resources that the group is to have. */
  readonly kind: Kind;
  readonly live: readonly LiveResource[];
  /** Whether the group has live resources that may not be written. */
  readonly isOthers: boolean;
  readonly pool: Subscription["endpointPool"];
  readonly moves: readonly Move[];
  readonly recorded: ReadonlyMap<string, ResourceDocument>;
  /** Names of recorded resources that are no longer live. */
  readonly gone: ReadonlySet<string>;
  /** Whether an endpoint gets event types. */
  readonly isUsed: (endpoint: string) => boolean;
  /** Why event types leave an endpoint. */
  readonly findLeaveCause: (from: string) => LeaveCause;
}

export function findCause({ before, after, surplus }: FoundChange, given: GroupFacts): Cause {
  if (!before) return { code: whyCreated(after, given) };
  if (!after) return { code: whyDeleted(before, surplus, given) };
  return { code: "changed", differences: findDifferences(before, after, given) };
}

/**
 * Returns what someone else did to a resource since the trail last recorded it; empty if nothing. An option that `wanted`
 * leaves unstated is the platform's, so a change of it is no drift.
 */
export function findDrift(
  live: LiveResource,
  recorded: ReadonlyMap<string, ResourceDocument>,
  wanted: Partial<DocumentOptions>,
): PatchStep[] {
  const last = recorded.get(live.id);
  if (!last) return [];
  const patch = diffDocuments(
    fillFrom(withStated(last, wanted, live.kind), live, live.kind),
    live,
    live.kind,
  );
  // A resource that is not switched on yet, or reports an error, was not switched off by someone else.
  const isPlatforms = last.state === "enabled" && mayDeliver(live);
  return isPlatforms ? patch.filter(({ path }) => path !== "/state") : patch;
}

function withStated(
  last: ResourceDocument,
  wanted: Partial<DocumentOptions>,
  { options }: Kind,
): ResourceDocument {
  const [was, is] = options ? [last[options.key], wanted[options.key]] : [];
  return options && was && is ? { ...last, [options.key]: dropUnstated(options, was, is) } : last;
}

type PlainCode = Exclude<
  Cause["code"],
  "changed" | "released" | "takenBack" | "sharedIsMissing" | "sharedIsUnused"
>;

function whyCreated(after: ResourceDocument | null, given: GroupFacts): PlainCode {
  if (after && given.gone.has(after.name)) return "deletedOutside";
  if (given.live.length === 0) return given.isOthers ? "groupIsOthers" : "groupIsNew";
  if (!given.live.some(({ kind }) => kind === given.kind)) return "groupChangesKind";
  const { granularity } = given.kind;
  if (granularity === "eventType") return "eventTypeAdded";
  const isThere = given.live.some(({ endpoint }) => after && sameEndpoint(endpoint, after.endpoint));
  if (typeof granularity === "object" && isThere) return "partAdded";
  if (given.pool.length === 1) return "groupChangesEndpoint";
  return given.live.length === 1 ? "groupIsSplit" : "endpointJoined";
}

function whyDeleted(before: LiveResource, surplus: boolean, given: GroupFacts): PlainCode {
  if (surplus) return "surplus";
  if (!isInPool(before, given)) return "endpointLeft";
  if (before.kind !== given.kind) return "otherKindDelivers";
  const { granularity } = before.kind;
  if (granularity === "eventType") return "eventTypeRemoved";
  return typeof granularity === "object" && given.isUsed(before.endpoint)
    ? "partIsEmpty"
    : "shareIsNothing";
}

function isInPool({ endpoint }: LiveResource, { pool }: GroupFacts): boolean {
  return pool.some(({ url }) => sameEndpoint(url, endpoint));
}

/** The facts about a group on which the differences of one resource depend. */
type DifferenceFacts = Pick<GroupFacts, "group" | "live" | "moves" | "recorded" | "findLeaveCause">;

export function findDifferences(
  before: LiveResource,
  after: ResourceDocument,
  given: DifferenceFacts,
): Difference[] {
  const differences: Difference[] = [];
  // A resource of the group's former name counts as the group's own, but its description still tells.
  const had = groupOf(before);
  if (had !== null && had !== given.group) differences.push({ code: "takenOver", fromGroup: had });
  if (before.owner !== null && before.owner !== ownerOf(after))
    differences.push({ code: "takenFromOwner", owner: before.owner });
  if (findDrift(before, given.recorded, after).length > 0) differences.push({ code: "changedOutside" });
  if (!sameEndpoint(before.endpoint, after.endpoint)) {
    const from = before.endpoint;
    const isMoved = given.moves.some((move) => sameEndpoint(move.from, from));
    const why: LeaveCause = isMoved ? given.findLeaveCause(from) : { code: "endpointLeft" };
    differences.push({ code: "repointed", from, why });
  }
  return [...differences, ...diffEventTypes(before, after, given), ...diffFields(before, after)];
}

function diffEventTypes(
  before: LiveResource,
  after: ResourceDocument,
  given: DifferenceFacts,
): Difference[] {
  const had = new Set(before.eventTypes);
  const has = new Set(after.eventTypes);
  const moving = new Set(given.moves.map((move) => move.eventType));
  const isElsewhere = (eventType: string): boolean =>
    given.live.some(({ id, eventTypes }) => id !== before.id && eventTypes.includes(eventType));
  const gained = after.eventTypes.filter((eventType) => !had.has(eventType));
  const lost = [...had].filter((eventType) => !has.has(eventType));
  const movedHere = gained.filter((eventType) => moving.has(eventType));
  const movedAway = lost.filter((eventType) => moving.has(eventType));
  const dropped = lost.filter((eventType) => !moving.has(eventType));
  const liveTwice = dropped.filter(isElsewhere).length;
  const differences: Difference[] = [
    { code: "gains", eventTypes: movedHere.length, endpoints: countEndpoints(movedHere, "from", given) },
    { code: "added", eventTypes: gained.length - movedHere.length },
    { code: "losses", eventTypes: movedAway.length, endpoints: countEndpoints(movedAway, "to", given) },
    { code: "liveTwice", eventTypes: liveTwice },
    { code: "removed", eventTypes: dropped.length - liveTwice },
  ];
  return differences.filter((difference) => "eventTypes" in difference && difference.eventTypes > 0);
}

function countEndpoints(
  eventTypes: readonly string[],
  side: "from" | "to",
  { moves }: DifferenceFacts,
): number {
  const moved = moves.filter(({ eventType }) => eventTypes.includes(eventType));
  return new Set(moved.map((move) => move[side])).size;
}

function diffFields(before: LiveResource, after: ResourceDocument): Difference[] {
  const pinned = { ...before, eventTypes: after.eventTypes, endpoint: after.endpoint };
  const changed = new Set(diffDocuments(pinned, after, before.kind).map((step) => step.path.split("/")[1]));
  // A new endpoint makes a new name.
  if (!sameEndpoint(before.endpoint, after.endpoint)) changed.delete("name");
  const state: Difference = { code: "state", from: before.state, to: after.state };
  const { options } = before.kind;
  const fields = [...(options ? [options.key] : []), "description", "name"] as const;
  return [
    ...(changed.has("state") ? [state] : []),
    ...fields.filter((field) => changed.has(field)).map((code): Difference => ({ code })),
  ];
}
