// The promises of the contract's Plan section, each under its own sentence, on generated histories.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makePlan } from "../../src/plan/make-plan.ts";
import { poolOf } from "../../src/plan/places.ts";
import type { Operation, Plan } from "../../src/model/plan.ts";
import type { LiveWebhook } from "../../src/model/webhook.ts";
import { kinds, type TestKind } from "../support/kinds.ts";
import { applyToModel } from "../support/live-model.ts";
import { findLeast } from "./brute-force.ts";
import { fairShares, isRounded } from "./fair-shares.ts";
import { histories, walk, type Round, type Size } from "./history.ts";
import { applyPlan } from "./samples.ts";

/** How many times as many generated histories as usual: `npm run test:long` and `npm run mutation` set it. */
const times = Number(process.env["TIMES"] ?? 1);

/** With fewer than usual the same each time, and without a search for a smaller counterexample. */
function runs(numRuns: number): fc.Parameters<unknown> {
  return { numRuns: Math.ceil(numRuns * times), ...(times < 1 ? { seed: 1, endOnFailure: true } : {}) };
}

function holds(size: Size, numRuns: number, check: (round: Round) => void): void {
  fc.assert(
    fc.property(histories(size), (history) => {
      walk(history, check);
    }),
    runs(numRuns),
  );
}

