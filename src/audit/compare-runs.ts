// Compares the last run on record with the one that this machine remembers: another machine may have run since.
import type { Files } from "../lib/files.ts";
import { makeRecordFilter, type CountedTrail, type RecordFilter } from "./belongs.ts";
import { isRunOf, readKept, type Kept } from "./kept.ts";
import { bufferOf, decodeLine } from "./lines.ts";
import { unnamed } from "../model/audit-record.ts";
import { findRecord } from "./parse-record.ts";
import { readLinesBackwards } from "./read-trail.ts";
import type { TrailFiles } from "./trail-parts.ts";

export interface RecordedRun {
  readonly runId: string;
  /** When its last record was made. */
  readonly until: string;
  /** The person or the machine; null if the trail names none. */
  readonly by: string | null;
}

interface KeptPlace {
  readonly trail: string;
  readonly kept: string;
  readonly whose: RecordFilter;
}

interface RunsToCompare {
  readonly trail: string;
  /** The file of figures; null if there is none. */
  readonly kept: Kept | null;
  /** Its run; null if it is another owner's or organisation's. */
  readonly lastRun: Kept["lastRun"] | null;
  /** The last run of the trail; null if nothing is on record. */
  readonly recorded: RecordedRun | null;
}

/** As `compareRuns`, with the run in the file of figures. Writes nothing: a corrupt file holds no run, and stays. */
export async function compareWithKept(
  files: TrailFiles & Pick<Files, "read">,
  { trail, kept: keptPath, whose }: KeptPlace,
): Promise<string | null> {
  const read: Files["read"] = (path, maxBytes) => files.read(path, maxBytes);
  const nothing = (): Promise<void> => Promise.resolve();
  const { kept } = await readKept({ read, create: nothing, remove: nothing }, keptPath);
  const lastRun = kept && isRunOf(kept.lastRun, whose) ? kept.lastRun : null;
  const recorded = await findRecordedRun(files, { path: trail, counts: makeRecordFilter(whose) });
  return compareRuns({ trail, kept, lastRun, recorded });
}

/** Returns a sentence if the two differ; null if they are the same, or if nothing is on record. */
export function compareRuns({ trail, kept, lastRun, recorded }: RunsToCompare): string | null {
  // Of several owners the file remembers one run, which says nothing of the others.
  if (kept && !lastRun) return null;
  if (recorded === null || recorded.runId === lastRun?.runId) return null;
  const by = recorded.by === null ? "" : `, by ${recorded.by}`;
  const onRecord = `the last run in ${trail} is ${recorded.runId}, on record until ${recorded.until}${by}`;
  if (lastRun === null) return `${onRecord}; this machine remembers no run`;
  // A run that had nothing to do is remembered without a record.
  const isNewer = Date.parse(recorded.until) > Date.parse(lastRun.finishedAt);
  if (!isNewer && !hasWritten(lastRun)) return null;
  return `${onRecord}; this machine remembers run ${lastRun.runId}, which ended ${lastRun.finishedAt}, as the last`;
}

function hasWritten({ summary }: Kept["lastRun"]): boolean {
  return summary.create + summary.update + summary.delete + summary.adopt > 0;
}

/**
 * Finds the last run of the trail; a rotation is no run, and neither is a claim. Throws ReconcileError `audit/unreadable`.
 */
export async function findRecordedRun(
  files: TrailFiles,
  { path, counts }: CountedTrail,
): Promise<RecordedRun | null> {
  for await (const line of readLinesBackwards(files, path)) {
    if (!counts(bufferOf(line))) continue;
    const { runId, timestamp: until, event, actor } = findRecord(decodeLine(line) ?? "") ?? {};
    if (typeof runId !== "string" || typeof until !== "string") continue;
    if (typeof event === "string" && event.startsWith("trail.")) continue;
    return { runId, until, by: typeof actor === "string" && actor !== unnamed ? actor : null };
  }
  return null;
}
