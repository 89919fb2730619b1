// A pool of one endpoint is assigned by a way of its own, which must come to what the general way comes to.
import fc from "fast-check";
import { expect, test } from "vitest";
import { assign, assignToOne } from "../../src/plan/assign.ts";
import { typeNames } from "./samples.ts";

const some = fc.subarray(typeNames(8));

test("one endpoint gets everything, as by the way for many", () => {
  fc.assert(
    fc.property(
      fc.record({
        wanted: some,
        live: some,
        isRight: fc.boolean(),
        isOccupied: fc.boolean(),
        leavers: fc.array(some, { maxLength: 2 }),
        weight: fc.integer({ min: 1, max: 1000 }),
      }),
      ({ wanted, live, isRight, isOccupied, leavers, weight }) => {
        const held = new Set(isOccupied ? live.filter((eventType) => wanted.includes(eventType)) : []);
        const right = isRight && isOccupied ? [held] : [];
        const slot = { weight, held, right, occupied: isOccupied, writesFor: null };
        const byMany = assign(wanted, [slot], {
          ...{ cap: 15, keepFirst: wanted, leavers: leavers.map((eventTypes) => new Set(eventTypes)) },
        });
        const more = { cap: 15, weight, held, isOccupied, leavers: leavers.length };
        expect(assignToOne(wanted, more)).toEqual(byMany);
      },
    ),
    { numRuns: 500 },
  );
});
