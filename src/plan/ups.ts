// Chooses the endpoints whose shares are rounded up.
//
// Rounding an endpoint up lets it keep one more event type, or nothing. The sets of endpoints whose rounding up keeps
// the most form a matroid, so picking them greedily, the most valuable first, is best: an endpoint whose resource is
// right as it is when rounded up, then those to which it makes no difference, last those that it would cost a write.
import { keepMost, type Holdings } from "./keep.ts";

/** Returns as many slots as there are ups: among the sets that keep the most event types, one that is worth the most. */
export function pickUps(
  candidates: readonly number[],
  ups: number,
  given: {
    readonly quotas: readonly number[];
    readonly holdings: Holdings;
    readonly worth: readonly number[];
  },
): readonly number[] {
  const { quotas, holdings, worth } = given;
  const keptWith = (picked: readonly number[]): number => {
    const room = [...quotas];
    for (const slot of picked) room[slot] = (room[slot] ?? 0) + 1;
    return keepMost(holdings, room).count;
  };
  let most = keptWith([]);
  const gaining: number[] = [];
  for (const slot of candidates) {
    const kept = gaining.length < ups ? keptWith([...gaining, slot]) : most;
    if (kept > most) gaining.push(slot);
    most = Math.max(most, kept);
  }
  const picked: number[] = [];
  const inOrder = candidates.toSorted((a, b) => (worth[b] ?? 0) - (worth[a] ?? 0));
  for (const slot of inOrder) {
    // Each further up keeps at most one event type more, so enough of them must be left.
    const missing = most - keptWith([...picked, slot]);
    if (picked.length < ups && missing <= ups - picked.length - 1) picked.push(slot);
  }
  return picked;
}
