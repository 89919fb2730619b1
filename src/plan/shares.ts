// Computes fair shares: how many event types each endpoint may hold, exactly, in whole-number arithmetic.
import { invariant } from "../model/errors.ts";

export interface Share {
  /** The fair share is `numerator / denominator`; the denominator is above 0. */
  readonly numerator: number;
  readonly denominator: number;
  /** The fair share, rounded down. */
  readonly floor: number;
  /** Whether the share has a fraction, so that rounding it up is as fair as rounding it down. */
  readonly fractional: boolean;
}

/**
 * Splits `count` by weight, with no share above `cap`: the excess is spread over the other endpoints, again by weight.
 * The shares of the endpoints below the cap are count × weight / total weight of what the capped ones leave.
 */
export function makeShares(count: number, weights: readonly number[], cap: number): Share[] {
  invariant(count <= cap * weights.length, `${count} event types do not fit ${weights.length} endpoints`);
  const capped = new Set<number>();
  let restCount = count;
  let restWeight = weights.reduce((sum, weight) => sum + weight, 0);
  for (;;) {
    const over = weights.flatMap((weight, index) =>
      !capped.has(index) && restCount * weight > cap * restWeight ? [{ weight, index }] : [],
    );
    if (over.length === 0) break;
    for (const { weight, index } of over) {
      capped.add(index);
      restCount -= cap;
      restWeight -= weight;
    }
  }
  return weights.map((weight, index) =>
    capped.has(index) ? makeShare(cap, 1) : makeShare(restCount * weight, restWeight),
  );
}

function makeShare(numerator: number, denominator: number): Share {
  const rest = numerator % denominator;
  return { numerator, denominator, floor: (numerator - rest) / denominator, fractional: rest > 0 };
}
