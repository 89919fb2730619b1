// Finds out which drift the trail already holds, so that a run records none twice.
import type { PatchStep } from "../model/plan.ts";
import type { CountedTrail } from "./belongs.ts";
import { bufferOf, decodeLine } from "./lines.ts";
import { parseRecord } from "./parse-record.ts";
import { eventOf, webhookIdOf } from "./raw-keys.ts";
import { readNeeded } from "./read-needed.ts";
import type { TrailFiles } from "./trail-parts.ts";

/**
 * Returns by id the patch of the drift that was recorded last of these resources, if no later record says that the resource
 * was written. It reads no further back than it must. Throws ReconcileError `audit/unreadable`.
 */
export async function findDriftOnRecord(
  files: TrailFiles,
  { counts, ...trail }: CountedTrail,
  ids: ReadonlySet<string>,
): Promise<ReadonlyMap<string, readonly PatchStep[]>> {
  const found = new Map<string, readonly PatchStep[]>();
  const missing = new Set(ids);
  if (missing.size === 0) return found;
  const isMissing = (id: string): boolean => missing.has(id);
  for await (const bytes of readNeeded(files, trail, { drifts: isMissing, deleted: isMissing })) {
    const line = bufferOf(bytes);
    if (!counts(line) || !/^(drift\.found|change\.(applied|recovered))$/.test(eventOf(line) ?? ""))
      continue;
    const id = webhookIdOf(line.toString());
    if (!missing.has(id)) continue;
    const parsed = parseRecord(decodeLine(bytes) ?? "");
    if (!parsed.ok) continue;
    missing.delete(id);
    const { event, patch } = parsed.record;
    if (event === "drift.found" && patch) found.set(id, patch);
    if (missing.size === 0) break;
  }
  return found;
}
