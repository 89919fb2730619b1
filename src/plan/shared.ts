// A resource through which all resources of a kind get their events: it gains event types before any group is written, and
// loses them after every group and every prune, so that the groups' resources always get what they deliver.
import type { Cause, LeaveCause } from "../model/cause.ts";
import { sortedSet } from "../model/document.ts";
import { diffDocuments } from "../model/document-diff.ts";
import { sameEndpoint } from "../model/endpoint.ts";
import { kindKey, type Kind, type Kinds, type SharedResource } from "../model/kind.ts";
import { isSharedBy, sharedDescription, webhookName } from "../model/ownership.ts";
import {
  allOperations,
  mapOperations,
  type Drift,
  type Operation,
  type Plan,
  type SharedWrites,
} from "../model/plan.ts";
import { makeLive, type LiveResource, type ResourceDocument } from "../model/resource.ts";
import { compareText } from "../lib/compare.ts";
import { findDifferences, findDrift } from "./find-cause.ts";
import { leave } from "./leave.ts";
import { makeOperation } from "./make-operation.ts";

export interface SharedOptions {
  readonly kinds: Kinds;
  readonly owner: string;
  /** The documents that the trail last recorded, by resource id. */
  readonly recorded: ReadonlyMap<string, ResourceDocument>;
  /** The groups that are planned; null for all. */
  readonly groups: ReadonlySet<string> | null;
  readonly createOnly: boolean;
}

/** Separates this owner's shared resources, by the kind whose resources get their events through them, from all others. */
export function divideShared(
  live: readonly LiveResource[],
  { kinds, owner }: Pick<SharedOptions, "kinds" | "owner">,
): {
  readonly shared: ReadonlyMap<Kind, readonly LiveResource[]>;
  readonly others: readonly LiveResource[];
} {
  const shared = new Map<Kind, LiveResource[]>();
  for (const kind of kinds.all) if (kind.shared) shared.set(kind, []);
  if (shared.size === 0) return { shared, others: live };
  const others = live.filter((one) => {
    if (one.group !== null || one.owner !== owner) return true;
    const user = [...shared.keys()].find((kind) => isShared(one, kind, kinds));
    if (user) shared.get(user)?.push(one);
    return !user;
  });
  return { shared, others };
}

function isShared(live: LiveResource, user: Kind, kinds: Kinds): boolean {
  if (live.kind !== user.shared?.kind) return false;
  const wanted = kinds.findSharedEndpoint(user);
  return isSharedBy(user, live) || (wanted !== null && sameEndpoint(live.endpoint, wanted));
}

