// Finds whether older records of a trail were claimed for one owner in one organisation.
import { makeClaimFinder, type Whose } from "./belongs.ts";
import { bufferOf } from "./lines.ts";
import { readLinesBackwards } from "./read-trail.ts";
import type { TrailFiles } from "./trail-parts.ts";

/** Returns the seq before which they were claimed; 0 if none were. Throws ReconcileError `audit/unreadable`. */
export async function findClaimed(files: TrailFiles, path: string, whose: Whose): Promise<number> {
  const claims = makeClaimFinder(whose);
  for await (const bytes of readLinesBackwards(files, path)) claims.see(bufferOf(bytes));
  return claims.before();
}
