// Reads what a pass needs from the trail: the documents that it last recorded as live, which a pass compares with what is
// live to find drift; and the open intents.
import type { LiveResource, ResourceDocument } from "../model/resource.ts";
import { collectDocuments, type RecentWrite } from "./collect-documents.ts";
import { collectIntents } from "./collect-intents.ts";
import { bufferOf } from "./lines.ts";
import type { AgedIntent, OpenIntent } from "./open-intent.ts";
import { readLinesBackwards } from "./read-trail.ts";
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
  /** Intents without an outcome, or with an unknown one: the run was cut short, or could not look. Oldest first. */
  readonly open: readonly AgedIntent[];
  /**
   * Creates of the last minutes whose outcome is unknown although their run ended properly: they may still take effect.
   */
  readonly late: readonly AgedIntent[];
  /** Lines that this reading needed and that are not sound records: someone changed them, so their content is unknown. */
  readonly unsound: readonly UnsoundLine[];
}

interface TrailPlace {
  readonly path: string;
  /** Records of another environment are skipped. */
  readonly environment: string;
}

/** Throws ReconcileError `audit/unreadable`. */
export async function readHistory(
  files: TrailFiles,
  { path, environment }: TrailPlace,
  live: readonly LiveResource[],
): Promise<History> {
  const isHere = Buffer.from(`"environment":${JSON.stringify(environment)}`);
  const unsound: UnsoundTexts = new Map();
  const documents = collectDocuments(live, unsound);
  const intents = collectIntents(unsound, { withLate: true });
  // The reading starts at the end, so that it parses only the last change of each webhook in a long trail.
  for await (const bytes of readLinesBackwards(files, path)) {
    const line = bufferOf(bytes);
    if (!line.includes(isHere)) continue;
    intents.see(line);
    documents.see(line);
  }
  const aged = (intent: OpenIntent): AgedIntent => ({
    ...intent,
    lastSeenAt: intents.lastSeen.get(intent.runId) ?? intent.timestamp,
  });
  return {
    recorded: documents.recorded,
    deleted: documents.deleted,
    recent: documents.recent,
    open: intents.open.map(aged).toReversed(),
    late: intents.late.map(aged),
    unsound: await findLines(files, path, unsound),
  };
}

/**
 * Returns the open intents of every environment, oldest first; reads no further back than it must. It calls `onUnsound`
 * with each line that may be an open intent and is not a sound record. Throws ReconcileError `audit/unreadable`.
 */
export async function readOpenIntents(
  files: TrailFiles,
  path: string,
  onUnsound: (line: UnsoundLine) => void = () => undefined,
): Promise<readonly OpenIntent[]> {
  const unsound: UnsoundTexts = new Map();
  const intents = collectIntents(unsound, { withLate: false });
  for await (const bytes of readLinesBackwards(files, path)) {
    intents.see(bufferOf(bytes));
    if (intents.isOver()) break;
  }
  for (const line of await findLines(files, path, unsound)) onUnsound(line);
  return intents.open.toReversed();
}
