// Finds the event types that change their endpoint, and why each of them must.
import { compareText } from "../lib/compare.ts";
import type { LeaveCause } from "../model/cause.ts";
import { sameEndpoint } from "../model/endpoint.ts";
import type { Move } from "../model/plan.ts";
import type { Assignment } from "./assign.ts";
import { sayMove } from "../words/say-move.ts";
import type { Homes, Places } from "./places.ts";

/** Returns the moves by event type. An event type moves if it is live, but not at the endpoint that it goes to. */
export function findMoves(places: Places, homes: Homes, assignment: Assignment): Move[] {
  return places.endpoints
    .flatMap(({ url: to }, index) =>
      (assignment.assigned[index] ?? []).flatMap((eventType): Move[] => {
        const at = homes.get(eventType);
        if (!at || at.some(({ endpoint }) => sameEndpoint(endpoint, to))) return [];
        const [from = ""] = at.map(({ endpoint }) => endpoint).sort(compareText);
        return [{ eventType, from, to, reason: sayMove(from, findLeaveCause(from, places, assignment)) }];
      }),
    )
    .sort((a, b) => compareText(a.eventType, b.eventType));
}

/** Why event types leave an endpoint. */
export function findLeaveCause(
  from: string,
  { endpoints }: Places,
  { assigned, shares }: Assignment,
): LeaveCause {
  const slot = endpoints.findIndex(({ url }) => sameEndpoint(url, from));
  const share = shares[slot];
  if (!share) return { code: "endpointLeft" };
  const { numerator, denominator } = share;
  const quota = assigned[slot]?.length ?? 0;
  return { code: "overShare", share: { numerator, denominator }, quota };
}
