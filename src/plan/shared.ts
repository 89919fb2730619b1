// Plans a resource through which all resources of a kind get their events: it gains event types before any group is written,
// and loses them after every group and every prune, so that the groups' resources always get what they deliver.
import { compareText } from "../lib/compare.ts";
import type { Cause, LeaveCause } from "../model/cause.ts";
import { sortedSet } from "../model/document.ts";
import { diffDocuments } from "../model/document-diff.ts";
import { sameEndpoint } from "../model/endpoint.ts";
import { kindKey, type Kind, type Kinds } from "../model/kind.ts";
import type { UnreadResource } from "../model/listing.ts";
import { noOptions } from "../model/option-forms.ts";
import { sharedDescription, webhookName } from "../model/ownership.ts";
import {
  allOperations,
  isPlanned,
  mapOperations,
  type Drift,
  type Operation,
  type Plan,
  type SharedWrites,
} from "../model/plan.ts";
import { makeLive, type LiveResource, type ResourceDocument } from "../model/resource.ts";
import type { SharedResource } from "../model/shared-resource.ts";
import type { Subscription } from "../model/subscription.ts";
import { findDifferences, findDrift } from "./find-cause.ts";
import { findStrangers, isSharedOf } from "./find-shared.ts";
import { leave } from "./leave.ts";
import { makeOperation } from "./make-operation.ts";

export interface SharedOptions {
  readonly kinds: Kinds;
  readonly owner: string;
  /** The documents that the trail last recorded, by resource id. */
  readonly recorded: ReadonlyMap<string, ResourceDocument>;
  /** The kinds whose live resources are all known; absent for all. */
  readonly listed?: ReadonlySet<Kind> | undefined;
  /** The resources that the lists showed in a form that cannot be read; absent for none. */
  readonly unread?: readonly UnreadResource[] | undefined;
  /** False if the plan leaves out groups, whose resources and manifests then count as they are. */
  readonly isWhole: boolean;
  readonly createOnly: boolean;
}

export interface SharedSurroundings {
  readonly live: readonly LiveResource[];
  /** The manifests of groups that the plan leaves out. */
  readonly leftOut: readonly Subscription[];
}

/** Returns the plan with the writes of the shared resources that its other operations need, and with their drift. */
export function withShared(plan: Plan, around: SharedSurroundings, options: SharedOptions): Plan {
  const findings = options.kinds.all.flatMap((user) =>
    user.shared ? [planShared({ user, shared: user.shared }, { ...around, plan }, options)] : [],
  );
  const drift = [...plan.drift, ...findings.flatMap((one) => one.drift)];
  const writes = findings.filter(({ gains, losses }) => gains.length + losses.length > 0);
  if (writes.length === 0) return { ...plan, drift };
  const first = writes.some(({ gains }) => gains.length > 0) ? 1 : 0;
  const groups = mapOperations(plan, (one) => ({ ...one, phase: one.phase + first }));
  const last = allOperations(groups).reduce((most, { phase }) => Math.max(most, phase), first);
  const shared = writes.map(({ by, gains, losses }) => ({
    ...{ by, gains, losses: losses.map((one) => ({ ...one, phase: last + 1 })) },
  }));
  return { ...plan, ...groups, drift, shared };
}

/** A kind, and what its resources share. */
interface Sharing {
  readonly user: Kind;
  readonly shared: SharedResource<Kind>;
}

type Findings = SharedWrites<Operation> & { readonly drift: readonly Drift[] };

function planShared(
  sharing: Sharing,
  around: SharedSurroundings & { readonly plan: Plan },
  options: SharedOptions,
): Findings {
  const { user, shared } = sharing;
  const nothing = { by: user.name, gains: [], losses: [], drift: [] };
  const isListed = (kind: Kind): boolean => options.listed?.has(kind) ?? true;
  // A resource that was not listed may exist, and may need event types that no other has.
  if (!isListed(user) || !isListed(shared.kind)) return nothing;
  const unread = (options.unread ?? []).filter(({ owner }) => owner === options.owner);
  // It may be the shared one itself.
  if (unread.some(({ kind, group }) => kind === shared.kind && group === null)) return nothing;
  const planned = allOperations(around.plan).filter((one) => options.kinds.of(one) === user);
  const needed = findNeeded(user, planned, { ...around, ...options });
  if (!options.isWhole && !planned.some(isPlanned)) return nothing;
  const state = findState(user, around.live, options);
  const { gains, losses } = state.main
    ? widenThenNarrow(state.main, needed, { ...sharing, ...options })
    : { gains: state.isTaken ? [] : create(state.url, needed, { ...sharing, ...options }), losses: [] };
  // A group that is held back or left out may still get its events from a resource at the former endpoint.
  const isSettled = options.isWhole && planned.every(isPlanned);
  const surplus = isSettled
    ? state.surplus.flatMap((one) => write(one, null, { ...sharing, ...options }))
    : [];
  // What an unread user needs cannot be told, so nothing is taken away.
  const last = unread.some(({ kind }) => kind === user) ? [] : [...losses, ...surplus];
  return {
    ...{ by: user.name, gains },
    losses: options.createOnly ? last.map((one) => leave(one, { by: "flag" })) : last,
    drift: [state.main ?? [], state.surplus].flat().flatMap((one) => driftOf(one, options.recorded)),
  };
}

