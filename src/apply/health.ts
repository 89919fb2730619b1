// Whether it makes sense to go on: not after the user or the clock said stop, nor where the platform is gone.
import { rowOf } from "../model/error-class.ts";
import { ReconcileError } from "../model/errors.ts";

/** Each write has had its own attempts and waits by then: so many in a row are no coincidence. */
const maxOutages = 5;

export interface Health {
  /** Why no further write is started, in words; null while all is well. */
  stopped(): string | null;
  /** The code of a write's error, or null where it succeeded. */
  count(code: string | null): void;
  /** Nothing may be written any more, because `reason`. */
  end(reason: string): void;
}

export function makeHealth(interrupted: AbortSignal): Health {
  let outages = 0;
  let ended: string | null = null;
  return {
    stopped: () => {
      const reason: unknown = interrupted.reason;
      if (reason instanceof ReconcileError) return reason.message;
      if (ended !== null) return ended;
      if (interrupted.aborted) return "interrupted";
      return outages >= maxOutages ? `${maxOutages} writes in a row found no platform` : null;
    },
    end: (reason) => {
      ended ??= reason;
    },
    count: (code) => {
      if (outages < maxOutages) outages = code !== null && rowOf(code).isOutage ? outages + 1 : 0;
    },
  };
}