/** The plan with the writes of the shared resources that its other operations need, and with what drifted of them. */
export function withShared(plan: Plan, live: readonly LiveResource[], options: SharedOptions): Plan {
  const { shared: found, others } = divideShared(live, options);
  if (found.size === 0) return plan;
  const findings = [...found].flatMap(([user, its]) =>
    user.shared ? [planShared(user, user.shared, { found: its, others, plan, options })] : [],
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

interface SharedState {
  /** The shared resources of the kind. */
  readonly found: readonly LiveResource[];
  readonly others: readonly LiveResource[];
  readonly plan: Plan;
  readonly options: SharedOptions;
}

type Findings = SharedWrites<Operation> & { readonly drift: readonly Drift[] };

function planShared(user: Kind, shared: SharedResource, given: SharedState): Findings {
  const { found, options } = given;
  const { owner, recorded, createOnly, kinds } = options;
  const drift = found
    .map((one) => ({ one, patch: findDrift(one, recorded) }))
    .filter(({ patch }) => patch.length > 0)
    .map(({ one, patch }): Drift => ({ webhookId: one.id, group: null, endpoint: one.endpoint, patch }));
  const { needed, isConcerned } = findNeeded(user, given);
  const by = user.name;
  if (!isConcerned) return { by, gains: [], losses: [], drift };

  const endpoint = kinds.findSharedEndpoint(user);
  const sorted = found.toSorted((a, b) => compareText(a.id, b.id));
  const main = sorted.find((one) => endpoint === null || sameEndpoint(one.endpoint, endpoint)) ?? null;
  const url = endpoint ?? main?.endpoint;
  const documentOf = (eventTypes: Iterable<string>): ResourceDocument | null =>
    url === undefined
      ? null
      : makeSharedDocument(shared, { url, eventTypes: sortedSet([...eventTypes]), owner });
  const write = (
    before: LiveResource | null,
    after: ResourceDocument | null,
    history = recorded,
  ): Operation[] => writeShared({ before, after }, { user, shared, owner, recorded: history });

  const final = needed.afterwards.size === 0 ? null : documentOf(needed.afterwards);
  const isAbsent = main === null;
  const meanwhile = isAbsent
    ? final
    : documentOf([...main.eventTypes, ...needed.now, ...needed.afterwards]);
  const isUnused = final === null && needed.now.size === 0;
  const gains = isUnused ? [] : write(main, meanwhile);
  const settled =
    main && meanwhile && gains.length > 0 ? makeLive(shared.kind, { ...meanwhile, id: main.id }) : main;
  const surplus = sorted.filter((one) => one !== main);
  const losses = [
    ...(settled ? write(settled, final, gains.length > 0 ? new Map() : recorded) : []),
    ...surplus.flatMap((one) => write(one, null)),
  ];
  const held = createOnly ? losses.map((one) => leave(one, { by: "flag" })) : losses;
  return { by, gains, losses: held, drift };
}

/**
 * The event types that resources of the kind have `now`, and `afterwards`, when all that is planned is done. Not
 * concerned: a pass over a few groups that writes none of the kind.
 */
function findNeeded(
  user: Kind,
  { others, plan, options }: SharedState,
): {
  readonly needed: { readonly now: ReadonlySet<string>; readonly afterwards: ReadonlySet<string> };
  readonly isConcerned: boolean;
} {
  const { kinds, owner, groups } = options;
  const now = new Set<string>();
  const afterwards = new Set<string>();
  const planned = allOperations(plan).filter((one) => one.status === "planned" && kinds.of(one) === user);
  for (const { after } of planned)
    for (const eventType of after?.eventTypes ?? []) afterwards.add(eventType);
  const written = new Set(planned.map(({ webhookId }) => webhookId));
  for (const { kind, id, owner: marked, eventTypes } of others) {
    if (kind !== user || marked !== owner) continue;
    for (const eventType of eventTypes) {
      now.add(eventType);
      if (!written.has(id)) afterwards.add(eventType);
    }
  }
  return { needed: { now, afterwards }, isConcerned: groups === null || planned.length > 0 };
}

function whyMadeOrDeleted(
  after: ResourceDocument | null,
  { nouns, recorded }: { readonly nouns: string; readonly recorded: SharedOptions["recorded"] },
): Cause {
  if (!after) return { code: "sharedIsUnused", nouns };
  const wasThere = [...recorded.values()].some(({ name }) => name === after.name);
  return wasThere ? { code: "deletedOutside" } : { code: "sharedIsMissing", nouns };
}

function makeSharedDocument(
  { kind, title }: SharedResource,
  {
    url,
    eventTypes,
    owner,
  }: { readonly url: string; readonly eventTypes: readonly string[]; readonly owner: string },
): ResourceDocument {
  return {
    name: webhookName(title, url),
    endpoint: url,
    eventTypes,
    retryPolicy: null,
    state: "enabled",
    description: sharedDescription(title, owner),
    ...kindKey(kind, url),
  };
}

function writeShared(
  { before, after }: { readonly before: LiveResource | null; readonly after: ResourceDocument | null },
  about: {
    readonly user: Kind;
    readonly shared: SharedResource;
    readonly owner: string;
    readonly recorded: ReadonlyMap<string, ResourceDocument>;
  },
): Operation[] {
  const { user, shared, owner, recorded } = about;
  const { kind } = shared;
  const { nouns } = user;
  const patch = diffDocuments(before, after, kind);
  if (patch.length === 0) return [];
  const findLeaveCause = (): LeaveCause => ({ code: "endpointLeft" });
  const context = { group: "", live: [], moves: [], recorded, findLeaveCause };
  const cause =
    before && after
      ? { code: "changed" as const, differences: findDifferences(before, after, context) }
      : whyMadeOrDeleted(after, { nouns, recorded });
  return [makeOperation({ before, after, patch }, { group: null, phase: 1, owner, kind, cause })];
}
