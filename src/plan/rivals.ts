// Finds live resources beside which a group cannot have its own, because the platform may refuse a second one, or because
// the same event would then have its effect twice. The group takes an orphan over if the flags allow it; for any other
// resource the plan names its owner.
import { count } from "../lib/count.ts";
import { groupBy } from "../lib/group-by.ts";
import { endpointKey } from "../model/endpoint.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { GroupPlan } from "../model/plan.ts";
import type { Refused } from "../model/kind-words.ts";
import type { Limits } from "../model/config.ts";
import type { Subscription } from "../model/subscription.ts";
import { mayDeliver, type LiveResource } from "../model/resource.ts";
import { dropUnstated, sameOptions } from "../model/options.ts";
import type { GroupResources } from "./pair.ts";
import { poolOf } from "./places.ts";
import { isToPrune, type PruneOptions } from "./prunes.ts";

export interface SourceOptions extends PruneOptions {
  readonly owner: string;
  readonly limits: Limits;
  /** The groups that may lose a resource, such as those that --group names; null for all. */
  readonly within?: ReadonlySet<string> | null | undefined;
  readonly adopt: boolean;
}

/** By endpoint, in its normal spelling. */
export type LiveByEndpoint = ReadonlyMap<string, readonly LiveResource[]>;

export interface SourceFacts {
  readonly byEndpoint: LiveByEndpoint;
  /** The groups that have a manifest, by name. */
  readonly declared: ReadonlyMap<string, Subscription>;
  /** The live resources of each group. */
  readonly byGroup: ReadonlyMap<string, GroupResources>;
  /** The ids of resources that another group takes over already. */
  readonly handedOver: ReadonlySet<string>;
}

export interface Sources {
  /** Orphans that the group takes over. */
  readonly taken: readonly LiveResource[];
  readonly conflicts: readonly Diagnostic[];
  /** The resources that start the same workflows for the same event types, with the way out. */
  readonly twins: readonly Twin[];
}

export interface Twin {
  readonly live: LiveResource;
  readonly hint: string;
}

/** Finds, by endpoint, the live resources beside which another group cannot have its own. */
export function groupPossibleRivals(live: readonly LiveResource[]): LiveByEndpoint {
  const inTheWay = live.filter(({ kind }) => kind.eventTypeOfTwoGroups.becomes !== "delivered");
  return groupBy(inTheWay, ({ endpoint }) => endpointKey(endpoint));
}

export function findSources(desired: Subscription, given: SourceFacts, options: SourceOptions): Sources {
  const taken: LiveResource[] = [];
  const conflicts: Diagnostic[] = [];
  const twins: Twin[] = [];
  if (given.byEndpoint.size === 0) return { taken, conflicts, twins };
  const wanted = new Set(desired.eventTypes);
  const rivals = poolOf(desired, options.limits)
    .flatMap(({ url }) => given.byEndpoint.get(endpointKey(url)) ?? [])
    .filter(({ group }) => group !== desired.group)
    .filter(({ id }) => !given.handedOver.has(id));
  for (const rival of rivals) {
    const { eventTypeOfTwoGroups: of } = rival.kind;
    if (of.becomes !== "refused" && !isTwin(rival, desired, wanted)) continue;
    const hint = findObstacle(rival, { ...given, desired, options });
    if (hint === null) taken.push(rival);
    else if (of.becomes === "refused") conflicts.push(conflictOf(rival, desired, { ...of, hint }));
    else if (mayDeliver(rival) && !isDeclared(rival, given)) twins.push({ live: rival, hint });
  }
  return { taken, conflicts, twins };
}

/** Whether the same events start the same workflow; with other conditions, other events may. */
function isTwin(rival: LiveResource, desired: Subscription, wanted: ReadonlySet<string>): boolean {
  const { options } = rival.kind;
  if (!rival.eventTypes.some((eventType) => wanted.has(eventType))) return false;
  if (!options) return true;
  const { key, defaults } = options;
  // What a manifest need not state is no condition.
  const [its, own] = [rival[key] ?? defaults, desired[key]].map((one) =>
    dropUnstated(options, one, defaults),
  );
  return sameOptions(options, its ?? defaults, own ?? defaults);
}

/** A conflict between two manifests is reported by the validation, not here. */
function isDeclared({ group }: LiveResource, { declared }: SourceFacts): boolean {
  return declared.has(group ?? "");
}

interface Wish extends SourceFacts {
  readonly desired: Subscription;
  readonly options: SourceOptions;
}

