// Asks the platform, for a plan that creates resources of a kind with a cap, whether there is room for them.
import type { ResourcePort } from "../genesys/driver.ts";
import { errorText, ReconcileError } from "../model/errors.ts";
import type { Deps } from "../model/deps.ts";
import type { Kind, Kinds } from "../model/kind.ts";
import type { Plan } from "../model/plan.ts";
import type { Room } from "../model/room.ts";
import { findCapped, fitRoom } from "../plan/fit-room.ts";

/** A plan without such creates asks nothing. If the platform does not answer, the plan stays as it is. */
export async function fitPlan(
  plan: Plan,
  driver: ResourcePort,
  { kinds, log }: { readonly kinds: Kinds } & Pick<Deps, "log">,
): Promise<Plan> {
  const rooms = new Map<Kind, Room>();
  for (const kind of findCapped(plan, kinds)) {
    try {
      const room = await driver.room?.(kind);
      if (room) rooms.set(kind, room);
    } catch (error) {
      if (!(error instanceof ReconcileError)) throw error;
      log(
        "info",
        `it is not checked how many ${kind.nouns} the organisation can have: ${errorText(error)}`,
      );
    }
  }
  return fitRoom(plan, rooms, kinds);
}
