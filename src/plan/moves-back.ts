// Finds the event types that move when a run is taken back.
import { compareText } from "../lib/compare.ts";
import { groupBy } from "../lib/group-by.ts";
import { sameEndpoint } from "../model/endpoint.ts";
import type { GroupPlan, Move } from "../model/plan.ts";
import type { TakenBack } from "./take-back.ts";

/** An event type moves if it was live and goes to an endpoint at which it was not. */
export function findMovesBack(writes: readonly TakenBack[]): GroupPlan["moves"] {
  const homes = groupBy(
    writes.flatMap(({ before }) =>
      (before?.eventTypes ?? []).map((eventType) => ({ eventType, endpoint: before?.endpoint ?? "" })),
    ),
    ({ eventType }) => eventType,
  );
  const reason = "it goes back to where it was";
  return writes
    .flatMap(({ after }) =>
      (after?.eventTypes ?? []).flatMap((eventType): Move[] => {
        const to = after?.endpoint ?? "";
        const [first, ...others] = homes.get(eventType) ?? [];
        const isThere = [first, ...others].some((home) => home && sameEndpoint(home.endpoint, to));
        return !first || isThere ? [] : [{ eventType, from: first.endpoint, to, reason }];
      }),
    )
    .sort((a, b) => compareText(a.eventType, b.eventType));
}
