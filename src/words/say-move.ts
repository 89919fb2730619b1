// Makes the sentence that tells why an event type changes its endpoint.
import type { Fraction, LeaveCause } from "../model/cause.ts";
import { shownEndpoint } from "../model/endpoint.ts";

/** Returns the `reason` of a move. */
export function sayMove(from: string, why: LeaveCause): string {
  const endpoint = shownEndpoint(from);
  return why.code === "endpointLeft" ? `${sayLeave(why)} ${endpoint}` : `${endpoint} ${sayLeave(why)}`;
}

/** Returns the clause that follows "ENDPOINT, which". */
export function sayLeave(why: LeaveCause): string {
  if (why.code === "endpointLeft") return "the group no longer uses";
  const { share, quota } = why;
  return `holds more than its share of ${sayShare(share)}${isWhole(share) ? "" : `, here ${quota}`}`;
}

/** Returns `4`, or a fraction with its decimals: `20/3 (6.67)`. */
export function sayShare(share: Fraction): string {
  const { numerator, denominator } = share;
  const decimal = numerator / denominator;
  return isWhole(share) ? String(decimal) : `${numerator}/${denominator} (${decimal.toFixed(2)})`;
}

function isWhole({ numerator, denominator }: Fraction): boolean {
  return numerator % denominator === 0;
}
