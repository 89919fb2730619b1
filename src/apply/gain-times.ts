// Finds when the resources that earlier runs wrote may have gained event types: what they gained may take effect only some
// time later, also if the run died in between.
import type { Clock } from "../lib/clock.ts";
import type { LiveResource, ResourceDocument } from "../model/resource.ts";

/** What the trail tells of resources. */
export interface OnRecord {
  /** By id, the documents that it last recorded and that differ from what is live. */
  readonly recorded: ReadonlyMap<string, ResourceDocument>;
  /** By id, when it recorded the last write of each, in ms since 1970, if that was in the last minutes. */
  readonly recordedAtMs: ReadonlyMap<string, number>;
}

interface Earlier {
  readonly known: OnRecord & {
    readonly live: readonly LiveResource[];
    /** Creates that may still take effect. */
    readonly late: readonly { readonly after: ResourceDocument | null }[];
  };
  /** The ids of those whose write this run has just recorded. */
  readonly recovered: readonly string[];
}

/** By id, in ms since 1970. */
export function findGainTimes(
  { known: { live, recorded, recordedAtMs, late }, recovered }: Earlier,
  clock: Pick<Clock, "now">,
): ReadonlyMap<string, number> {
  // A create whose outcome nobody knows may have made them a moment ago.
  const lateNames = new Set(late.flatMap(({ after }) => after?.name ?? []));
  const isYoung = ({ id, name, eventTypes }: LiveResource): boolean => {
    if (lateNames.has(name)) return true;
    // Whoever gave it more than the trail says did so at a time that is not on record.
    const had = recorded.get(id);
    return had !== undefined && eventTypes.some((eventType) => !had.eventTypes.includes(eventType));
  };
  const nowMs = clock.now();
  return new Map([
    ...recordedAtMs,
    ...live.flatMap((one) => (isYoung(one) ? [[one.id, nowMs] as const] : [])),
    ...recovered.map((id) => [id, nowMs] as const),
  ]);
}
