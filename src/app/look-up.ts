// Reads by id the resources of which the list is in doubt. A read by id shows the present, also while a list lags behind.
import { mapConcurrently } from "../lib/map-concurrently.ts";
import type { ResourcePort } from "../genesys/driver.ts";
import { rowOf } from "../model/error-class.ts";
import { ReconcileError } from "../model/errors.ts";
import type { LiveResource } from "../model/resource.ts";
import type { Doubt } from "../plan/find-doubts.ts";

/** As many reads as a list takes at once. */
const readConcurrency = 4;
/** One pass reads so many at most: three minutes at the platform's rate limit. The next pass goes on. */
export const maxLookUps = 1_000;

export interface LookedUp {
  /** By id, each resource as it is now; null if it is gone. */
  readonly found: ReadonlyMap<string, LiveResource | null>;
  /** Those that could not be read, with the reason. */
  readonly failed: readonly (readonly [Doubt, ReconcileError])[];
}

/** `earlier`: how many this pass has looked up before. Throws ReconcileError if the platform fails, not one resource. */
export async function lookUp(
  doubts: readonly Doubt[],
  { driver, earlier = 0 }: { readonly driver: Pick<ResourcePort, "read">; readonly earlier?: number },
): Promise<LookedUp> {
  const found = new Map<string, LiveResource | null>();
  const failed: (readonly [Doubt, ReconcileError])[] = [];
  const asked = doubts.slice(0, Math.max(0, maxLookUps - earlier));
  const read = async (doubt: Doubt): Promise<void> => {
    try {
      found.set(doubt.id, await driver.read(doubt));
    } catch (error) {
      if (!isOfOne(error)) throw error;
      failed.push([doubt, error]);
    }
  };
  await mapConcurrently(asked, readConcurrency, read);
  const left = doubts.slice(asked.length).map((doubt) => [doubt, tooMany(doubt)] as const);
  return { found, failed: [...failed, ...left] };
}

/** Returns the live resources as they are now: without those that are gone, and with those that the list lacks. */
export function correct(
  live: readonly LiveResource[],
  { found }: Pick<LookedUp, "found">,
): readonly LiveResource[] {
  const listed = new Set(live.map(({ id }) => id));
  const added = [...found].flatMap(([id, one]) => (one && !listed.has(id) ? [one] : []));
  const others = live.flatMap((one) => {
    const now = found.get(one.id);
    return now === undefined ? [one] : (now ?? []);
  });
  return [...others, ...added];
}

/** True if the platform refused, or answered oddly, for this one resource. */
function isOfOne(error: unknown): error is ReconcileError {
  if (!(error instanceof ReconcileError)) return false;
  return (
    error.code === "api/forbidden" || (!rowOf(error.code).isOutage && error.code !== "api/interrupted")
  );
}

function tooMany({ kind, name }: Doubt): ReconcileError {
  const message = `${kind.noun} "${name}" was not looked up: this pass has looked up ${maxLookUps} that the list does not show`;
  return new ReconcileError("list/tooManyMissing", message, {
    hint: "run again: each pass goes on where the last one stopped",
  });
}
