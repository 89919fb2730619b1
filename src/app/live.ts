// Reads what is live, of the kinds that the manifests name and of those that the trail mentions.
import { makeCount, type CountedTrail } from "../audit/belongs.ts";
import { describeUnclaimed } from "../audit/describe-unclaimed.ts";
import { readHistory, type History } from "../audit/history.ts";
import type { AgedIntent } from "../audit/open-intent.ts";
import { findTrailBytes } from "../audit/read-trail.ts";
import type { TrailIndex } from "../audit/trail-index.ts";
import { describeUnsound } from "../audit/unsound.ts";
import { mayBeCreated } from "../apply/judge.ts";
import type { RecordOptions } from "../apply/on-record.ts";
import { withoutOwnWrites } from "../apply/without-own-writes.ts";
import type { ResourcePort } from "../genesys/driver.ts";
import { joinListings } from "../genesys/drivers.ts";
import { findRecent } from "./find-recent.ts";
import { count } from "../lib/count.ts";
import { groupBy } from "../lib/group-by.ts";
import { readOrRecall, type HistoryMemory } from "./pass-memory.ts";
import type { OrganizationPort } from "./find-organization.ts";
import {
  describeHidden,
  addReplaced,
  possibleKinds,
  listKinds,
  throwIfAllUnlisted,
  type ListsAhead,
  type Listed,
  type ListPorts,
} from "./list-kinds.ts";
import type { Organization } from "../model/organization.ts";
import type { Deps } from "../model/deps.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { diagnosticOf, type ReconcileError } from "../model/errors.ts";
import type { Kind, Kinds } from "../model/kind.ts";
import { groupOf } from "../model/ownership.ts";
import type { LiveResource, ResourceDocument } from "../model/resource.ts";
import { isSharedOf } from "../plan/find-shared.ts";

export interface LivePorts extends ListPorts, Pick<Deps, "files" | "clock"> {
  /** A daemon's. */
  readonly memory?: HistoryMemory;
  readonly organization: OrganizationPort;
}

interface LiveOptions extends Pick<RecordOptions, "audit"> {
  /** A digest of the whole trail; null if a part of it is not proven. Only a memory needs it. */
  readonly trailDigest?: string | null;
  readonly trailIndex?: TrailIndex | null;
  readonly ahead?: ListsAhead | undefined;
}