describe.each(kinds)("Plan of $nouns", (kind) => {
  /** At least 30 changes a group, planned and applied round after round. */
  const large = { kind, endpoints: 6, types: 24, rounds: 32, leastRounds: 30 };
  /** Small enough to try every balanced assignment. */
  const small = { kind, endpoints: 4, types: 6, rounds: 4 };
  const lessSmall = { kind, endpoints: 5, types: 8, rounds: 3 };
  const isOfMany = kind.granularity === "endpoint";

  test("Converges: after applying it, a second plan is empty", () => {
    holds(large, 100, ({ desired, live, plan, options }) => {
      const after = applyPlan(live, plan);
      const second = makePlan([desired], after, options);
      expect({ operations: second.operations, diagnostics: second.diagnostics }).toEqual({
        operations: [],
        diagnostics: [],
      });
      expect(second.groups[0]).toMatchObject({ unchanged: after.length, moves: [] });
      // Those that were to be created have an id by now.
      const shares = (made: Plan) =>
        made.groups[0]?.endpoints.map(({ url, eventTypes }) => ({ url, eventTypes }));
      expect(shares(second)).toEqual(shares(plan));
      const served = second.groups[0]?.endpoints.flatMap(
        (endpoint): readonly { readonly webhookId: string | null }[] => endpoint.triggers ?? [endpoint],
      );
      expect(served?.every(({ webhookId }) => webhookId !== null)).toBe(true);
    });
  });

  test("Balanced: within a group, each endpoint's count is its fair (weighted) share rounded down or up", () => {
    holds(large, 100, ({ desired, live, plan, options }) => {
      const pool = poolOf(desired, options.limits);
      const cap = options.limits.maxEventTypesPerEndpoint;
      const after = applyPlan(live, plan);
      const count = desired.eventTypes.length;
      const shares = fairShares(
        count,
        pool.map(({ weight }) => weight),
        cap,
      );
      for (const [index, { url }] of pool.entries()) {
        const found = after.filter(({ endpoint }) => new URL(endpoint).href === new URL(url).href);
        const held = found.flatMap(({ eventTypes }) => eventTypes).length;
        expect(found.length).toBe(isOfMany ? Math.min(held, 1) : held);
        expect(held).toBeLessThanOrEqual(cap);
        expect(isRounded(held, shares[index])).toBe(true);
      }
      const everything = after.flatMap(({ eventTypes }) => eventTypes).sort();
      expect(everything).toEqual([...desired.eventTypes].sort());
    });
  });

  test("Minimal moves: no balanced assignment moves fewer event types from where they are now", () => {
    const check = ({ desired, live, plan, options }: Round): void => {
      const least = findLeast(desired, live, options);
      expect(plan.groups[0]?.moves.length).toBe(least.moves);
      expect(plan.groups[0]?.explanation?.leastMoves).toBe(least.moves);
    };
    holds(small, 1000, check);
    holds(lessSmall, 100, check);
  });

  // Triggers each have their own write, so that there is nothing to choose.
  test.runIf(isOfMany)(
    "Minimal writes: among assignments with the least moves the one with the fewest writes",
    () => {
      const check = ({ desired, live, plan, options }: Round): void => {
        const least = findLeast(desired, live, options);
        expect(plan.operations.length).toBe(least.writes);
      };
      holds(small, 1000, check);
      holds(lessSmall, 100, check);
    },
  );

  test("No shorter order of writes exists: sent a phase earlier, each write would leave a gap", () => {
    holds(large, 100, ({ desired, live, plan }) => {
      const before = delivered(live);
      const kept = desired.eventTypes.filter((eventType) => before.has(eventType));
      for (const operation of plan.operations) {
        const isTwice = live.some(
          ({ id, state, eventTypes }) =>
            state === "enabled" &&
            id !== operation.webhookId &&
            eventTypes.some((eventType) => operation.before?.eventTypes.includes(eventType)),
        );
        // What is delivered twice has one loser too many, and either could go first; a surplus webhook is last by rule.
        // What may deliver from one moment to the next is waited for as if it did.
        const mayDeliver = live.some(
          ({ id, state }) => id === operation.webhookId && !["enabled", "disabled"].includes(state),
        );
        if (operation.phase === 1 || isTwice || mayDeliver || isLastByRule(operation, kind)) continue;
        const earlier = plan.operations.filter(({ phase }) => phase < operation.phase - 1);
        const now = delivered(applyToModel(live, [...earlier, operation]));
        expect(kept.filter((eventType) => !now.has(eventType))).not.toEqual([]);
      }
    });
  });

  test("Gap-free: a webhook that gains a moved event type is written before the one that loses it", () => {
    holds(large, 100, ({ desired, live, plan }) => {
      const before = delivered(live);
      const kept =
        desired.state === "enabled" ? desired.eventTypes.filter((eventType) => before.has(eventType)) : [];
      for (const operations of [plan.operations, reversedInPhase(plan.operations)]) {
        let state = live;
        for (const operation of operations) {
          state = applyToModel(state, [operation]);
          const now = delivered(state);
          expect(kept.filter((eventType) => !now.has(eventType))).toEqual([]);
        }
      }
    });
  });

  test("At most one write per webhook; an unchanged webhook is not written", () => {
    holds(large, 100, ({ live, plan }) => {
      const ids = plan.operations.flatMap(({ webhookId }) => webhookId ?? []);
      expect(new Set(ids).size).toBe(ids.length);
      const created = plan.operations.filter(({ action }) => action === "create");
      expect(new Set(created.map(({ name }) => name)).size).toBe(created.length);
      for (const { webhookId, patch } of plan.operations) {
        expect({ webhookId, steps: patch.length }).not.toEqual({ webhookId, steps: 0 });
      }
      expect(plan.groups[0]?.unchanged).toBe(live.length - ids.length);
      for (const operation of plan.operations) {
        const hook = live.find(({ id }) => id === operation.webhookId);
        if (hook && operation.after) expect(meaning(operation.after)).not.toEqual(meaning(hook));
      }
    });
  });

  test("The order of the input does not matter: a shuffled one gives the same bytes", () => {
    fc.assert(
      fc.property(histories(large), fc.infiniteStream(fc.nat()), (history, numbers) => {
        walk(history, ({ desired, live, plan, options }) => {
          const shuffled = live
            .map((webhook) => ({ webhook, key: Number(numbers.next().value) }))
            .sort((a, b) => a.key - b.key)
            .map(({ webhook }) => ({ ...webhook, eventTypes: webhook.eventTypes.toReversed() }));
          expect(JSON.stringify(makePlan([desired], shuffled, options))).toBe(JSON.stringify(plan));
        });
      }),
      runs(60),
    );
  });
});

/** What is left of what the group needs no more goes when all else is done. */
function isLastByRule({ action, reason }: Operation, { isMovable, granularity }: TestKind): boolean {
  return (
    reason.startsWith("another ") || (action === "delete" && (!isMovable || granularity === "eventType"))
  );
}

function delivered(live: readonly LiveWebhook[]): ReadonlySet<string> {
  return new Set(live.flatMap(({ state, eventTypes }) => (state === "enabled" ? eventTypes : [])));
}

function reversedInPhase(operations: readonly Operation[]): Operation[] {
  return operations.toReversed().sort((a, b) => a.phase - b.phase);
}

function meaning(resource: Omit<LiveWebhook, "id">) {
  const { endpoint, eventTypes, retryPolicy, state, description, name, trigger } = resource;
  const intervalS = { PT1M: 60, PT60S: 60, PT30S: 30 }[retryPolicy?.retryInterval ?? ""];
  return {
    name,
    endpoint: new URL(endpoint).href,
    eventTypes: new Set(eventTypes),
    retryPolicy: retryPolicy && { ...retryPolicy, retryInterval: intervalS },
    state,
    description,
    trigger,
  };
}
