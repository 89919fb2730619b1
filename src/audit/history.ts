// Reads what a pass needs from the trail: the documents that it last recorded as live, which a pass compares with what is
// live to find drift; and the open intents.
import type { LiveResource, ResourceDocument } from "../model/resource.ts";
import { makeBelonging, type Whose } from "./belongs.ts";
import { collectDocuments, type RecentWrite } from "./collect-documents.ts";
import { collectIntents } from "./collect-intents.ts";
import { bufferOf } from "./lines.ts";
import type { AgedIntent, OpenIntent } from "./open-intent.ts";
import { endOf, eventOf } from "./raw-keys.ts";
import { readNeeded, type Needed } from "./read-needed.ts";
import { readLinesBackwards } from "./read-trail.ts";
import type { IndexedTrail } from "./trail-index.ts";
import type { TrailFiles } from "./trail-parts.ts";
import { findLines, type UnsoundLine, type UnsoundTexts } from "./unsound.ts";

export interface History {
  /**
   * By webhook id, the document after its last applied or recovered change, if `live` differs from it; a deleted webhook
   * has none. Nearly all webhooks are live as recorded; they are left out, so that they are not in memory twice. Newest
   * first.
   */
  readonly recorded: ReadonlyMap<string, ResourceDocument>;
  /** The ids of those in `live` whose last change was that they were deleted. */
  readonly deleted: ReadonlySet<string>;
  /**
   * The resources that were created or changed in the trail's last minute. The platform may not show them yet, or show them
   * as they were before.
   */
  readonly recent: readonly RecentWrite[];
  /**
   * By id, when the last write of each resource was recorded, in ms since 1970, if that was in the trail's last minutes: so
   * long what the resource has gained may take until it is delivered.
   */
  readonly recordedAtMs: ReadonlyMap<string, number>;
  /** Intents without an outcome, or with an unknown one: the run was cut short, or could not look. Oldest first. */
  readonly open: readonly AgedIntent[];
  /**
   * Creates of the last minutes whose outcome is unknown although their run ended properly: they may still take effect.
   */
  readonly late: readonly AgedIntent[];
  /** If an intent is open, the ids of the live resources that a record says a run made or changed. */
  readonly onRecord: ReadonlySet<string>;
  /** Lines that this reading needed and that are not sound records: someone changed them, so their content is unknown. */
  readonly unsound: readonly UnsoundLine[];
  readonly older: OlderRecords;
}

/** The records that name no organisation and may be those of this one. */
export interface OlderRecords {
  readonly records: number;
  /** How many resources they leave live, of the kinds that were listed. */
  readonly left: number;
  /** How many of these are live. */
  readonly live: number;
  /** Whether they count as this organisation's: at least half of what they leave live is live here. */
  readonly count: boolean;
}

export const noOlderRecords: OlderRecords = { records: 0, left: 0, live: 0, count: true };

interface TrailPlace extends Whose, IndexedTrail {}

interface SeenLive {
  readonly live: readonly LiveResource[];
  /** Whether all live resources of a document's kind are in `live`. */
  readonly isListed: (document: ResourceDocument) => boolean;
}