/** The live resources and the trail's records of them. `recorded` and `open` hold nothing of an unlisted kind. */
export interface Known extends Omit<History, "unsound" | "recent">, Listed {
  /** Null if the platform tells it nowhere. */
  readonly organization: Organization | null;
  /** Tells which lines of the trail are of this owner in this organisation. */
  readonly counts: CountedTrail["counts"];
  /** The index of the trail; null without one. */
  readonly index: TrailIndex | null;
  /** When the first list was asked for, by the monotonic clock. */
  readonly listedAtMs: number;
  /** The kinds whose live resources are all in `live`. */
  readonly listed: ReadonlySet<Kind>;
  readonly driver: ResourcePort;
  /** The ids of what was written less than a minute ago. */
  readonly recent: ReadonlySet<string>;
  /** Open intents of unlisted kinds and of unread resources: this pass cannot find out what came of them. */
  readonly unlistedIntents: readonly AgedIntent[];
  /** Warnings about resources that are not shown or could not be listed, and about records that are not sound. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The kinds and groups that a pass works on. */
export interface PassScope {
  /** The kinds that its manifests name. */
  readonly needed: ReadonlySet<Kind>;
  /** Other kinds that it lists, such as those of a base revision. */
  readonly others: ReadonlySet<Kind>;
  /** Whether it deletes orphans. */
  readonly prune: boolean;
  /** Its consumer groups; null for all. */
  readonly groups: ReadonlySet<string> | null;
}

/**
 * Lists each kind once, and only the kinds that the manifests or the trail mention. Throws ReconcileError if the platform
 * or the disk fails, and if every kind that the manifests name is unlisted.
 */
export async function readLive(
  scope: PassScope,
  { audit, trailDigest = null, trailIndex: index = null, ahead }: LiveOptions,
  ports: LivePorts,
): Promise<Known> {
  const { needed } = scope;
  const asked = new Set(await kindsToAsk(scope, audit.path, ports));
  const listedAtMs = ahead?.sinceMs ?? ports.clock.monotonic();
  const [asking, listing] = [ports.organization.find(), listKinds(asked, ports, { ahead })];
  // The error of the lists comes first, because it says more.
  asking.catch(() => undefined);
  let listed = await listing;
  throwIfAllUnlisted(needed.size > 0 ? needed : asked, listed.unlisted);
  const organization = await asking;
  const whose = {
    environment: audit.environment,
    owner: audit.owner,
    organization: organization?.id ?? null,
  };
  const place = { path: audit.path, index, ...whose };
  const { live } = listed;
  const history = await readOrRecall(ports.memory, { trail: trailDigest, ...place, live }, () =>
    readHistory(ports.files, place, { live, isListed: isAmong(asked, listed, ports.kinds) }),
  );
  // A group that changed its kind, or lost its manifest, may have left resources of a kind that no manifest names.
  const remembered = rememberedIn(history, scope).map(ports.kinds.of);
  let isAll = true;
  for (;;) {
    const more = addShared([...remembered, ...findFed(listed.live, ports.kinds)]);
    const unasked = new Set(more.filter((kind) => !asked.has(kind)));
    if (unasked.size === 0) break;
    isAll = false;
    for (const kind of unasked) asked.add(kind);
    listed = joinLists(listed, await listKinds(unasked, ports, { known: listed.live }));
  }
  const { unlisted, ...all } = listed;
  const listedKinds = new Set([...asked].filter((kind) => !unlisted.has(kind)));
  const whole = isAll
    ? history
    : await readHistory(ports.files, place, {
        ...{ live: all.live, isListed: isAmong(asked, listed, ports.kinds) },
      });
  const left = leaveOut(whole, scope, {
    ...{ unlisted, listed: listedKinds, unread: all.unread, kinds: ports.kinds },
  });
  const driver = ports.driverOf(listedKinds);
  const recent = findRecent(history, listedAtMs, ports);
  // The drivers wait for it instead of believing a first 404.
  for (const { id, document, ageMs } of recent)
    driver.noteWritten?.({ kind: ports.kinds.of(document), id }, ageMs);
  return {
    ...{ ...all, unlisted, listed: listedKinds, listedAtMs, organization },
    driver,
    ...{ index, counts: makeCount(whose, { older: whole.older.count }) },
    ...left,
    recorded: withoutOwnWrites(left, all.live),
    recent: new Set(recent.map(({ id }) => id)),
    diagnostics: [
      ...describeUnsound(history.unsound, audit.path),
      ...describeHidden(listed.hiddenOf),
      ...describeUnclaimed(whole.older, { organization, path: audit.path }),
      ...left.diagnostics,
    ],
  };
}

/** Whether all live resources of a document's kind are known. */
function isAmong(
  asked: ReadonlySet<Kind>,
  { unlisted }: Listed,
  kinds: Kinds,
): (document: ResourceDocument) => boolean {
  return (document) => asked.has(kinds.of(document)) && !unlisted.has(kinds.of(document));
}

function joinLists(first: Listed, second: Listed): Listed {
  return {
    ...joinListings([first, second]),
    unlisted: new Map([...first.unlisted, ...second.unlisted]),
    hiddenOf: new Map([...first.hiddenOf, ...second.hiddenOf]),
  };
}

/** A prune without a trail lists every kind, because any kind may hold orphans. */
async function kindsToAsk(
  { needed, others, prune }: PassScope,
  trail: string,
  { files, kinds }: LivePorts,
): Promise<readonly Kind[]> {
  const named = addReplaced([...needed, ...others], kinds);
  const all = possibleKinds(kinds);
  if (named.length === 0) return all;
  // Without a trail, only what they share shows that there are resources of a kind that no manifest names any more.
  const telling = prune ? all : kinds.sought.flatMap((kind) => kind.shared?.kind ?? []);
  const isBlank = telling.length > 0 && (await findTrailBytes(files, trail)) === null;
  return addShared(isBlank ? [...named, ...telling] : named);
}

/** Returns the kinds whose resources get their events through one of these. */
function findFed(live: readonly LiveResource[], kinds: Kinds): readonly Kind[] {
  return kinds.all.filter(
    (kind) => kind.shared && live.some((one) => isSharedOf(kind, one, { kinds, owner: one.owner ?? "" })),
  );
}

/** Adds the kinds of what the resources of these kinds share. */
function addShared(kinds: readonly Kind[]): readonly Kind[] {
  return kinds.flatMap((kind) => (kind.shared ? [kind, kind.shared.kind] : [kind]));
}

interface Remembered {
  readonly endpoint: string;
}

/** The documents that the trail last recorded as live, and its open intents, in the groups of the pass. */
function rememberedIn({ recorded, open }: History, { groups }: PassScope): readonly Remembered[] {
  const isConcerned = (group: string | null): boolean =>
    groups === null || (group !== null && groups.has(group));
  return [
    ...[...recorded.values()].filter((document) => isConcerned(groupOf(document))),
    ...open.filter(({ group }) => isConcerned(group)),
  ];
}

/** Takes out of the history what this pass cannot see: it can tell neither that this changed nor that it is gone. */
function leaveOut(
  history: History,
  scope: PassScope,
  {
    unlisted,
    listed,
    unread,
    kinds,
  }: Pick<Listed, "unlisted" | "unread"> & { readonly listed: ReadonlySet<Kind>; readonly kinds: Kinds },
): Omit<History, "recent" | "unsound"> & Pick<Known, "unlistedIntents" | "diagnostics"> {
  const isListed = (one: Remembered): boolean => listed.has(kinds.of(one));
  const missing = rememberedIn(history, scope).filter((one) => !isListed(one));
  const byKind = groupBy(missing, kinds.of);
  const isRead = (intent: AgedIntent): boolean =>
    !unread.some((one) =>
      intent.webhookId === null ? mayBeCreated(intent, one, kinds) : one.id === intent.webhookId,
    );
  const canBeJudged = (intent: AgedIntent): boolean => isListed(intent) && isRead(intent);
  return {
    ...history,
    recorded: new Map([...history.recorded].filter(([, document]) => isListed(document))),
    open: history.open.filter(canBeJudged),
    unlistedIntents: history.open.filter((intent) => !canBeJudged(intent)),
    diagnostics: [...byKind].flatMap(([kind, those]) => {
      const error = unlisted.get(kind);
      return error && !scope.needed.has(kind) ? [describeUnlisted(those, kind, error)] : [];
    }),
  };
}

function describeUnlisted(those: readonly Remembered[], { noun }: Kind, error: ReconcileError): Diagnostic {
  const number = count(those.length, noun);
  const were = those.length === 1 ? "it was" : "they were";
  const message = `${number} in the audit trail could not be listed, so ${were} left unchanged: ${error.message}`;
  return { ...diagnosticOf(error), severity: "warning", message };
}
