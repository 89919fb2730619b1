// Lets time pass in the middle of a pass.
import type { Clock } from "../lib/clock.ts";

/** Resolves after the time, or at once if the pass is interrupted; false then. */
export function pause(
  delayMs: number,
  { clock, interrupted }: { readonly clock: Clock; readonly interrupted: AbortSignal },
): Promise<boolean> {
  return clock.sleep(delayMs, interrupted).then(
    () => true,
    () => false,
  );
}