/** Records of other organisations and owners are skipped. Throws ReconcileError `audit/unreadable`. */
export async function readHistory(
  files: TrailFiles,
  { path, index, ...whose }: TrailPlace,
  { live, isListed }: SeenLive,
): Promise<History> {
  const belonging = makeBelonging(whose);
  const deletedNames = new Set<string>();
  const own = collect(live, { deletedNames, settled: () => false });
  const isOwn = (id: string): boolean => own.documents.seen.has(id);
  const claimed = collect(live, { deletedNames, settled: isOwn });
  const older = { records: 0, left: 0, live: 0 };
  const perhaps = collect(live, {
    deletedNames,
    settled: isOwn,
    onLeft: (document, isLive) => {
      if (!isListed(document)) return;
      older.left += 1;
      if (isLive) older.live += 1;
    },
  });
  const liveIds = new Set(index ? live.map(({ id }) => id) : []);
  const needed: Needed = { deleted: (id) => liveIds.has(id) };
  // The reading starts at the end, so that it parses only the last change of each webhook in a long trail.
  for await (const bytes of readNeeded(files, { path, index }, needed)) {
    const line = bufferOf(bytes);
    const found = belonging(line);
    if (found === "other") continue;
    if (found === "older") older.records += 1;
    (found === "own" ? own : found === "claimed" ? claimed : perhaps).see(line);
  }
  const count = 2 * older.live >= older.left;
  // The warning of records that do not count says how many they are.
  if (index && !count) return readHistory(files, { path, ...whose }, { live, isListed });
  const counted = [own, claimed, ...(count ? [perhaps] : [])];
  const open = counted.flatMap(({ openIntents }) => openIntents()).toReversed();
  return {
    recorded: new Map(counted.flatMap(({ documents }) => [...documents.recorded])),
    deleted: new Set(counted.flatMap(({ documents }) => [...documents.deleted])),
    recent: counted.flatMap(({ documents }) => documents.recent),
    recordedAtMs: new Map(counted.flatMap(({ documents }) => [...documents.recordedAtMs])),
    open:
      own.openIntents().length === open.length
        ? open
        : await withoutClosed(open, files, { path, index, belonging }),
    late: counted.flatMap(({ lateIntents }) => lateIntents()),
    onRecord: new Set(
      (open.length > 0 ? live : []).flatMap(({ id }) =>
        counted.some(({ documents }) => documents.seen.has(id)) ? id : [],
      ),
    ),
    unsound: await findLines(files, path, new Map(counted.flatMap(({ unsound }) => [...unsound]))),
    older: { ...older, count },
  };
}

function collect(live: readonly LiveResource[], among: Parameters<typeof collectDocuments>[2]) {
  const unsound: UnsoundTexts = new Map();
  const documents = collectDocuments(live, unsound, among);
  const intents = collectIntents(unsound, { withLate: true });
  const aged = (intent: OpenIntent): AgedIntent => ({
    ...intent,
    lastSeenAt: intents.lastSeen.get(intent.runId) ?? intent.timestamp,
  });
  return {
    ...{ unsound, documents },
    openIntents: () => intents.open.map(aged),
    lateIntents: () => intents.late.map(aged),
    see: (line: Buffer): void => {
      intents.see(line);
      documents.see(line);
    },
  };
}

/**
 * A run that names its organisation may have closed an intent of an older one. The older intents were collected without a
 * look at its records, which are many; few trails have any that are open.
 */
async function withoutClosed(
  open: readonly AgedIntent[],
  files: TrailFiles,
  { belonging, ...trail }: IndexedTrail & { readonly belonging: (line: Buffer) => string },
): Promise<readonly AgedIntent[]> {
  if (open.length === 0) return open;
  const closed = new Set<number>();
  for await (const bytes of readNeeded(files, trail)) {
    const line = bufferOf(bytes);
    if (belonging(line) !== "own" || !(eventOf(line) ?? "").startsWith("change.")) continue;
    const { intent, isFinal } = endOf(line);
    if (isFinal) closed.add(intent);
  }
  return open.filter(({ seq }) => !closed.has(seq));
}

/**
 * Returns the open intents among the lines that pass the filter, oldest first; reads no further back than it must. It calls
 * `onUnsound` with each line that may be an open intent and is not a sound record. Throws ReconcileError `audit/unreadable`.
 */
export async function readOpenIntents(
  files: TrailFiles,
  path: string,
  {
    onUnsound = () => undefined,
    counts = () => true,
  }: {
    readonly onUnsound?: (line: UnsoundLine) => void;
    readonly counts?: (line: Buffer) => boolean;
  } = {},
): Promise<readonly OpenIntent[]> {
  const unsound: UnsoundTexts = new Map();
  const intents = collectIntents(unsound, { withLate: false });
  for await (const bytes of readLinesBackwards(files, path)) {
    const line = bufferOf(bytes);
    if (!counts(line)) continue;
    intents.see(line);
    if (intents.isOver()) break;
  }
  for (const line of await findLines(files, path, unsound)) onUnsound(line);
  return intents.open.toReversed();
}
