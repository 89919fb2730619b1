// What a fair share is, worked out in another way than the product does.

export interface Fraction {
  readonly numerator: number;
  readonly denominator: number;
}

/** Exact shares: the heaviest endpoints are capped one by one until the next one's share fits. */
export function fairShares(count: number, weights: readonly number[], cap: number): Fraction[] {
  const order = [...weights.keys()].sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0));
  const shares = weights.map(() => ({ numerator: cap, denominator: 1 }));
  let left = count;
  let weightLeft = weights.reduce((sum, weight) => sum + weight, 0);
  for (const [position, index] of order.entries()) {
    const weight = weights[index] ?? 0;
    if (left * weight <= cap * weightLeft) {
      for (const other of order.slice(position)) {
        shares[other] = { numerator: left * (weights[other] ?? 0), denominator: weightLeft };
      }
      break;
    }
    left -= cap;
    weightLeft -= weight;
  }
  return shares;
}

/** Whether the count is the share rounded down or up; a whole share has one rounding. */
export function isRounded(count: number, share: Fraction | undefined): boolean {
  if (!share) return false;
  const { numerator, denominator } = share;
  return (count - 1) * denominator < numerator && numerator < (count + 1) * denominator;
}
