// Finds the line numbers of what a reading from the end of a trail met that is not a sound record.
import type { Newest } from "./newest.ts";
import { readLines, type TrailFiles } from "./read-trail.ts";
import type { UnsoundLine } from "./unsound.ts";

export interface DamagedLines {
  /** How many whole lines are records. */
  readonly records: number;
  /** The numbers of the whole lines that are not records. */
  readonly broken: readonly number[];
  /** Records with a field of a wrong type. */
  readonly unsound: readonly UnsoundLine[];
}

/** Reads the trail's lines once more, without parsing them. Throws ReconcileError `audit/unreadable`. */
export async function locateDamage(
  files: TrailFiles,
  path: string,
  { damage, isWhole }: Pick<Newest<unknown>, "damage" | "isWhole">,
): Promise<DamagedLines> {
  const broken: number[] = [];
  const unsound: UnsoundLine[] = [];
  let line = 0;
  for await (const bytes of readLines(files, path)) {
    line += 1;
    // A reading from the end skips a line that is too long.
    const text = bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
    const fault = damage.unsound.get(text ?? "");
    if (text === null ? isWhole : damage.broken.has(text)) broken.push(line);
    else if (fault !== undefined) unsound.push({ line, fault });
  }
  return { records: line - broken.length, broken, unsound };
}
