// Simulated time: a queue of things that will happen. It moves on only when everybody waits.

export interface Timeline {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number;
  at(delayMs: number, happens: () => void): void;
  /** Every so often, until what it returns is called. It alone is no reason for time to pass. */
  repeat(everyMs: number, happens: () => void): () => void;
  /** Lets one thing after the other happen until `done`; false where nothing is left that could. */
  runUntil(done: () => boolean): Promise<boolean>;
  /** Lets so much time pass, with all that happens in it. */
  advance(deltaMs: number): Promise<void>;
}

interface Event {
  readonly atMs: number;
  readonly happens: () => void;
  readonly isBackground: boolean;
}

/** So many turns of the event loop in which nothing is due and nobody goes on: then nobody will. */
const patienceTurns = 200;

/** `everybodyWaits` resolves once nobody can go on before time passes. */
export function makeTimeline(
  startMs = Date.UTC(2026, 0, 1),
  everybodyWaits: () => Promise<void> = nextTurn,
): Timeline {
  let nowMs = startMs;
  const queue: Event[] = [];

  const takeNext = (untilMs: number): Event | undefined => {
    const next = queue[0];
    return next && next.atMs <= untilMs ? queue.shift() : undefined;
  };

  const add = (event: Event): void => {
    // Of two things due at once the one that was asked for first comes first.
    const later = queue.findIndex(({ atMs }) => atMs > event.atMs);
    queue.splice(later < 0 ? queue.length : later, 0, event);
  };

  return {
    now: () => nowMs,
    at: (delayMs, happens) => {
      add({ atMs: nowMs + Math.max(0, delayMs), happens, isBackground: false });
    },
    repeat: (everyMs, happens) => {
      let isOver = false;
      const next = (): void => {
        if (isOver) return;
        happens();
        add({ atMs: nowMs + everyMs, happens: next, isBackground: true });
      };
      add({ atMs: nowMs + everyMs, happens: next, isBackground: true });
      return () => void (isOver = true);
    },
    runUntil: async (done) => {
      for (let idle = 0; idle < patienceTurns; idle += 1) {
        await everybodyWaits();
        if (done()) return true;
        const next = queue.every(({ isBackground }) => isBackground) ? undefined : takeNext(Infinity);
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
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Rejects with an AbortError once `signal` is aborted. */
export function sleep(timeline: Timeline, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(new DOMException("The operation was aborted", "AbortError"));
    };
    if (signal?.aborted) {
      abort();
      return;
    }
    signal?.addEventListener("abort", abort, { once: true });
    timeline.at(delayMs, () => {
      signal?.removeEventListener("abort", abort);
      resolve();
    });
  });
}
