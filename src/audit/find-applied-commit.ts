// Finds in the trail the commit that a sync or an apply applied last.
import type { OlderThan } from "../model/audit-record.ts";
import { ownerOf } from "../model/ownership.ts";
import type { CountedTrail } from "./belongs.ts";
import { bufferOf, decodeLine } from "./lines.ts";
import { parseRecord } from "./parse-record.ts";
import { eventOf } from "./raw-keys.ts";
import { readLinesBackwards } from "./read-trail.ts";
import type { TrailFiles } from "./trail-parts.ts";

const cleanCommit = /^[0-9a-f]{40,64}$/;

/**
 * Returns the commit and the run of the last change that names a commit without edits; null if none does. Throws
 * ReconcileError `audit/unreadable`.
 */
export async function findAppliedCommit(
  files: TrailFiles,
  { path, counts }: CountedTrail,
): Promise<OlderThan | null> {
  for await (const bytes of readLinesBackwards(files, path)) {
    const line = bufferOf(bytes);
    if (!counts(line) || !/^change\.(applied|recovered)$/.test(eventOf(line) ?? "")) continue;
    const applied = readChange(decodeLine(line) ?? "");
    if (applied) return applied;
  }
  return null;
}

function readChange(line: string): OlderThan | null {
  const parsed = parseRecord(line);
  if (!parsed.ok) return null;
  const { runId, after, source, provenance, rollbackOf, keptHealing } = parsed.record;
  // A rollback writes what an earlier commit declared, a release takes a marker off, and a pass with invalid manifests only
  // puts drift back: none of them applies its commit.
  const isRelease = after !== null && ownerOf(after) === null;
  if (rollbackOf !== undefined || keptHealing || isRelease) return null;
  // A delete has no manifest, so only its run names the commit.
  const commit = (after === null ? provenance?.commit : source?.commit) ?? null;
  return commit !== null && cleanCommit.test(commit) ? { commit, runId } : null;
}
