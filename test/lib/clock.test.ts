// The real clock: the one place that sets timers.
import { expect, test } from "vitest";
import { systemClock } from "../../src/lib/clock.ts";

/** Node runs a timer of a longer delay after 1 ms. */
const longestTimerMs = 2 ** 31 - 1;
/** Long enough for a timer of 1 ms to fire several times. */
const momentMs = 30;

const tooLong = [longestTimerMs + 1, 40 * 86_400_000, 2 ** 53, Infinity];

test.each(tooLong)("a wait of %d ms does not end at once, and can be ended", async (delayMs) => {
  const end = new AbortController();
  const sleeping = systemClock.sleep(delayMs, end.signal).then(
    () => "over",
    (error: unknown) => (error as Error).name,
  );
  const moment = systemClock.sleep(momentMs).then(() => "still waiting");
  expect(await Promise.race([sleeping, moment])).toBe("still waiting");
  end.abort();
  expect(await sleeping).toBe("AbortError");
});

test.each(tooLong)("what is repeated every %d ms is not called at once", async (everyMs) => {
  let calls = 0;
  const stop = systemClock.repeat(everyMs, () => {
    calls += 1;
  });
  await systemClock.sleep(momentMs);
  stop();
  expect(calls).toBe(0);
});

test.each([0, -1, 0.5, Number.NaN])("a wait of %d ms is over at once", async (delayMs) => {
  const moment = systemClock.sleep(1_000).then(() => "still waiting");
  expect(await Promise.race([systemClock.sleep(delayMs).then(() => "over"), moment])).toBe("over");
});
