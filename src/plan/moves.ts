// Which event types change their endpoint, and why each of them must.
import { compareText } from "../lib/compare.ts";
import { sameEndpoint, shownEndpoint } from "../model/endpoint.ts";
import type { Move } from "../model/plan.ts";
import type { Assignment } from "./assign.ts";
import type { Homes, Places } from "./places.ts";
import type { Share } from "./shares.ts";

/** An event type moves if it is live, but not on the endpoint that it goes to. By event type. */
export function findMoves(places: Places, homes: Homes, { assigned, shares }: Assignment): Move[] {
  return places.endpoints
    .flatMap(({ url: to }, index) =>
      (assigned[index] ?? []).flatMap((eventType): Move[] => {
        const at = homes.get(eventType);
        if (!at || at.some(({ endpoint }) => sameEndpoint(endpoint, to))) return [];
        const [from = ""] = at.map(({ endpoint }) => endpoint).sort(compareText);
        const slot = places.endpoints.findIndex(({ url }) => sameEndpoint(url, from));
        const reason = whyLeft(from, shares[slot], assigned[slot]?.length ?? 0);
        return [{ eventType, from, to, reason }];
      }),
    )
    .sort((a, b) => compareText(a.eventType, b.eventType));
}

function whyLeft(from: string, share: Share | undefined, quota: number): string {
  if (!share) return `the group no longer uses ${shownEndpoint(from)}`;
  const rounded = share.fractional ? `, here ${quota}` : "";
  return `${shownEndpoint(from)} holds more than its share of ${showShare(share)}${rounded}`;
}

/** `4`, or as a fraction and in decimals: `20/3 (6.67)`. */
export function showShare({ numerator, denominator, floor, fractional }: Share): string {
  return fractional
    ? `${numerator}/${denominator} (${(numerator / denominator).toFixed(2)})`
    : String(floor);
}
