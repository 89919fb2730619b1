// Plans of what somebody changed behind reconcile's back: edits by hand, and drift.
import { liveFrom } from "../support/kinds.ts";
import { beforeEach, describe, expect, test } from "vitest";
import type { PlanOptions } from "../../src/plan/make-plan.ts";
import type { Subscription } from "../../src/model/subscription.ts";
import { asDocument } from "../../src/model/document.ts";
import type { LiveResource, ResourceDocument } from "../../src/model/resource.ts";
import { makePool, makeSubscription, poolUrl, settle } from "./samples.ts";
import { edit, plan, reasonsOf, split, writesOf } from "./plans.ts";

function firstOf([first]: readonly LiveResource[]): LiveResource {
  if (!first) throw new Error("nothing is live");
  return first;
}

describe("out-of-band edits", () => {
  test.each<[field: string, value: unknown]>([
    ["retryCount", 2],
    ["retryInterval", "PT2M"],
    ["retryOnTimeout", false],
  ])("of a retry policy, %s alone is put right", (field, value) => {
    const desired = makeSubscription();
    const live = edit(settle([desired]), 0, { retryPolicy: { ...desired.retryPolicy, [field]: value } });
    expect(plan([desired], live).operations.map(({ patch }) => patch)).toEqual([
      [
        {
          op: "replace",
          path: `/retryPolicy/${field}`,
          value: desired.retryPolicy[field as keyof Subscription["retryPolicy"]],
        },
      ],
    ]);
  });

  test.each<[title: string, changes: Partial<LiveResource>, before: Partial<ResourceDocument>]>([
    [
      "without a retry policy, as one that retries nothing",
      { retryPolicy: null },
      { retryPolicy: { retryCount: 0, retryInterval: "PT0S", retryOnTimeout: false } },
    ],
    ["in a state that nobody knows, as disabled", { state: "paused" }, { state: "disabled" }],
    [
      "with other event types, each once and sorted",
      { eventTypes: ["t.09", "t.01", "t.09"] },
      { eventTypes: ["t.01", "t.09"] },
    ],
  ])(
    "what was live before is in the plan, in a form that could be sent again: %s",
    (_, changes, before) => {
      const live = settle([makeSubscription()]);
      const made = plan([makeSubscription()], edit(live, 0, changes));
      const { name, endpoint, eventTypes, retryPolicy, state, description } = firstOf(live);
      const document = { name, endpoint, eventTypes, retryPolicy, state, description };
      expect(made.operations[0]?.before).toEqual({ ...document, ...before });
    },
  );

  test("surplus webhooks of an endpoint are deleted in the last phase", () => {
    const live = settle([split()]);
    const [first] = live;
    const copy = { ...first, id: "copy", name: "a copy" } as LiveResource;
    const made = plan([split({ endpointPool: makePool(1, 1, 1) })], [copy, ...live]);
    expect(writesOf(made)).toEqual(["1 create p2 [t.03]", "2 update p1 [t.01]", "3 delete p0"]);
    expect(made.operations[2]).toMatchObject({
      webhookId: "copy",
      reason: "another webhook of the group delivers to the same endpoint",
    });
  });

  test("an event type that is live on two endpoints stays on the one that then needs no write", () => {
    const live = edit(settle([split()]), 0, { eventTypes: ["t.00", "t.01", "t.02"] });
    const made = plan([split()], live);
    expect(writesOf(made)).toEqual(["1 update p0 [t.00 t.02]"]);
    expect(reasonsOf(made)).toEqual(["1 event type is also live on another webhook"]);
    expect(made.groups[0]?.moves).toEqual([]);
  });

  test("an event type that nobody delivers is where a disabled webhook would deliver it", () => {
    const live = settle([split()]);
    const idle = liveFrom({
      ...firstOf(live),
      ...{ id: "idle", name: "idle", state: "disabled", eventTypes: ["t.04"] },
    });
    const made = plan([split({ eventTypes: ["t.00", "t.02", "t.01", "t.04"] })], [idle, ...live]);
    expect(writesOf(made)).toEqual(["1 update p1 [t.01 t.04]", "2 delete p0"]);
    expect(made.groups[0]?.moves).toEqual([
      {
        eventType: "t.04",
        from: poolUrl(0),
        to: poolUrl(1),
        reason: `${poolUrl(0)} holds more than its share of 2`,
      },
    ]);
  });

  test("of an event type that somebody delivers, a disabled copy does not count", () => {
    const live = settle([split()]);
    const idle = liveFrom({
      ...firstOf(live),
      ...{ id: "idle", name: "idle", state: "disabled", eventTypes: ["t.01"] },
    });
    const made = plan([split()], [idle, ...live]);
    expect(writesOf(made)).toEqual(["1 delete p0"]);
    expect(made.groups[0]?.moves).toEqual([]);
  });

  test("what differs from the trail is drift, and the reason says who did not do it", () => {
    const settled = settle([makeSubscription()]);
    const recorded = new Map(
      plan([makeSubscription()], []).operations.map(({ after }) => ["hook-1", after]),
    );
    const made = plan([makeSubscription()], edit(settled, 0, { state: "disabled" }), {
      recorded: recorded as PlanOptions["recorded"],
    });
    expect(made.drift).toEqual([
      {
        webhookId: "hook-1",
        group: "orders",
        endpoint: "https://hooks.example.com/main",
        patch: [{ op: "replace", path: "/state", value: "disabled" }],
      },
    ]);
    expect(reasonsOf(made)).toEqual(["changed outside this repository; state disabled → enabled"]);
  });
});

