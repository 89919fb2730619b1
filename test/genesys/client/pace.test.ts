import { expect, test } from "vitest";
import { makePace, type Pace } from "../../../src/genesys/client/pace.ts";
import { ReconcileError } from "../../../src/model/errors.ts";
import { makeFakeClock, type FakeClock } from "../../support/fake-clock.ts";
import { failureOf, rateHeaders, reply } from "../fake-send.ts";

function setUp(rateShare = 1) {
  const clock = makeFakeClock(0);
  return { clock, pace: makePace({ clock, rateShare }) };
}

/** Sends one request that is answered at once. */
async function pass(pace: Pace, headers: Record<string, string> = {}): Promise<void> {
  await pace.beforeRequest();
  pace.afterResponse(reply(200, "", headers));
}

/** Whether a request may be sent now; if so, it stays in flight. */
async function mayStart(pace: Pace, clock: FakeClock): Promise<boolean> {
  let started = false;
  void pace.beforeRequest().then(() => {
    started = true;
  });
  await clock.advance(0);
  return started;
}

test("without headers nothing waits", async () => {
  const { pace } = setUp();
  for (let sent = 0; sent < 1_000; sent += 1) await pass(pace);
  expect(pace.throttledMs()).toBe(0);
});

test("a used-up window is waited out, and the wait is counted", async () => {
  const { clock, pace } = setUp();
  await pass(pace, rateHeaders(300, 300, 20));
  expect(await mayStart(pace, clock)).toBe(false);
  await clock.advance(19_999);
  expect(clock.sleepers()).toBe(1);
  await clock.advance(1);
  expect(clock.sleepers()).toBe(0);
  expect(pace.throttledMs()).toBe(20_000);
});

test("only the share of the limit is used, and one request a window at least", async () => {
  const half = setUp(0.5);
  await pass(half.pace, rateHeaders(149, 300, 20));
  expect(await mayStart(half.pace, half.clock)).toBe(true);
  expect(await mayStart(half.pace, half.clock)).toBe(false);

  const sliver = setUp(0.001);
  await pass(sliver.pace, rateHeaders(0, 300, 20));
  expect(await mayStart(sliver.pace, sliver.clock)).toBe(true);
  expect(await mayStart(sliver.pace, sliver.clock)).toBe(false);
});

test("requests in flight keep their room", async () => {
  const { clock, pace } = setUp();
  await pass(pace, rateHeaders(297, 300, 20));
  const started = [];
  for (let index = 0; index < 5; index += 1) started.push(await mayStart(pace, clock));
  expect(started).toEqual([true, true, true, false, false]);
});

test("an answer that was overtaken does not lower the count", async () => {
  const { clock, pace } = setUp();
  await pace.beforeRequest();
  await pace.beforeRequest();
  pace.afterResponse(reply(200, "", rateHeaders(300, 300, 20)));
  pace.afterResponse(reply(200, "", rateHeaders(299, 300, 21)));
  expect(await mayStart(pace, clock)).toBe(false);
});

test("a window that ends much later is a new one", async () => {
  const { clock, pace } = setUp();
  await pace.beforeRequest();
  await pace.beforeRequest();
  pace.afterResponse(reply(200, "", rateHeaders(300, 300, 1)));
  pace.afterResponse(reply(200, "", rateHeaders(1, 300, 60)));
  expect(await mayStart(pace, clock)).toBe(true);
});

test("after a window's end its count is forgotten", async () => {
  const { clock, pace } = setUp();
  await pass(pace, rateHeaders(299, 300, 20));
  await clock.advance(20_000);
  await pass(pace, rateHeaders(1, 300, 60));
  expect(await mayStart(pace, clock)).toBe(true);
});

test("a request that was not answered counts as used", async () => {
  const { clock, pace } = setUp();
  await pass(pace, rateHeaders(298, 300, 20));
  await pace.beforeRequest();
  pace.afterResponse(null);
  expect(await mayStart(pace, clock)).toBe(true);
  expect(await mayStart(pace, clock)).toBe(false);
});

test("a hold stops every caller, and a shorter one does not end it", async () => {
  const { clock, pace } = setUp();
  pace.hold(5_000);
  pace.hold(1_000);
  expect(await mayStart(pace, clock)).toBe(false);
  expect(await mayStart(pace, clock)).toBe(false);
  await clock.advance(4_999);
  expect(clock.sleepers()).toBe(2);
  await clock.advance(1);
  expect(clock.sleepers()).toBe(0);
  expect(pace.throttledMs()).toBe(10_000);
});

test.each([
  ["no number", { ...rateHeaders(300, 300, 20), "inin-ratelimit-count": "many" }],
  ["a number with more behind it", { ...rateHeaders(300, 300, 20), "inin-ratelimit-count": "300 of 300" }],
  ["a number with more before it", { ...rateHeaders(300, 300, 20), "inin-ratelimit-count": "about 300" }],
  ["no count", { "inin-ratelimit-allowed": "300", "inin-ratelimit-reset": "20" }],
  ["nothing allowed", rateHeaders(0, 0, 20)],
  ["a reset next week", rateHeaders(300, 300, 600_000)],
  ["a negative reset", rateHeaders(300, 300, -5)],
  ["no reset", { "inin-ratelimit-count": "300", "inin-ratelimit-allowed": "300" }],
])("headers with %s are ignored", async (_what, headers) => {
  const { clock, pace } = setUp();
  await pass(pace, headers);
  expect(await mayStart(pace, clock)).toBe(true);
});

test("the longest window that is believed lasts five minutes", async () => {
  const { clock, pace } = setUp();
  await pass(pace, rateHeaders(300, 300, 300));
  expect(await mayStart(pace, clock)).toBe(false);
  const other = setUp();
  await pass(other.pace, rateHeaders(300, 300, 301));
  expect(await mayStart(other.pace, other.clock)).toBe(true);
});

test("an answer of the same window does not bring its end nearer", async () => {
  const { clock, pace } = setUp();
  await pace.beforeRequest();
  await pace.beforeRequest();
  pace.afterResponse(reply(200, "", rateHeaders(299, 300, 20)));
  pace.afterResponse(reply(200, "", rateHeaders(300, 300, 19)));
  expect(await mayStart(pace, clock)).toBe(false);
  await clock.advance(19_999);
  expect(clock.sleepers()).toBe(1);
});

test("an interruption ends the wait with an error", async () => {
  const clock = makeFakeClock(0);
  const interruption = new AbortController();
  const pace = makePace({ clock, rateShare: 1, interrupted: interruption.signal });
  pace.hold(60_000);
  const failure = failureOf(pace.beforeRequest());
  await clock.advance(2_000);
  interruption.abort();
  expect(await failure).toMatchObject({
    code: "api/interrupted",
    message: "interrupted while waiting to send",
    cause: { name: "AbortError" },
  });
  expect(pace.throttledMs()).toBe(2_000);
});

test("where the interruption has a reason for people, the error says that one", async () => {
  const clock = makeFakeClock(0);
  const interrupted = AbortSignal.abort(new ReconcileError("run/deadline", "the pass ran out of its time"));
  const pace = makePace({ clock, rateShare: 1, interrupted });
  pace.hold(1);
  expect((await failureOf(pace.beforeRequest())).message).toBe(
    "the pass ran out of its time while waiting to send",
  );
});
