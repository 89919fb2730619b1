// Compares the last run on record with the one that this machine remembers: another machine may have run since.
import type { Files } from "../lib/files.ts";
import { readKept, type Kept } from "./kept.ts";
import { decodeLine } from "./lines.ts";
import { findRecord } from "./parse-record.ts";
import { readLinesBackwards } from "./read-trail.ts";
import type { TrailFiles } from "./trail-parts.ts";

interface RunOnRecord {
  readonly runId: string;
  /** When its last record was made. */
  readonly timestamp: string;
}

/** As `compareRuns`, with the run in the file of figures. Writes nothing: a corrupt file holds no run, and stays. */
export async function compareWithKept(
  files: TrailFiles & Pick<Files, "read">,
  { trail, kept: keptPath }: { readonly trail: string; readonly kept: string },
): Promise<string | null> {
  const read: Files["read"] = (path, maxBytes) => files.read(path, maxBytes);
  const nothing = (): Promise<void> => Promise.resolve();
  const { kept } = await readKept({ read, create: nothing, remove: nothing }, keptPath);
  return compareRuns(files, { trail, lastRun: kept?.lastRun ?? null });
}

/**
 * Returns a sentence if the two differ; null if they are the same, or if nothing is on record. Throws ReconcileError
 * `audit/unreadable`.
 */
export async function compareRuns(
  files: TrailFiles,
  { trail, lastRun }: { readonly trail: string; readonly lastRun: Kept["lastRun"] | null },
): Promise<string | null> {
  const found = await findLastRun(files, trail);
  if (found === null || found.runId === lastRun?.runId) return null;
  const onRecord = `the last run in ${trail} is ${found.runId}, on record until ${found.timestamp}`;
  if (lastRun === null) return `${onRecord}; this machine remembers no run`;
  // A run that had nothing to do is remembered without a record.
  const isNewer = Date.parse(found.timestamp) > Date.parse(lastRun.finishedAt);
  if (!isNewer && !hasWritten(lastRun)) return null;
  return `${onRecord}; this machine remembers run ${lastRun.runId}, which ended ${lastRun.finishedAt}, as the last`;
}

function hasWritten({ summary }: Kept["lastRun"]): boolean {
  return summary.create + summary.update + summary.delete + summary.adopt > 0;
}

/** A rotation is no run. */
async function findLastRun(files: TrailFiles, path: string): Promise<RunOnRecord | null> {
  for await (const line of readLinesBackwards(files, path)) {
    const { runId, timestamp, event } = findRecord(decodeLine(line) ?? "") ?? {};
    if (typeof runId !== "string" || typeof timestamp !== "string") continue;
    if (event !== "trail.closed" && event !== "trail.continued") return { runId, timestamp };
  }
  return null;
}