describe("drift", () => {
  const desired = split({ endpointPool: makePool(1, 1, 1) });
  const recordedOf = (webhooks: readonly LiveResource[]): PlanOptions["recorded"] =>
    new Map(webhooks.map((webhook) => [webhook.id, asDocument(webhook)]));
  let live: readonly LiveResource[];
  let recorded: PlanOptions["recorded"];

  beforeEach(() => {
    live = settle([desired]);
    recorded = recordedOf(live);
  });

  test("is listed by webhook, and what is as recorded is not in it", () => {
    const edited = edit(edit(live, 0, { state: "disabled" }), 2, { retryPolicy: null, name: "by hand" });
    expect(plan([desired], edited.toReversed(), { recorded }).drift).toEqual([
      {
        webhookId: "hook-1",
        group: "orders",
        endpoint: poolUrl(0),
        patch: [{ op: "replace", path: "/state", value: "disabled" }],
      },
      {
        webhookId: "hook-3",
        group: "orders",
        endpoint: poolUrl(2),
        patch: [
          { op: "replace", path: "/retryPolicy", value: null },
          { op: "replace", path: "/name", value: "by hand" },
        ],
      },
    ]);
    expect(plan([desired], live, { recorded }).drift).toEqual([]);
  });

  test("a duration that has no fixed length is compared to the letter", () => {
    const policy = (retryInterval: string) => ({ retryPolicy: { ...desired.retryPolicy, retryInterval } });
    const months = recordedOf(edit(live, 0, policy("P1M")));
    expect(plan([desired], edit(live, 0, policy("P2M")), { recorded: months }).drift).toMatchObject([
      { webhookId: "hook-1", patch: [{ op: "replace", path: "/retryPolicy/retryInterval", value: "P2M" }] },
    ]);
  });

  test("a webhook that was pointed elsewhere by hand was not deleted by anyone", () => {
    const made = plan([desired], edit(live, 0, { endpoint: poolUrl(1) }), { recorded });
    expect(made.drift.map(({ patch }) => patch)).toEqual([
      [{ op: "replace", path: "/endpoint", value: poolUrl(1) }],
    ]);
    expect(reasonsOf(made)[0]).toBe("the pool gained this endpoint");
  });
});
