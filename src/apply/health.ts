// Decides whether a pass goes on: not after the user or the deadline stops it, nor if the platform does not answer.
import { rowOf } from "../model/error-class.ts";
import { errorText, ReconcileError } from "../model/errors.ts";

/** Each write was retried by then, so as many failures in a row are no coincidence. */
const maxOutages = 5;

export interface Health {
  /** Returns why no further write is started, in words; null while all is well. */
  stopped(): string | null;
  /** Counts the code of a write's error, or null if it succeeded. */
  count(code: string | null): void;
  /** Stops all further writes; `reason` tells why. */
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

/** Adds what only a person can mend to the error's text, so that the user reads it wherever the error is shown. */
export function withWayOut(error: unknown): string {
  const { code = "", hint = null } = error instanceof ReconcileError ? error : {};
  const { isAccessRefused, write } = rowOf(code);
  return (isAccessRefused || write === "notReady") && hint !== null
    ? `${errorText(error)}; ${hint}`
    : errorText(error);
}