interface SharedState {
  /** The endpoint to which it delivers, or is to deliver; null if the config asks for none, and there is none. */
  readonly url: string | null;
  readonly main: LiveResource | null;
  /** Others of this owner, such as one at an endpoint of an earlier config. */
  readonly surplus: readonly LiveResource[];
  /** Another resource is at its endpoint. */
  readonly isTaken: boolean;
}

function findState(
  user: Kind,
  live: readonly LiveResource[],
  { kinds, owner }: Pick<SharedOptions, "kinds" | "owner">,
): SharedState {
  const url = kinds.findSharedEndpoint(user);
  const found = live
    .filter((one) => isSharedOf(user, one, { kinds, owner }))
    .toSorted((a, b) => compareText(a.id, b.id));
  const main = found.find(({ endpoint }) => url === null || sameEndpoint(endpoint, url)) ?? null;
  const surplus = found.filter((one) => one !== main);
  const isTaken = findStrangers(user, live, { kinds, owner }).length > 0;
  return { url: url ?? main?.endpoint ?? null, main, surplus, isTaken };
}

/** The event types that resources of the kind have, and those that they will have. */
interface Needed {
  readonly now: ReadonlySet<string>;
  readonly afterwards: ReadonlySet<string>;
}

/** `planned`: the plan's operations on resources of the kind, also those that are held back. */
function findNeeded(
  user: Kind,
  planned: readonly Operation[],
  { live, leftOut, owner }: SharedSurroundings & Pick<SharedOptions, "owner">,
): Needed {
  const writes = planned.filter(isPlanned);
  const written = new Set(writes.map(({ webhookId }) => webhookId));
  const own = live.filter(({ kind, owner: marked }) => kind === user && marked === owner);
  const wanted = leftOut.filter(({ kind }) => kind === user);
  return {
    now: new Set(own.flatMap(({ eventTypes }) => eventTypes)),
    afterwards: new Set([
      ...writes.flatMap(({ after }) => after?.eventTypes ?? []),
      ...own.filter(({ id }) => !written.has(id)).flatMap(({ eventTypes }) => eventTypes),
      ...(own.length > 0 || writes.length > 0 ? wanted.flatMap(({ eventTypes }) => eventTypes) : []),
    ]),
  };
}

type About = Sharing & Pick<SharedOptions, "owner" | "recorded">;

/** A shared resource that does not exist delivers nothing, so it is created with only the event types that are needed afterwards. */
function create(url: string | null, { afterwards }: Needed, about: About): Operation[] {
  if (url === null || afterwards.size === 0) return [];
  return write(null, documentOf(url, [...afterwards], about), about);
}

function widenThenNarrow(
  main: LiveResource,
  { now, afterwards }: Needed,
  about: About,
): { readonly gains: readonly Operation[]; readonly losses: readonly Operation[] } {
  if (now.size + afterwards.size === 0) return { gains: [], losses: write(main, null, about) };
  const wide = documentOf(main.endpoint, [...main.eventTypes, ...now, ...afterwards], about);
  const gains = write(main, wide, about);
  const narrow = afterwards.size === 0 ? null : documentOf(main.endpoint, [...afterwards], about);
  if (gains.length === 0) return { gains, losses: write(main, narrow, about) };
  const widened = makeLive(about.shared.kind, { ...wide, id: main.id });
  // The trail's last record is of the time before the gain, so it tells nothing about the widened one.
  return { gains, losses: write(widened, narrow, { ...about, recorded: new Map() }) };
}

function documentOf(
  url: string,
  eventTypes: readonly string[],
  { shared, owner }: About,
): ResourceDocument {
  const { kind, title } = shared;
  return {
    name: webhookName(title, url),
    endpoint: url,
    eventTypes: sortedSet(eventTypes),
    ...noOptions,
    state: "enabled",
    description: sharedDescription(title, owner),
    ...kindKey(kind, url),
  };
}

/** Returns one operation, or none if nothing differs. */
function write(before: LiveResource | null, after: ResourceDocument | null, about: About): Operation[] {
  const { shared, owner } = about;
  const patch = diffDocuments(before, after, shared.kind);
  if (patch.length === 0) return [];
  const cause = causeOf(before, after, about);
  return [
    makeOperation({ before, after, patch }, { group: null, phase: 1, owner, kind: shared.kind, cause }),
  ];
}

function causeOf(
  before: LiveResource | null,
  after: ResourceDocument | null,
  { user, recorded }: About,
): Cause {
  const { nouns } = user;
  if (!after) return { code: "sharedIsUnused", nouns };
  if (before) {
    const findLeaveCause = (): LeaveCause => ({ code: "endpointLeft" });
    const ofNoGroup = { group: "", live: [], moves: [], recorded, findLeaveCause };
    return { code: "changed", differences: findDifferences(before, after, ofNoGroup) };
  }
  const wasThere = [...recorded.values()].some(({ name }) => name === after.name);
  return wasThere ? { code: "deletedOutside" } : { code: "sharedIsMissing", nouns };
}

function driftOf(live: LiveResource, recorded: SharedOptions["recorded"]): Drift[] {
  const patch = findDrift(live, recorded, noOptions);
  return patch.length === 0 ? [] : [{ webhookId: live.id, group: null, endpoint: live.endpoint, patch }];
}
