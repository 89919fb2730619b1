// Plans one group anew in the middle of a pass, from a fresh list, which may not show yet what the pass has done.
import type { DoneSoFar } from "../apply/apply-group.ts";
import type { Replan } from "../apply/apply-plan.ts";
import { asDocument } from "../model/document.ts";
import type { Listing } from "../model/listing.ts";
import type { LiveResource, ResourceDocument } from "../model/resource.ts";
import type { Plan } from "../model/plan.ts";
import type { Unsure } from "../plan/conflicts.ts";
import type { OnRecord } from "../plan/find-doubts.ts";
import type { Known } from "./live.ts";
import { planSurely, type PlanPorts } from "./plan-surely.ts";

export type PlanGroup = (
  group: string,
  live: readonly LiveResource[],
  given: Pick<Listing, "unread"> & {
    readonly recorded: ReadonlyMap<string, ResourceDocument>;
    readonly unsure: Unsure;
  },
) => Plan;

/** `known`: what the pass has planned from. */
export function makeReplan(planGroup: PlanGroup, known: Known, ports: PlanPorts): Replan {
  return async (group, { live: listed, unread }, done) => {
    const { driver } = known;
    const onRecord = joinRecords(known, { group, listed: [...listed, ...unread], done });
    const { recorded } = onRecord;
    const planned = await planSurely(
      (live, unsure) => planGroup(group, live, { recorded, unsure, unread }),
      { ...onRecord, live: listed, driver },
      ports,
    );
    return planned.plan;
  };
}

interface Since {
  readonly group: string;
  readonly listed: readonly { readonly id: string | null }[];
  readonly done: DoneSoFar;
}

/** Returns what the trail holds by now, and adds the resources that the list has lost since the pass began. */
function joinRecords({ live, recorded, deleted, recent }: Known, { group, listed, done }: Since): OnRecord {
  const isUntouched = (id: string): boolean => !done.written.has(id) && !done.deleted.has(id);
  const ids = new Set<string | null>(listed.map(({ id }) => id));
  const lost = live.filter((one) => one.group === group && !ids.has(one.id) && isUntouched(one.id));
  return {
    recorded: new Map([
      ...done.written,
      ...lost.map((one) => [one.id, asDocument(one)] as const),
      ...[...recorded].filter(([id]) => isUntouched(id)),
    ]),
    doubtful: new Set([...deleted, ...done.deleted, ...done.stale]),
    recent: new Set([...recent, ...done.written.keys()]),
    // The pass has closed those of earlier runs.
    open: [],
  };
}
