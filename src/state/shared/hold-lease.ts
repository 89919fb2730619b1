// Holds a lease of a shared store: renews it, tells at each moment whether a write may start, and appends under its fence.
import type { Clock } from "../../lib/clock.ts";
import { ReconcileError } from "../../model/errors.ts";
import type { SharedStore, StateKey, StoredRecord } from "../shared-store.ts";
import type { HeldLease } from "../state.ts";

export interface Holding {
  readonly store: SharedStore;
  readonly key: StateKey;
  readonly clock: Clock;
  readonly fence: number;
}

/** No write may start before a first append or renewal has confirmed the lease. */
export function holdLease(holding: Holding): Omit<HeldLease, "isNext"> {
  const { store, key, clock, fence } = holding;
  const { times } = store;
  const lost = new AbortController();
  const confirmed = makeConfirmed(clock);
  let isFollowed = false;
  let isReleased = false;
  let renewing: Promise<void> | undefined;
  /** A call that succeeds is a renewal, too; no further write starts once one has failed. */
  const call: Call = async (action) => {
    const note = confirmed.begin();
    try {
      const isOurs = await action();
      if (isOurs) note();
      else {
        isFollowed = true;
        lost.abort(takenOver(store));
      }
      return isOurs;
    } catch (error) {
      lost.abort(error);
      throw error;
    }
  };
  const renew = (): Promise<void> =>
    (renewing ??= call(() => store.renew(key, fence)).then(
      () => (renewing = undefined),
      () => (renewing = undefined),
    ));
  const stop = clock.repeat(times.renewEveryMs, () => {
    if (!isReleased && !isFollowed) void renew();
  });
  return {
    lost: lost.signal,
    mayStart: () => !lost.signal.aborted && !isReleased && confirmed.ageMs() < times.startWithinMs,
    confirm: async () => {
      const ageMs = confirmed.ageMs();
      // The first append confirms it, so a lease that was just taken needs no renewal.
      if (!isFollowed && ageMs >= times.startWithinMs && ageMs < Infinity) await renew();
      // A store that is away takes no record either: the appends that wait for it decide what becomes of them.
      return !isFollowed;
    },
    writeMs: times.writeMs,
    gathers: store.gathers,
    append: (records) => appendWhileHeld(records, holding, { call, ageMs: confirmed.ageMs }),
    markMoved: (movedTo) => store.markMoved(key, fence, movedTo),
    release: async () => {
      stop();
      isReleased = true;
      await renewing;
      if (!isFollowed) await store.release(key, fence).catch(() => undefined);
    },
  };
}

type Call = (action: () => Promise<boolean>) => Promise<boolean>;

interface Confirmed {
  /** The time since the last confirmation; Infinity before the first. */
  readonly ageMs: () => number;
  /** Called before a call; the function that it returns notes that the call has confirmed the lease. */
  readonly begin: () => () => void;
}

/** The age is the larger one of both clocks, because the monotonic one may stand still while the machine sleeps. */
function makeConfirmed(clock: Pick<Clock, "now" | "monotonic">): Confirmed {
  const moment = (): readonly [number, number] => [clock.monotonic(), clock.now()];
  let last: readonly [number, number] = [-Infinity, -Infinity];
  return {
    ageMs: () => Math.max(clock.monotonic() - last[0], clock.now() - last[1]),
    begin: () => {
      // The lease is as old as the call that confirmed it, not as its answer.
      const startedAt = moment();
      return () => (last = startedAt);
    },
  };
}

/** Pauses between the tries to reach a store that went away. */
const firstPauseMs = 500;
const longestPauseMs = 5_000;

/** Tries to reach a store that went away for as long as the lease surely lasts. */
async function appendWhileHeld(
  records: readonly StoredRecord[],
  { store, key, clock, fence }: Holding,
  { call, ageMs }: Pick<Confirmed, "ageMs"> & { readonly call: Call },
): Promise<void> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    try {
      if (await call(() => store.append(key, fence, records))) return;
    } catch (error) {
      const isAway = error instanceof ReconcileError && error.code === "state/unreachable";
      if (!isAway || ageMs() + pauseMs >= store.times.lastsMs) throw error;
      await clock.sleep(pauseMs);
      continue;
    }
    throw takenOver(store);
  }
}

function takenOver({ name }: SharedStore): ReconcileError {
  const message = `another run took over the lease in ${name}, so this run records nothing more there`;
  return new ReconcileError("state/takenOver", message, {
    hint: "the next run finds out what became of the writes without an outcome, and records it",
  });
}
