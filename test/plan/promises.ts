// The promises of the contract's Plan section, each under its own sentence: what must be true of every round's plan.
import { expect } from "vitest";
import { makePlan } from "../../src/plan/make-plan.ts";
import { poolOf } from "../../src/plan/places.ts";
import { listServing, type Operation, type Plan } from "../../src/model/plan.ts";
import type { LiveResource, ResourceDocument } from "../../src/model/resource.ts";
import type { TestKind } from "../support/kinds.ts";
import { applyToModel } from "../support/live-model.ts";
import { findLeast } from "./brute-force.ts";
import { fairShares, isRounded } from "./fair-shares.ts";
import type { Round } from "./history.ts";
import { applyPlan } from "./samples.ts";

export interface PlanPromise {
  readonly sentence: string;
  /** Throws where the round's plan breaks it; `random` gives whole numbers, the same for the same history. */
  readonly check: (round: Round, kind: TestKind, random: () => number) => void;
}

/** What holds for groups of any size. */
export const promises: readonly PlanPromise[] = [
  {
    sentence: "Converges: after applying it, a second plan is empty",
    check: ({ desired, live, plan, options }) => {
      const after = applyPlan(live, plan, options.kinds);
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
      const served = second.groups[0]?.endpoints.flatMap(listServing);
      expect(served?.every(({ webhookId }) => webhookId !== null)).toBe(true);
    },
  },
  {
    sentence:
      "Balanced: within a group, each endpoint's count is its fair (weighted) share rounded down or up",
    check: ({ desired, live, plan, options }, kind) => {
      const pool = poolOf(desired, options.limits);
      const cap = options.limits.maxEventTypesPerEndpoint;
      const after = applyPlan(live, plan, options.kinds);
      const count = desired.eventTypes.length;
      const shares = fairShares(
        count,
        pool.map(({ weight }) => weight),
        cap,
      );
      for (const [index, { url }] of pool.entries()) {
        const found = after.filter(({ endpoint }) => new URL(endpoint).href === new URL(url).href);
        const held = found.flatMap(({ eventTypes }) => eventTypes).length;
        expect(isCount(found.length, held, kind)).toBe(true);
        expect(held).toBeLessThanOrEqual(cap);
        expect(isRounded(held, shares[index])).toBe(true);
      }
      const everything = after.flatMap(({ eventTypes }) => eventTypes).sort();
      expect(everything).toEqual([...desired.eventTypes].sort());
    },
  },
  {
    sentence: "No shorter order of writes exists: sent a phase earlier, each write would leave a gap",
    check: ({ desired, live, plan, options }, kind) => {
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
        const now = delivered(applyToModel(live, [...earlier, operation], options.kinds));
        expect(kept.filter((eventType) => !now.has(eventType))).not.toEqual([]);
      }
    },
  },
  {
    sentence: "Gap-free: a webhook that gains a moved event type is written before the one that loses it",
    check: ({ desired, live, plan, options }) => {
      const before = delivered(live);
      const kept =
        desired.state === "enabled" ? desired.eventTypes.filter((eventType) => before.has(eventType)) : [];
      for (const operations of [plan.operations, reversedInPhase(plan.operations)]) {
        let state = live;
        for (const operation of operations) {
          state = applyToModel(state, [operation], options.kinds);
          const now = delivered(state);
          expect(kept.filter((eventType) => !now.has(eventType))).toEqual([]);
        }
      }
    },
  },
  {
    sentence: "At most one write per webhook; an unchanged webhook is not written",
    check: ({ live, plan }) => {
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
    },
  },
  {
    sentence: "The order of the input does not matter: a shuffled one gives the same bytes",
    check: ({ desired, live, plan, options }, _, random) => {
      const shuffled = live
        .map((webhook) => ({ webhook, key: random() }))
        .sort((a, b) => a.key - b.key)
        .map(({ webhook }) => ({ ...webhook, eventTypes: webhook.eventTypes.toReversed() }));
      expect(JSON.stringify(makePlan([desired], shuffled, options))).toBe(JSON.stringify(plan));
    },
  },
];

/** What only trying every balanced assignment can tell: of small groups. */
export const minimalMoves: PlanPromise = {
  sentence: "Minimal moves: no balanced assignment moves fewer event types from where they are now",
  check: (round) => {
    const [group] = round.plan.groups;
    expect(group?.moves.length).toBe(leastOf(round).moves);
    expect(group?.explanation?.leastMoves).toBe(leastOf(round).moves);
  },
};

export const minimalWrites: PlanPromise = {
  sentence: "Minimal writes: among assignments with the least moves the one with the fewest writes",
  check: (round) => {
    expect(round.plan.operations.length).toBe(leastOf(round).writes);
  },
};

/** An event type that someone made live twice by hand can be kept in several ways, of which not all are tried. */
export const minimalWritesOfParts: PlanPromise = {
  sentence:
    "Minimal writes: where no event type is live twice, no assignment with the least moves has fewer",
  check: (round, kind, random) => {
    const all = round.live.flatMap(({ eventTypes }) => eventTypes);
    if (new Set(all).size === all.length) minimalWrites.check(round, kind, random);
  },
};

const tried = new WeakMap<Round, ReturnType<typeof findLeast>>();

/** Trying takes long, and two promises ask. */
function leastOf(round: Round): ReturnType<typeof findLeast> {
  const known = tried.get(round) ?? findLeast(round.desired, round.live, round.options);
  tried.set(round, known);
  return known;
}

/** Whether so many resources may have so many event types of an endpoint. */
function isCount(resources: number, eventTypes: number, { granularity }: TestKind): boolean {
  if (granularity === "endpoint") return resources === Math.min(eventTypes, 1);
  return granularity === "eventType" ? resources === eventTypes : resources <= eventTypes;
}

/** What is left of what the group needs no more goes when all else is done. */
function isLastByRule({ action, reason }: Operation, { isMovable, granularity }: TestKind): boolean {
  return (
    reason.startsWith("another ") || (action === "delete" && (!isMovable || granularity === "eventType"))
  );
}

function delivered(live: readonly LiveResource[]): ReadonlySet<string> {
  return new Set(live.flatMap(({ state, eventTypes }) => (state === "enabled" ? eventTypes : [])));
}

function reversedInPhase(operations: readonly Operation[]): Operation[] {
  return operations.toReversed().sort((a, b) => a.phase - b.phase);
}

function meaning(resource: ResourceDocument | LiveResource) {
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