/** Returns why the group cannot take it over, with the way out; null if it can. */
function findObstacle(rival: LiveResource, wish: Wish): string | null {
  const { desired, declared, options } = wish;
  const { group, owner } = rival;
  const { noun, eventTypeOfTwoGroups: of, markedIn } = rival.kind;
  const way = of.becomes === "refused" ? `${of.wayOut}, or ` : "";
  if (owner !== null && owner !== options.owner) return `${way}let owner "${owner}" give it up`;
  if (owner === null || group === null)
    return (
      `${way}take it over: write "Consumer group: ${desired.group}" into that ${noun}'s ${markedIn} and pass --adopt; ` +
      "or delete it"
    );
  if (declared.has(group))
    return `${way}take it out of group "${group}" first and sync, then give it to this one`;
  if (addsNothing(rival, wish))
    return `pass --prune to delete it: its group "${group}" has no manifest any more`;
  const obstacle = findOrphanObstacle(rival, group, wish);
  return obstacle === null ? null : way + obstacle;
}

/** A group does not gain what it already has, and only a prune deletes an orphan. */
function addsNothing({ kind, eventTypes }: LiveResource, { desired, byGroup }: Wish): boolean {
  const { owned = [] } = byGroup.get(desired.group) ?? {};
  return (
    kind.eventTypeOfTwoGroups.becomes === "startedTwice" &&
    eventTypes.every((type) => owned.some((own) => own.eventTypes.includes(type)))
  );
}

/** Finds a group that is to deliver some of the event types, and does not yet. */
function findWaitingGroup(
  lost: readonly string[],
  { desired, declared, byGroup }: Pick<Wish, "desired" | "declared" | "byGroup">,
): Subscription | undefined {
  return [...declared.values()].find((other) => {
    const got = (byGroup.get(other.group)?.owned ?? []).filter(({ delivers }) => delivers === "yes");
    // A group that only creates for now may have an event source that is not associated yet.
    const isMissing = (type: string): boolean =>
      other.createOnly !== null || !got.some((live) => live.eventTypes.includes(type));
    const isWanted = (type: string): boolean =>
      other.state === "enabled" && other.eventTypes.includes(type);
    return other !== desired && lost.some((type) => isWanted(type) && isMissing(type));
  });
}

/** Returns why the group cannot take the orphan over, so that no event type is lost unnoticed; null if it can. */
function findOrphanObstacle(
  rival: LiveResource,
  group: string,
  { desired, declared, byGroup, options }: Wish,
): string | null {
  const isInScope = options.within?.has(group) ?? true;
  const flags = isInScope ? "--adopt" : `--adopt --group ${group}`;
  const prune = isToPrune(rival.id, options);
  if (!isInScope || !(options.adopt || prune))
    return `pass ${flags} to take it over from group "${group}", which has no manifest any more`;
  const isKept = (eventType: string): boolean =>
    desired.state === "enabled" && desired.eventTypes.includes(eventType);
  const lost = mayDeliver(rival) ? rival.eventTypes.filter((eventType) => !isKept(eventType)) : [];
  const waiting = findWaitingGroup(lost, { desired, declared, byGroup });
  if (waiting)
    return (
      `let this group deliver ${lost.join(", ")}, too, until group "${waiting.group}" has been synced: ` +
      "no resource would deliver that meanwhile"
    );
  if (lost.length === 0 || prune) return null;
  return `pass --prune to take it over without ${lost.join(", ")}, which group "${group}" had`;
}

function conflictOf(
  rival: LiveResource,
  { group, place }: Subscription,
  { code, rule, hint }: Pick<Refused, "code" | "rule"> & { readonly hint: string },
): Diagnostic {
  const message =
    `group "${group}" is skipped: ${rule}, and that of ${rival.endpoint} ` +
    `is ${quote(rival)} ${whose(rival)}`;
  return { severity: "error", code, message, hint, ...place };
}

/** Returns one warning for each way out of the twins that the plan leaves. */
export function warnOfTwins({ group, place, endpoints }: GroupPlan, twins: readonly Twin[]): Diagnostic[] {
  const isStarted = ({ endpoint, eventTypes }: LiveResource): boolean =>
    endpoints.some(
      (other) =>
        endpointKey(other.url) === endpointKey(endpoint) &&
        eventTypes.some((eventType) => other.eventTypes.includes(eventType)),
    );
  const found = twins.filter(({ live }) => isStarted(live));
  return [...groupBy(found, ({ hint }) => hint)].flatMap(([hint, [first, ...others]]) => {
    if (!first) return [];
    const { noun, eventTypeOfTwoGroups: of } = first.live.kind;
    if (of.becomes !== "startedTwice") return [];
    const more = others.length === 0 ? "" : ` and ${others.length} more`;
    const number = count(1 + others.length, "event type");
    const message =
      `${number} of group "${group}" ${of.effect(others.length === 0)}: ` +
      `${noun} ${quote(first.live)} ${whose(first.live)}${more} ${others.length === 0 ? "does" : "do"} so, too`;
    return [{ severity: "warning", code: of.code, message, hint, ...place }];
  });
}

function whose({ group }: LiveResource): string {
  return group === null ? "of no group" : `of group "${group}"`;
}

function quote({ name, id }: LiveResource): string {
  return `"${name}" (id ${id})`;
}
