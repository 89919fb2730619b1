// The lease of one run. The run plans without it, and takes it only once it has something to write; if another run held the
// lease since, what was read may be out of date, so the run begins again under the lease.
import { invariant } from "../model/errors.ts";
import type { HeldLease, LeaseWish, State } from "../state/state.ts";

/** The part of its lease that a run uses. */
export interface RunLease extends Pick<HeldLease, "mayStart" | "confirm" | "writeMs" | "gathers"> {
  /**
   * Takes the lease, unless the run holds it already. Throws `BeginAgain` if another run held it since this one read the
   * state, and ReconcileError `state/…`, `run/interrupted`.
   */
  readonly hold: () => Promise<void>;
  /** As in `HeldLease`; undefined where the trail is the file itself. */
  readonly append: HeldLease["append"];
}

/** Ends an attempt whose plan may be out of date; the session begins another one, which holds the lease from the start. */
export class BeginAgain extends Error {}

interface OwnLease extends RunLease {
  /** Reads where the state stands, at the beginning of each attempt. Throws ReconcileError `state/…`, and as `open` does. */
  readonly look: (open: () => Promise<State>) => Promise<State>;
  /** Fires when this process must not write any more. */
  readonly lost: AbortSignal;
  /** Whether the state could not be used, or the lease not be taken: then nothing of the run is kept. */
  readonly isRefused: () => boolean;
  /** Never rejects. */
  readonly release: () => Promise<void>;
}

export function makeRunLease(wish: LeaseWish): OwnLease {
  let state: State | null = null;
  let held: HeldLease | null = null;
  let isRefused = false;
  const lost = new AbortController();
  const noteRefusal = (error: unknown): never => {
    isRefused = true;
    throw error;
  };
  return {
    lost: lost.signal,
    isRefused: () => isRefused,
    look: async (open) => {
      try {
        state = await open();
        await state.look();
        state.requireHere();
        return state;
      } catch (error) {
        return noteRefusal(error);
      }
    },
    hold: async () => {
      if (held) return;
      invariant(state !== null, "a run looks at the state before it takes the lease");
      const taken = await state.take(wish).catch(noteRefusal);
      held = taken;
      taken.lost.addEventListener("abort", () => {
        lost.abort(taken.lost.reason);
      });
      if (!taken.isNext) throw new BeginAgain();
    },
    mayStart: () => held?.mayStart() === true,
    get writeMs() {
      return held?.writeMs ?? null;
    },
    confirm: async () => (await held?.confirm()) === true,
    get gathers() {
      return held?.gathers === true;
    },
    get append() {
      return held?.append;
    },
    release: async () => {
      await held?.release();
    },
  };
}

/** A dry run writes nothing, so it has no lease. */
export const noLease: RunLease = {
  hold: () => {
    invariant(false, "a dry run takes no lease");
  },
  mayStart: () => false,
  writeMs: null,
  gathers: false,
  append: undefined,
  confirm: () => Promise.resolve(false),
};
