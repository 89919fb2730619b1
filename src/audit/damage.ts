// Finds the line numbers of what a reading from the end of a trail met that is not a sound record.
import { bufferOf } from "./lines.ts";
import type { Newest } from "./newest.ts";
import { readLines } from "./read-trail.ts";
import type { TrailFiles } from "./trail-parts.ts";
import type { UnsoundLine } from "./unsound.ts";

export interface Damage {
  /** How many whole lines are records. */
  readonly records: number;
  /** How many whole lines are not records, and the numbers of the first ones. */
  readonly brokenLines: number;
  readonly firstBrokenLines: readonly number[];
  /** Records with a field of a wrong type. */
  readonly unsound: readonly UnsoundLine[];
}

/** The warning names this many lines, so that it stays readable. */
export const maxLinesNamed = 20;

/** Reads the trail's lines once more, without parsing them. Throws ReconcileError `audit/unreadable`. */
export async function locateDamage(
  files: TrailFiles,
  path: string,
  { damage, isWhole }: Pick<Newest<unknown>, "damage" | "isWhole">,
): Promise<Damage> {
  const firstBrokenLines: number[] = [];
  const unsound: UnsoundLine[] = [];
  let [line, brokenLines] = [0, 0];
  for await (const bytes of readLines(files, path)) {
    line += 1;
    // A reading from the end skips a line that is too long.
    const text = bytes && bufferOf(bytes).toString("latin1");
    const fault = damage.unsound.get(text ?? "");
    if (text === null ? isWhole : damage.broken.has(text)) {
      brokenLines += 1;
      if (brokenLines <= maxLinesNamed) firstBrokenLines.push(line);
    } else if (fault !== undefined) unsound.push({ line, fault });
  }
  return { records: line - brokenLines, brokenLines, firstBrokenLines, unsound };
}
