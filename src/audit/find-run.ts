// Whether a run is in the trail already.
import { decodeLine } from "./lines.ts";
import { readLinesBackwards, type TrailFiles } from "./read-trail.ts";
import { findRecord } from "./parse-record.ts";

/** When the run began to write, as its record says, or null where none does. Throws ReconcileError `audit/unreadable`. */
export async function findRunStart(files: TrailFiles, path: string, runId: string): Promise<string | null> {
  // Inside a JSON string every quote has a backslash before it, so that what is found is a key.
  const own = `"runId":${JSON.stringify(runId)}`;
  for await (const bytes of readLinesBackwards(files, path)) {
    const line = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (!line.includes(own) || !line.includes('"event":"run.started"')) continue;
    const record = findRecord(decodeLine(bytes) ?? "");
    if (record?.runId !== runId) continue;
    // Somebody has edited the time. That does not undo the run.
    return typeof record.timestamp === "string" ? record.timestamp : "a day that its record does not tell";
  }
  return null;
}
