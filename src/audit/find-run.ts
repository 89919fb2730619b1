// Finds out whether the trail already holds a run.
import { bufferOf, decodeLine } from "./lines.ts";
import { readLinesBackwards } from "./read-trail.ts";
import type { TrailFiles } from "./trail-parts.ts";
import { findRecord } from "./parse-record.ts";

/** Returns the time at which the run began, from its record, or null if it has none. Throws ReconcileError `audit/unreadable`. */
export async function findRunStart(files: TrailFiles, path: string, runId: string): Promise<string | null> {
  // Inside a JSON string every quote has a backslash before it, so this text can only be a key and its value. A trigger's
  // condition may have the keys too, so the record itself decides.
  const own = `"runId":${JSON.stringify(runId)}`;
  for await (const bytes of readLinesBackwards(files, path)) {
    const line = bufferOf(bytes);
    if (!line.includes(own) || !line.includes('"event":"run.started"')) continue;
    const record = findRecord(decodeLine(bytes) ?? "");
    if (record?.runId !== runId || record.event !== "run.started") continue;
    // A time that someone edited away does not undo the run.
    return typeof record.timestamp === "string" ? record.timestamp : "a day that its record does not hold";
  }
  return null;
}
