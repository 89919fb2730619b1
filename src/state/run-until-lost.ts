// Runs a daemon under its lease, until the lease is lost or a person interrupts it.
import type { HeldLease } from "./state.ts";

/** `stopped` fires on an interrupt, and when the lease is lost. Gives the lease back. */
export async function runUntilLost(
  lease: Pick<HeldLease, "lost" | "release">,
  interrupted: AbortSignal,
  action: (stopped: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const end = (): void => {
    stop.abort(interrupted.reason);
  };
  interrupted.addEventListener("abort", end);
  lease.lost.addEventListener("abort", end);
  try {
    await action(stop.signal);
  } finally {
    interrupted.removeEventListener("abort", end);
    await lease.release();
  }
}
