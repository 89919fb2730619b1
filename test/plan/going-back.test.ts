// Event types that someone took out of a route go back to where the trail last recorded them.
import fc from "fast-check";
import { expect, test } from "vitest";
import { route } from "../../src/kinds/route/kind.ts";
import { asDocument } from "../../src/model/document.ts";
import { makeLive, type LiveResource } from "../../src/model/resource.ts";
import { makePlan, type PlanOptions } from "../../src/plan/make-plan.ts";
import type { Subscription } from "../../src/model/subscription.ts";
import { applyPlan, defaults, makePool, makeSubscription } from "./samples.ts";

const limits = { ...defaults.limits, maxEventTypesPerEndpoint: 1000 };
const options: PlanOptions = { ...defaults, limits };

/** Long names, so that an endpoint soon has several rules. */
const longNames = (count: number): string[] =>
  Array.from(
    { length: count },
    (_, index) => `v2.topic.${String(index).padStart(3, "0")}.${"x".repeat(180)}`,
  );

const groupOf = (types: number, weights: readonly number[]): Subscription =>
  makeSubscription({
    ...{ kind: route, retryPolicy: route.options?.defaults as never },
    ...{ eventTypes: longNames(types), endpointPool: makePool(...weights), rebalanceMode: "always" },
  });

const routesOf = (live: readonly LiveResource[]): readonly LiveResource[] =>
  live.filter(({ kind }) => kind === route);

const contents = (
  live: readonly LiveResource[],
): readonly (readonly [string, string, readonly string[]])[] =>
  routesOf(live)
    .map(({ name, endpoint, eventTypes }) => [name, endpoint, [...eventTypes].sort()] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));

/** What a group has after it was spread over one pool and then over another, and what is left of it after someone's edit. */
interface Edit {
  readonly types: number;
  readonly before: number[];
  readonly after: number[];
  /** For each event type, 0 if it is taken out. */
  readonly taken: fc.Stream<number>;
}

const edits: fc.Arbitrary<Edit> = fc.record({
  types: fc.integer({ min: 1, max: 45 }),
  before: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }),
  after: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }),
  taken: fc.infiniteStream(fc.nat({ max: 3 })),
});

function edited({ types, before, after, taken }: Edit) {
  const first = groupOf(types, before);
  const desired = groupOf(types, after);
  const start = applyPlan([], makePlan([first], [], options));
  const whole = applyPlan(start, makePlan([desired], start, options));
  const recorded = new Map(whole.map((one) => [one.id, asDocument(one)]));
  const live = whole.map((one) => {
    const left = one.eventTypes.filter(() => taken.next().value !== 0);
    const isEdited = one.kind === route && left.length > 0;
    return isEdited ? makeLive(route, { ...one, eventTypes: left }) : one;
  });
  return { desired, whole, live, recorded };
}

test("all of them, where nothing else changed", () => {
  fc.assert(
    fc.property(edits, (given) => {
      const { desired, whole, live, recorded } = edited(given);
      const back = applyPlan(live, makePlan([desired], live, { ...options, recorded }));
      expect(contents(back)).toEqual(contents(whole));
    }),
    { numRuns: 200, seed: 20261201 },
  );
});

test("and what is still delivered moves no more than without a trail", () => {
  fc.assert(
    fc.property(
      edits,
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }),
      (given, pool) => {
        const { live, recorded } = edited(given);
        const desired = groupOf(given.types, pool);
        const plan = makePlan([desired], live, { ...options, recorded, explain: true });
        const without = makePlan([desired], live, { ...options, explain: true });
        expect(plan.groups[0]?.moves.length).toBe(without.groups[0]?.moves.length);
        expect(plan.groups[0]?.explanation?.leastMoves).toBe(without.groups[0]?.explanation?.leastMoves);
        const again = applyPlan(live, plan);
        expect(makePlan([desired], again, options).operations).toEqual([]);
      },
    ),
    { numRuns: 200, seed: 20261202 },
  );
});
