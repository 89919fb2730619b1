// Why each webhook is written and each event type moves, in the words that a reviewer reads.
import { expect, test } from "vitest";
import { makePlan } from "../../src/plan/make-plan.ts";
import type { Plan } from "../../src/model/plan.ts";
import type { Subscription } from "../../src/model/subscription.ts";
import { defaults, makePool, makeSubscription, poolUrl, settle, typeNames } from "./samples.ts";

const split = (count: number, ...weights: readonly number[]): Subscription =>
  makeSubscription({
    rebalanceMode: "always",
    eventTypes: typeNames(count),
    endpointPool: makePool(...weights),
  });

const change = (before: Subscription, after: Subscription): Plan =>
  makePlan([after], settle([before]), defaults);

const reasonsOf = ({ operations }: Plan): string[] =>
  operations.map(
    ({ action, endpoint, reason }) => `${action} ${endpoint.split("/").at(-1) ?? ""}: ${reason}`,
  );

test.each<[title: string, before: Subscription, after: Subscription, reasons: readonly string[]]>([
  [
    "one webhook becomes several: the group is split, and hands over to as many as take over",
    split(6, 1),
    split(6, 1, 1, 1),
    [
      "create p1: the group is split over its pool",
      "create p2: the group is split over its pool",
      "update p0: hands 4 event types to 2 other endpoints",
    ],
  ],
  [
    "of endpoints that left each counts only where its event types go",
    split(4, 1, 1, 1, 1),
    split(4, 1, 1),
    [
      "update p0: takes over 1 event type from another endpoint",
      "update p1: takes over 1 event type from another endpoint",
      "delete p2: the group no longer uses this endpoint",
      "delete p3: the group no longer uses this endpoint",
    ],
  ],
  [
    "an endpoint that stays in the pool, with too little weight for an event type",
    split(2, 1, 1),
    split(2, 1, 1, 7),
    ["create p2: the pool gained this endpoint", "delete p1: the endpoint's share is nothing"],
  ],
  ["several event types are several", split(1, 1), split(3, 1), ["update p0: 2 event types are added"]],
  [
    "several that leave the manifest as well",
    split(3, 1),
    split(1, 1),
    ["update p0: 2 event types are removed"],
  ],
])("%s", (_, before, after, reasons) => {
  expect(reasonsOf(change(before, after))).toEqual(reasons);
});

test("moves are listed by event type, whichever endpoints they go to", () => {
  const turned = (...weights: readonly number[]): Subscription => ({
    ...split(6, ...weights),
    eventTypes: typeNames(6).reverse(),
  });
  const reason = `the group no longer uses ${poolUrl(2)}`;
  expect(change(turned(1, 1, 1), turned(1, 1)).groups[0]?.moves).toEqual([
    { eventType: "t.00", from: poolUrl(2), to: poolUrl(1), reason },
    { eventType: "t.03", from: poolUrl(2), to: poolUrl(0), reason },
  ]);
});
