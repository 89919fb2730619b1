// Plans of what the manifests change: new groups, pools, event types and fields.
import { describe, expect, test } from "vitest";
import { webhookName } from "../../src/model/ownership.ts";
import type { LiveWebhook } from "../../src/model/webhook.ts";
import { applyPlan, makePool, makeSubscription, poolUrl, settle, typeNames } from "./samples.ts";
import { edit, plan, reasonsOf, split, writesOf } from "./plans.ts";

describe("a fresh organisation", () => {
  test("a group within the limit is one webhook at its endpoint", () => {
    const name = webhookName("orders", "https://hooks.example.com/main");
    const after = {
      name,
      endpoint: "https://hooks.example.com/main",
      eventTypes: ["t.00", "t.01", "t.02"],
      retryPolicy: { retryCount: 3, retryInterval: "PT1M", retryOnTimeout: true },
      state: "enabled",
      description:
        "Consumer group: orders | Offset tracking: /var/data/orders.json | Managed by: reconcile (acme)",
    };
    expect(plan([makeSubscription({ eventTypes: ["t.02", "t.00", "t.01"] })], [])).toEqual({
      operations: [
        {
          action: "create",
          group: "orders",
          endpoint: "https://hooks.example.com/main",
          webhookId: null,
          name,
          phase: 1,
          patch: Object.entries(after).map(([key, value]) => ({ op: "add", path: `/${key}`, value })),
          cause: { code: "groupIsNew" },
          reason: "the consumer group is new",
          status: "planned",
          error: null,
          before: null,
          after,
        },
      ],
      prunes: [],
      groups: [
        {
          group: "orders",
          place: { file: "subscriptions/orders.yaml", line: 1, column: 1 },
          state: "enabled",
          endpoints: [
            {
              url: "https://hooks.example.com/main",
              eventTypes: ["t.02", "t.00", "t.01"],
              estimatedThroughput: 240,
              webhookId: null,
            },
          ],
          moves: [],
          unchanged: 0,
          skipped: null,
          frozen: null,
          capacity: 15,
          explanation: null,
        },
      ],
      drift: [],
      orphans: [],
      unmanaged: 0,
      diagnostics: [],
    });
  });

  test("event type i goes to endpoint i mod pool size, in manifest order", () => {
    const eventTypes = typeNames(16).reverse();
    const desired = makeSubscription({ eventTypes, endpointPool: makePool(1, 1, 1) });
    expect(plan([desired], []).groups[0]?.endpoints.map(({ eventTypes }) => eventTypes)).toEqual(
      [0, 1, 2].map((slot) => eventTypes.filter((_, index) => index % 3 === slot)),
    );
  });

  test("an endpoint of more weight gets more", () => {
    const made = plan([split({ endpointPool: makePool(1, 2, 1), eventTypes: typeNames(8) })], []);
    expect(made.groups[0]?.endpoints.map(({ eventTypes }) => eventTypes.length)).toEqual([2, 4, 2]);
  });

  test("an endpoint whose share is nothing has no webhook", () => {
    const made = plan([split({ endpointPool: makePool(1, 1, 1), eventTypes: typeNames(2) })], []);
    expect(writesOf(made)).toEqual(["1 create p0 [t.00]", "1 create p1 [t.01]"]);
    expect(made.groups[0]?.endpoints.map(({ url }) => url)).toEqual([poolUrl(0), poolUrl(1)]);
    expect(made.groups[0]?.unchanged).toBe(0);
  });

  test("an endpoint whose share is less than one gets nothing where that saves a webhook", () => {
    const made = plan([split({ endpointPool: makePool(1, 1, 7), eventTypes: typeNames(2) })], []);
    expect(writesOf(made)).toEqual(["1 create p2 [t.00 t.01]"]);
  });

  test("the throughput estimate is the rate × the event types × 0.8, rounded", () => {
    const made = plan([split({ historicalRate: 33, eventTypes: typeNames(3) })], []);
    expect(made.groups[0]?.endpoints.map((endpoint) => endpoint.estimatedThroughput)).toEqual([53, 26]);
  });
});

