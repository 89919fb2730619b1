// Waits before a request, and stops waiting as soon as the user interrupts.
import type { Clock } from "../../lib/clock.ts";
import { ReconcileError } from "../../model/errors.ts";

/** Throws ReconcileError `api/interrupted` when the signal fires; the waiting request has not been sent. */
export async function wait(clock: Clock, delayMs: number, interrupted?: AbortSignal): Promise<void> {
  try {
    await clock.sleep(delayMs, interrupted);
  } catch (error) {
    const reason: unknown = interrupted?.reason;
    const why = reason instanceof ReconcileError ? reason.message : "interrupted";
    throw new ReconcileError("api/interrupted", `${why} while waiting to send`, { cause: error });
  }
}
