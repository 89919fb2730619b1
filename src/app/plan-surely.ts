// Plans from what is there, also while a list lags behind: what a plan would create anew, put right or leave out only
// because the list does not show the present is read by id first, and the plan is made again from what that shows.
import type { ReconcileError } from "../model/errors.ts";
import type { Log } from "../model/deps.ts";
import type { Kinds } from "../model/kind.ts";
import type { Plan } from "../model/plan.ts";
import type { LiveResource } from "../model/resource.ts";
import type { Unsure } from "../plan/conflicts.ts";
import { findDoubts, type OnRecord } from "../plan/find-doubts.ts";
import type { ResourcePort } from "../genesys/driver.ts";
import { correct, lookUp } from "./look-up.ts";

export interface PlanPorts {
  readonly kinds: Kinds;
  readonly log: Log;
}

interface FromList extends OnRecord {
  readonly live: readonly LiveResource[];
  readonly driver: Pick<ResourcePort, "read">;
}

/**
 * Returns the plan, and the live resources that it was made from. Throws as `read` does, but that one resource cannot be
 * read concerns only its group.
 */
export async function planSurely<P extends Plan>(
  make: (live: readonly LiveResource[], unsure: Unsure) => P,
  list: FromList,
  { kinds, log }: PlanPorts,
): Promise<{ readonly plan: P; readonly live: readonly LiveResource[] }> {
  const asked = new Set<string>();
  const unsure = new Map<string, ReconcileError>();
  let { live } = list;
  for (;;) {
    const plan = make(live, unsure);
    const doubts = findDoubts(plan, live, { ...list, kinds }).filter(({ id }) => !asked.has(id));
    if (doubts.length === 0) return { plan, live };
    const { found, failed } = await lookUp(doubts, { driver: list.driver, earlier: asked.size });
    for (const { id } of doubts) asked.add(id);
    for (const [{ group }, error] of failed) {
      // The groups cannot go on without the resource that they share: a pass writes it before all of them.
      if (group === null) throw error;
      unsure.set(group, error);
    }
    const listed = new Set(live.map(({ id }) => id));
    for (const { kind, id, name } of doubts)
      if (found.get(id) && !listed.has(id))
        log("info", `${kind.noun} "${name}" (id ${id}) is there, although the list does not show it`);
    live = correct(live, { found });
  }
}
