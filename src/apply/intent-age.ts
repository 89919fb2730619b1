// How long ago an intent was recorded, perhaps by another machine: a clock that is wrong must neither make a wait too short
// nor longer than the wait itself.
import type { AgedIntent } from "../audit/open-intent.ts";
import type { Clock } from "../lib/clock.ts";

/** Longer than the client waits for any answer: a request that has not taken effect by then will not. */
export const lateMs = 60_000;

/** `Date` has whole seconds, and an answer takes a while to arrive. */
const dateErrorMs = 2_000;

/** The present, by this machine's clock and by the platform's time, which is null if it is unknown. */
export interface Present {
  readonly clock: Pick<Clock, "now" | "monotonic">;
  readonly platformNow: () => number | null;
}

/**
 * At least so many milliseconds are known to have passed since the intent's request can have left last; 0 if the platform's
 * time is unknown. A difference of two machines' clocks counts only where the platform's time confirms it: then it is the
 * more exact one.
 */
export function ageOf(
  { timestamp, lastSeenAt, platformTime }: Pick<AgedIntent, "timestamp" | "lastSeenAt" | "platformTime">,
  { clock, platformNow }: Present,
): number {
  const nowMs = platformNow();
  if (nowMs === null || platformTime === undefined) return 0;
  const waitedMs = Math.max(0, Date.parse(lastSeenAt) - Date.parse(timestamp)) || 0;
  const byPlatformMs = nowMs - Date.parse(platformTime) - waitedMs;
  const byClockMs = clock.now() - Date.parse(timestamp) - waitedMs;
  const isConfirmed = Math.abs(byClockMs - byPlatformMs) <= dateErrorMs;
  return Math.max(0, isConfirmed ? byClockMs : byPlatformMs - dateErrorMs);
}
