// Finds in the trail the commit that a sync or an apply applied last.
import type { OlderThan } from "../model/audit-record.ts";
import { ownerOf } from "../model/ownership.ts";
import type { CountedTrail } from "./belongs.ts";
import { bufferOf, decodeLine } from "./lines.ts";
import { parseRecord } from "./parse-record.ts";
import { eventOf } from "./raw-keys.ts";
import { readNeeded } from "./read-needed.ts";
import type { TrailFiles } from "./trail-parts.ts";

const cleanCommit = /^[0-9a-f]{40,64}$/;

/**
 * Returns the commit and the run of the last change that names a commit without edits; null if none does. Throws
 * ReconcileError `audit/unreadable`.
 */
export async function findAppliedCommit(
  files: TrailFiles,
  { counts, ...trail }: CountedTrail,
): Promise<OlderThan | null> {
  for await (const bytes of readNeeded(files, trail, { commits: true })) {
    const line = bufferOf(bytes);
    // Whether it counts is asked of every line, because a claim counts for the lines before it.
    const applied = counts(line) ? readAppliedCommit(line) : null;
    if (applied) return applied;
  }
  return null;
}

/** Null for a line that is no change, or one that applied no commit. */
export function readAppliedCommit(line: Buffer): OlderThan | null {
  if (!isChange(line) || !namesCleanCommit(line)) return null;
  const parsed = parseRecord(decodeLine(line) ?? "");
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

function isChange(line: Buffer): boolean {
  return /^change\.(applied|recovered)$/.test(eventOf(line) ?? "");
}

const commitKey = Buffer.from('"commit":"');

/** A trail of edited working trees names no clean commit at all, and to parse each of its lines takes too long. */
function namesCleanCommit(line: Buffer): boolean {
  for (let at = line.indexOf(commitKey); at >= 0; at = line.indexOf(commitKey, at + 1))
    if (
      /^[0-9a-f]{40,64}"/.test(line.toString("latin1", at + commitKey.length, at + commitKey.length + 65))
    )
      return true;
  return false;
}
