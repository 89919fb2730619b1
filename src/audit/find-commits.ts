// Finds in the trail the manifest and the commit from which a sync or an apply last wrote each resource.
import type { CountedTrail } from "./belongs.ts";
import { bufferOf } from "./lines.ts";
import { parseRecord } from "./parse-record.ts";
import { eventOf, webhookIdOf } from "./raw-keys.ts";
import { readNeeded } from "./read-needed.ts";
import type { TrailFiles } from "./trail-parts.ts";

/** What the last record of a resource says; a resource without such a record has none. */
export interface WrittenFrom {
  readonly group: string | null;
  /** As the record has it, such as `<hash>-dirty`; null if the record names none. */
  readonly commit: string | null;
  /** The manifest; null if the record names none. */
  readonly file: string | null;
}

/**
 * A rollback writes what an earlier commit declared, so its records do not count. Throws ReconcileError
 * `audit/unreadable`.
 */
export async function findCommits(
  files: TrailFiles,
  { path, counts, index }: CountedTrail,
  ids: Iterable<string>,
): Promise<ReadonlyMap<string, WrittenFrom>> {
  const wanted = new Set(ids);
  const found = new Map<string, WrittenFrom>();
  if (wanted.size === 0) return found;
  const isWanted = (id: string): boolean => wanted.has(id);
  /** An index leaves out from where a resource was written before it was deleted, also where another owner's line stands. */
  const unknown: string[] = [];
  for await (const bytes of readNeeded(files, { path, index }, { origins: isWanted, deleted: isWanted })) {
    const line = bufferOf(bytes);
    if (!counts(line) || !/^change\.(applied|recovered)$/.test(eventOf(line) ?? "")) continue;
    const text = line.toString();
    const id = webhookIdOf(text);
    if (!wanted.has(id)) continue;
    const from = readLast(text);
    if (from === "rolledBack" || (from === "deleted" && !index)) continue;
    if (from === "deleted") unknown.push(id);
    else if (from) found.set(id, from);
    wanted.delete(id);
    if (wanted.size === 0) break;
  }
  if (unknown.length === 0) return found;
  return new Map([...found, ...(await findCommits(files, { path, counts }, unknown))]);
}

/** Null for a line that is no sound record: it was the resource's last one, so an older one cannot replace it. */
function readLast(line: string): WrittenFrom | "deleted" | "rolledBack" | null {
  const parsed = parseRecord(line);
  if (!parsed.ok) return null;
  const { group, source, after, rollbackOf } = parsed.record;
  if (after === null) return "deleted";
  if (rollbackOf !== undefined) return "rolledBack";
  return { group, commit: source?.commit ?? null, file: source?.file ?? null };
}
