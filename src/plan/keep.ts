// Chooses the endpoint that keeps each live event type, so that as many stay as the endpoints have room for.
//
// Nearly every event type is live on one endpoint and stays there while there is room. One that is live on several is
// matched with one of them, along chains in which others make room by moving to another endpoint of their own.

/** The event types that are live on the endpoints, which are numbered in pool order. */
export interface Holdings {
  /** For each endpoint, how many event types are live there and nowhere else. */
  readonly singles: readonly number[];
  /** Event types that are live on several endpoints, and on which. */
  readonly duplicates: readonly (readonly [eventType: string, homes: readonly number[]])[];
}

export interface KeptEventTypes {
  /** How many event types stay. */
  readonly count: number;
  /** The endpoint that keeps each event type which is live on several; those that none has room for are left out. */
  readonly keeper: Map<string, number>;
}

/** The most that can stay where each endpoint has room for so many. */
export function keepMost({ singles, duplicates }: Holdings, room: readonly number[]): KeptEventTypes {
  const keeper = new Map<string, number>();
  const kept = singles.map((held, slot) => Math.min(held, room[slot] ?? 0));
  const stayAlone = kept.reduce((sum, count) => sum + count, 0);
  const guests = singles.map((): (readonly [string, readonly number[]])[] => []);

  const place = (duplicate: readonly [string, readonly number[]], asked: Set<number>): boolean => {
    const [eventType, homes] = duplicate;
    const settle = (slot: number): true => {
      keeper.set(eventType, slot);
      guests[slot]?.push(duplicate);
      return true;
    };
    for (const slot of homes) {
      if (asked.has(slot)) continue;
      asked.add(slot);
      if ((kept[slot] ?? 0) < (room[slot] ?? 0)) {
        kept[slot] = (kept[slot] ?? 0) + 1;
        return settle(slot);
      }
      const present = guests[slot] ?? [];
      const leaving = present.findIndex((guest) => place(guest, asked));
      if (leaving >= 0) {
        present.splice(leaving, 1);
        return settle(slot);
      }
    }
    return false;
  };
  for (const duplicate of duplicates) place(duplicate, new Set());
  return { count: stayAlone + keeper.size, keeper };
}