describe("what is as desired is left alone", () => {
  test("a second plan is empty", () => {
    const desired = [makeSubscription({ group: "billing" }), split()];
    const second = plan(desired, settle(desired));
    expect(second.operations).toEqual([]);
    expect(second.groups.map(({ unchanged, moves }) => ({ unchanged, moves }))).toEqual([
      { unchanged: 1, moves: [] },
      { unchanged: 2, moves: [] },
    ]);
  });

  test("PT60S is PT1M", () => {
    const retryPolicy = { retryCount: 3, retryInterval: "PT60S", retryOnTimeout: true };
    expect(plan([makeSubscription({ retryPolicy })], settle([makeSubscription()])).operations).toEqual([]);
  });

  test("https://A.example.com:443/x is https://a.example.com/x", () => {
    const live = settle([makeSubscription({ endpointUrl: "https://A.example.com:443/x" })]);
    expect(plan([makeSubscription({ endpointUrl: "https://a.example.com/x" })], live).operations).toEqual(
      [],
    );
  });

  test("an event type that the platform lists twice is there once", () => {
    const live = edit(settle([split()]), 0, { eventTypes: ["t.00", "t.00", "t.02"] });
    expect(plan([split()], live).operations).toEqual([]);
  });

  test("the order of a pool and of event types is nobody's business once they are live", () => {
    const turned = split({
      endpointPool: makePool(1, 1).toReversed(),
      eventTypes: typeNames(4).reverse(),
    });
    expect(plan([turned], settle([split()])).operations).toEqual([]);
  });
});

describe("a pool that changes", () => {
  test("one endpoint left and one joined: the webhook is re-pointed, in one update", () => {
    const desired = split({
      endpointPool: [
        { url: poolUrl(0), weight: 1 },
        { url: poolUrl(7), weight: 1 },
      ],
    });
    const made = plan([desired], settle([split()]));
    expect(writesOf(made)).toEqual(["1 update p7 [t.01 t.03]"]);
    expect(made.operations[0]).toMatchObject({
      webhookId: "hook-2",
      name: webhookName("orders", poolUrl(7)),
      reason: `re-pointed from ${poolUrl(1)}, which the group no longer uses`,
    });
    expect(made.groups[0]?.moves).toEqual([
      {
        eventType: "t.01",
        from: poolUrl(1),
        to: poolUrl(7),
        reason: `the group no longer uses ${poolUrl(1)}`,
      },
      {
        eventType: "t.03",
        from: poolUrl(1),
        to: poolUrl(7),
        reason: `the group no longer uses ${poolUrl(1)}`,
      },
    ]);
    expect(plan([desired], applyPlan(settle([split()]), made)).operations).toEqual([]);
  });

  test("explained, it says shares, what stays, what moves, and the least that must", () => {
    const live = settle([split({ eventTypes: typeNames(5) })]);
    const pool = [...makePool(1, 0), { url: poolUrl(7), weight: 2 }].filter(({ weight }) => weight > 0);
    const made = plan([split({ eventTypes: [...typeNames(5), "t.new"], endpointPool: pool })], live, {
      explain: true,
    });
    expect(made.groups[0]?.explanation).toEqual({
      endpoints: [
        {
          url: poolUrl(0),
          weight: 1,
          share: "2",
          quota: 2,
          holds: 3,
          stay: ["t.00", "t.02"],
          arrive: [],
          added: [],
          leave: ["t.04"],
        },
        {
          url: poolUrl(7),
          weight: 2,
          share: "4",
          quota: 4,
          holds: 0,
          stay: [],
          arrive: ["t.01", "t.03", "t.04"],
          added: ["t.new"],
          leave: [],
        },
      ],
      left: [{ url: poolUrl(1), eventTypes: ["t.01", "t.03"] }],
      live: 5,
      leastMoves: 3,
    });
    expect(made.groups[0]?.moves.length).toBe(3);
  });

  test("what comes from several endpoints, or goes to several, says so", () => {
    const live = settle([split({ eventTypes: typeNames(6) })]);
    const grown = plan([split({ eventTypes: typeNames(6), endpointPool: makePool(1, 1, 1) })], live);
    expect(reasonsOf(grown)).toContain("the pool gained this endpoint");
    const shrunk = plan(
      [split({ eventTypes: typeNames(6), endpointPool: makePool(1) })],
      applyPlan(live, grown),
    );
    expect(reasonsOf(shrunk)[0]).toBe("takes over 4 event types from 2 other endpoints");
  });

  test("it shrinks: the others gain first, then the webhook goes", () => {
    const made = plan([split({ endpointPool: makePool(1) })], settle([split()]));
    expect(writesOf(made)).toEqual(["1 update p0 [t.00 t.01 t.02 t.03]", "2 delete p1"]);
    expect(reasonsOf(made)).toEqual([
      "takes over 2 event types from another endpoint",
      "the group no longer uses this endpoint",
    ]);
  });

  test("it grows: the new endpoint gains first, then the others lose, and no more than they must", () => {
    const made = plan([split({ endpointPool: makePool(1, 1, 1) })], settle([split()]));
    expect(writesOf(made)).toEqual(["1 create p2 [t.03]", "2 update p1 [t.01]"]);
    expect(reasonsOf(made)).toEqual([
      "the pool gained this endpoint",
      "hands 1 event type to another endpoint",
    ]);
    expect(made.groups[0]).toMatchObject({
      moves: [
        {
          eventType: "t.03",
          from: poolUrl(1),
          to: poolUrl(2),
          reason: `${poolUrl(1)} holds more than its share of 4/3 (1.33), here 1`,
        },
      ],
      unchanged: 1,
    });
  });

  test("crossing the limit upwards splits the group; the endpoint of before hands over and goes last", () => {
    const endpointPool = makePool(1, 1);
    const one = makeSubscription({ eventTypes: typeNames(15), endpointPool });
    const made = plan([makeSubscription({ eventTypes: typeNames(16), endpointPool })], settle([one]));
    expect(made.operations.map(({ phase, action, endpoint }) => [phase, action, endpoint])).toEqual([
      [1, "create", poolUrl(1)],
      [2, "update", poolUrl(0)],
    ]);
    expect(made.groups[0]?.moves.length).toBe(15);
  });

  test("crossing the limit downwards brings the group back together", () => {
    const endpointPool = makePool(1, 1);
    const many = makeSubscription({ eventTypes: typeNames(16), endpointPool });
    const made = plan([makeSubscription({ eventTypes: typeNames(15), endpointPool })], settle([many]));
    expect(made.operations.map(({ phase, action, endpoint }) => [phase, action, endpoint])).toEqual([
      [1, "update", "https://hooks.example.com/main"],
      [2, "delete", poolUrl(1)],
    ]);
    expect(made.groups[0]?.endpoints.map(({ eventTypes }) => eventTypes.length)).toEqual([15]);
  });
});

