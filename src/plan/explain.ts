// Explains a group's plan: shares, what stays, what moves, and the least that any balanced assignment moves.
import { groupBy } from "../lib/group-by.ts";
import { sameEndpoint } from "../model/endpoint.ts";
import type { ExplainedEndpoint, Explanation, Move } from "../model/plan.ts";
import type { Subscription } from "../model/subscription.ts";
import type { Assignment } from "./assign.ts";
import { sayShare } from "../words/say-move.ts";
import type { Homes, Places } from "./places.ts";

export function explain(
  desired: Subscription,
  given: {
    readonly places: Places;
    readonly homes: Homes;
    readonly assignment: Assignment;
    readonly moves: readonly Move[];
  },
): Explanation {
  const { places, homes, assignment, moves } = given;
  const { assigned, shares, kept } = assignment;
  const endpoints = places.endpoints.map(({ url, weight, resources }, index): ExplainedEndpoint => {
    const share = shares[index];
    const isHeld = (eventType: string): boolean =>
      resources.some((resource) => homes.get(eventType)?.includes(resource));
    const eventTypes = assigned[index] ?? [];
    const gained = eventTypes.filter((eventType) => !isHeld(eventType));
    return {
      url,
      weight,
      share: share ? sayShare(share) : "0",
      quota: eventTypes.length,
      holds: desired.eventTypes.filter(isHeld).length,
      stay: eventTypes.filter(isHeld),
      arrive: gained.filter((eventType) => homes.has(eventType)),
      added: gained.filter((eventType) => !homes.has(eventType)),
      leave: moves.filter(({ from }) => sameEndpoint(from, url)).map(({ eventType }) => eventType),
    };
  });
  const live = desired.eventTypes.filter((eventType) => homes.has(eventType)).length;
  // A workflow may have several triggers.
  const left = [...groupBy(places.leavers, ({ endpoint }) => endpoint)].map(([url, leavers]) => ({
    url,
    eventTypes: desired.eventTypes.filter((eventType) =>
      leavers.some(({ eventTypes }) => eventTypes.includes(eventType)),
    ),
  }));
  return { endpoints, left, live, leastMoves: live - kept };
}
