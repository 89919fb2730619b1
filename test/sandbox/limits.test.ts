import { expect, test } from "vitest";
import { countRequest, makeRateWindow } from "../../src/sandbox/limits.ts";

function headersOf(count: number, allowed: number, reset: number): Record<string, string> {
  return {
    "inin-ratelimit-count": String(count),
    "inin-ratelimit-allowed": String(allowed),
    "inin-ratelimit-reset": String(reset),
  };
}

test("a window opens with its first request and lets its number in", () => {
  const window = makeRateWindow(2);
  expect(countRequest([window], 5_500)).toEqual({ admitted: true, headers: headersOf(1, 2, 60) });
  expect(countRequest([window], 6_499)).toEqual({ admitted: true, headers: headersOf(2, 2, 60) });
  expect(countRequest([window], 6_500)).toEqual({
    admitted: false,
    headers: { ...headersOf(2, 2, 59), "retry-after": "59" },
  });
});

test("who waits for Retry-After finds a new window", () => {
  const window = makeRateWindow(1);
  countRequest([window], 0);
  expect(countRequest([window], 59_999).headers).toMatchObject({ "retry-after": "1" });
  expect(countRequest([window], 60_999)).toEqual({ admitted: true, headers: headersOf(1, 1, 60) });
});

test("a window ends after exactly a minute", () => {
  const window = makeRateWindow(1);
  countRequest([window], 0);
  expect(countRequest([window], 59_999).admitted).toBe(false);
  expect(countRequest([window], 60_000).admitted).toBe(true);
});

test("a clock that goes back opens a new window instead of locking everyone out", () => {
  const window = makeRateWindow(1);
  countRequest([window], 1_000_000);
  expect(countRequest([window], 0)).toEqual({ admitted: true, headers: headersOf(1, 1, 60) });
});

test("the headers tell of the window that is nearest to its limit", () => {
  const [wide, narrow] = [makeRateWindow(10), makeRateWindow(3)];
  expect(countRequest([wide, narrow], 0).headers).toEqual(headersOf(1, 3, 60));
  expect(countRequest([narrow, wide], 0).headers).toEqual(headersOf(2, 3, 60));
});

test("a refused request counts in no window, and two full windows name the later end", () => {
  const early = makeRateWindow(1);
  const late = makeRateWindow(1);
  const open = makeRateWindow(5);
  countRequest([early], 0);
  countRequest([late], 30_000);
  expect(countRequest([early, open], 30_000).admitted).toBe(false);
  expect(open.count).toBe(0);
  expect(countRequest([early, late], 31_000).headers).toMatchObject({ "retry-after": "59" });
  expect(countRequest([late, early], 31_000).headers).toMatchObject({ "retry-after": "59" });
});
