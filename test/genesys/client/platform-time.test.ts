// The platform's time, by the `Date` of its last answer.
import { expect, test } from "vitest";
import { makePlatformTime } from "../../../src/genesys/client/platform-time.ts";
import { makeFakeClock } from "../../support/fake-clock.ts";
import { reply } from "../fake-send.ts";

const ourMs = Date.UTC(2026, 0, 1);

test("goes on from the last answer's Date, whatever this machine's clock says", async () => {
  const clock = makeFakeClock(ourMs);
  const time = makePlatformTime(clock);
  expect(time.now()).toBe(null);
  time.see(reply(200, "", { date: "Sun, 29 Nov 2026 22:13:20 GMT" }));
  await clock.advance(1_500);
  expect(time.now()).toBe(Date.UTC(2026, 10, 29, 22, 13, 21, 500));
  time.see(reply(503, "", { date: "Sun, 29 Nov 2026 22:13:30 GMT" }));
  expect(time.now()).toBe(Date.UTC(2026, 10, 29, 22, 13, 30));
});

test.each(["", "tomorrow", "2026-11-29T22:13:20Z", "Sun, 99 Nov 2026 22:13:20 GMT", "9".repeat(100_000)])(
  "an answer with the Date %.40s tells no time",
  (date) => {
    const time = makePlatformTime(makeFakeClock(ourMs));
    time.see(reply(200, "", { date }));
    time.see(reply(200));
    expect(time.now()).toBe(null);
  },
);

test.each([
  [2_000, true],
  [2_001, false],
  [-2_001, false],
  [40 * 86_400_000, false],
])("is unknown after the machine slept, or its clock was set: by %d ms (known: %s)", (byMs, isKnown) => {
  const clock = makeFakeClock(ourMs);
  let setMs = 0;
  const time = makePlatformTime({ ...clock, now: () => clock.now() + setMs });
  time.see(reply(200, "", { date: "Sun, 29 Nov 2026 22:13:20 GMT" }));
  setMs = byMs;
  expect(time.now() !== null).toBe(isKnown);
});