describe("event types and fields that change", () => {
  test("an event type that joins goes to the endpoint with room, and nothing moves", () => {
    const live = settle([split({ eventTypes: typeNames(3) })]);
    const made = plan([split()], live);
    expect(writesOf(made)).toEqual(["1 update p1 [t.01 t.03]"]);
    expect(made.operations[0]).toMatchObject({
      patch: [{ op: "add", path: "/eventTypes/1", value: "t.03" }],
      reason: "1 event type is added",
    });
    expect(made.groups[0]).toMatchObject({ moves: [], unchanged: 1 });
  });

  test("an endpoint is shown with its webhook, and with its event types in the order of the manifest", () => {
    const live = settle([split({ eventTypes: ["t.00", "t.01"] })]);
    const made = plan([split({ eventTypes: ["t.03", "t.02", "t.01", "t.00"] })], live);
    expect(made.groups[0]?.endpoints).toEqual([
      { url: poolUrl(0), eventTypes: ["t.03", "t.00"], estimatedThroughput: 160, webhookId: "hook-1" },
      { url: poolUrl(1), eventTypes: ["t.02", "t.01"], estimatedThroughput: 160, webhookId: "hook-2" },
    ]);
  });

  test("an event type that is removed is one update", () => {
    const made = plan([split({ eventTypes: ["t.00", "t.01", "t.02"] })], settle([split()]));
    expect(writesOf(made)).toEqual(["1 update p1 [t.01]"]);
    expect(reasonsOf(made)).toEqual(["1 event type is removed"]);
  });

  test("a webhook that was disabled by hand is enabled again, before anything else waits for it", () => {
    const live = edit(settle([makeSubscription()]), 0, { state: "disabled" });
    const made = plan([makeSubscription()], live);
    expect(made.operations).toMatchObject([
      {
        action: "update",
        patch: [{ op: "replace", path: "/state", value: "enabled" }],
        reason: "state disabled → enabled",
      },
    ]);
  });

  test("retry policy, state file and name are put right, each with its reason", () => {
    const settled = settle([makeSubscription()]);
    const reason = (changes: Partial<LiveWebhook>): string[] =>
      reasonsOf(plan([makeSubscription()], edit(settled, 0, changes)));
    expect(reason({ retryPolicy: null })).toEqual(["retry policy changed"]);
    expect(reason({ name: "by hand" })).toEqual(["name changed"]);
    expect(reason({ description: "Consumer group: orders | Managed by: reconcile (acme)" })).toEqual([
      "description changed",
    ]);
  });
});
