// Tells of a wait that an answer asks for, if it is long enough to look like a standstill.
import { ReconcileError } from "../../model/errors.ts";
import type { AttemptOutcome } from "./retry.ts";
import { retryAfterMs, sayMs } from "./retry-after.ts";

/** A shorter wait is no news. */
const leastSaidMs = 10_000;

export function sayWait(
  outcome: AttemptOutcome,
  asked: string,
  { onWait }: { readonly onWait?: ((words: string) => void) | undefined },
): void {
  if (outcome instanceof ReconcileError || retryAfterMs(outcome) < leastSaidMs) return;
  onWait?.(
    `${asked} answered ${outcome.status} and asks to be left alone for ${sayMs(retryAfterMs(outcome))}`,
  );
}
