// Finds what was written so recently that the platform may not show it yet.
import type { RecentWrite } from "../audit/collect-documents.ts";
import type { History } from "../audit/history.ts";
import { longestHiddenMs } from "../genesys/write-memory.ts";
import type { Deps } from "../model/deps.ts";

/** Returns what had been written less than a minute ago when the list was asked for. A time in the future counts as now. */
export function findRecent(
  { recent }: Pick<History, "recent">,
  listedAtMs: number,
  { clock }: Pick<Deps, "clock">,
): readonly (RecentWrite & { readonly ageMs: number })[] {
  const sinceMs = clock.monotonic() - listedAtMs;
  return recent
    .map((write) => ({ ...write, ageMs: Math.max(0, clock.now() - write.atMs) }))
    .filter(({ ageMs }) => ageMs - sinceMs < longestHiddenMs);
}
