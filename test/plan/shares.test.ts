// Fair shares are exact, and what the cap cuts off goes to the others by weight.
import { describe, expect, test } from "vitest";
import { makeShares } from "../../src/plan/shares.ts";

const whole = (floor: number) => expect.objectContaining({ floor, fractional: false }) as unknown;
const part = (floor: number) => expect.objectContaining({ floor, fractional: true }) as unknown;

describe("makeShares", () => {
  test("equal weights share equally", () => {
    expect(makeShares(12, [1, 1, 1], 15)).toEqual([whole(4), whole(4), whole(4)]);
    expect(makeShares(13, [1, 1, 1], 15)).toEqual([part(4), part(4), part(4)]);
  });

  test("weights share in proportion, and a whole share is not fractional", () => {
    expect(makeShares(16, [1, 2, 1], 15)).toEqual([whole(4), whole(8), whole(4)]);
    expect(makeShares(10, [1, 2, 4], 15)).toEqual([part(1), part(2), part(5)]);
  });

  test("a share is given as a fraction too", () => {
    expect(makeShares(10, [1, 2], 15)).toEqual([
      { numerator: 10, denominator: 3, floor: 3, fractional: true },
      { numerator: 20, denominator: 3, floor: 6, fractional: true },
    ]);
  });

  test("shares are exact where floating point is not", () => {
    // 49 × (1 / 49) is 0.9999999999999999 in floating point.
    expect(
      makeShares(
        49,
        Array.from({ length: 49 }, () => 1),
        15,
      ),
    ).toEqual(Array.from({ length: 49 }, () => whole(1)));
    expect(makeShares(3, [1000, 999, 1], 15)).toEqual([part(1), part(1), part(0)]);
  });

  test("what a share has above the cap is spread over the others by weight", () => {
    // 9 : 2 : 1 of 24 is 18 : 4 : 2; the 3 above 15 go 2 : 1.
    expect(makeShares(24, [9, 2, 1], 15)).toEqual([whole(15), whole(6), whole(3)]);
  });

  test("an endpoint that only passes the cap with what it was handed is capped as well", () => {
    // 10 : 5 : 1 of 32 is 20 : 10 : 2; of the 17 left the second's share is 14.17. Of 40 it is 20.8.
    expect(makeShares(32, [10, 5, 1], 15)).toEqual([whole(15), part(14), part(2)]);
    expect(makeShares(40, [10, 5, 1], 15)).toEqual([whole(15), whole(15), whole(10)]);
  });

  test("a share of exactly the cap is kept, and a full pool has no fractions", () => {
    expect(makeShares(45, [1, 1, 1], 15)).toEqual([whole(15), whole(15), whole(15)]);
    expect(makeShares(30, [7, 1], 15)).toEqual([whole(15), whole(15)]);
    expect(makeShares(20, [3, 1], 15)).toEqual([whole(15), whole(5)]);
  });

  test("an endpoint's share can be nothing but a fraction", () => {
    expect(makeShares(2, [1, 1, 1], 15)).toEqual([part(0), part(0), part(0)]);
    expect(makeShares(0, [1, 2], 15)).toEqual([whole(0), whole(0)]);
  });

  test("more than fits is our own bug: validation refuses it", () => {
    expect(() => makeShares(31, [1, 1], 15)).toThrow("31 event types do not fit 2 endpoints");
  });
});
