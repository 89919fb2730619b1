// Simulated time: a queue of things that will happen. It moves on only when everybody waits.

export interface Timeline {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number;
  at(delayMs: number, happens: () => void): void;
  /** Lets one thing after the other happen until `done`; false where nothing is left that could. */
  runUntil(done: () => boolean): Promise<boolean>;
  /** Lets so much time pass, with all that happens in it. */
  advance(deltaMs: number): Promise<void>;
}

interface Event {
  readonly atMs: number;
  readonly happens: () => void;
}

/** A module that is loaded for the first time takes a while of real time, in which nothing is due. */
const patienceTurns = 2_000;

export function makeTimeline(startMs = Date.UTC(2026, 0, 1)): Timeline {
  let nowMs = startMs;
  const queue: Event[] = [];

  const takeNext = (untilMs: number): Event | undefined => {
    const next = queue[0];
    return next && next.atMs <= untilMs ? queue.shift() : undefined;
  };

  return {
    now: () => nowMs,
    at: (delayMs, happens) => {
      const event = { atMs: nowMs + Math.max(0, delayMs), happens };
      // Of two things due at once the one that was asked for first comes first.
      const later = queue.findIndex(({ atMs }) => atMs > event.atMs);
      queue.splice(later < 0 ? queue.length : later, 0, event);
    },
    runUntil: async (done) => {
      for (let idle = 0; idle < patienceTurns; idle += 1) {
        await everybodyWaits();
        if (done()) return true;
        const next = takeNext(Infinity);
        if (!next) continue;
        idle = 0;
        nowMs = Math.max(nowMs, next.atMs);
        next.happens();
      }
      return false;
    },
    advance: async (deltaMs) => {
      const untilMs = nowMs + deltaMs;
      for (let next = takeNext(untilMs); next; next = takeNext(untilMs)) {
        nowMs = Math.max(nowMs, next.atMs);
        next.happens();
        await everybodyWaits();
      }
      nowMs = untilMs;
    },
  };
}

/** All that can go on without time passing has gone on: nothing here waits for anything but promises. */
function everybodyWaits(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
