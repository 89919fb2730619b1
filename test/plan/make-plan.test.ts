// What a plan says, from desired groups and live webhooks, as whole outcomes.
import { beforeEach, describe, expect, test } from "vitest";
import { makePlan, type PlanOptions } from "../../src/plan/make-plan.ts";
import { webhookName } from "../../src/model/ownership.ts";
import type { Plan } from "../../src/model/plan.ts";
import type { Subscription } from "../../src/model/subscription.ts";
import type { LiveWebhook, WebhookDocument } from "../../src/model/webhook.ts";
import { applyPlan, defaults, makePool, makeSubscription, poolUrl, settle, typeNames } from "./samples.ts";

const plan = (
  desired: readonly Subscription[],
  live: readonly LiveWebhook[],
  changes: Partial<PlanOptions> = {},
): Plan => makePlan(desired, live, { ...defaults, ...changes });

/** A plan's writes, one line each: `1 update p0 [t.00 t.01]`. */
function writesOf({ operations }: Pick<Plan, "operations">): string[] {
  return operations.map(({ phase, action, endpoint, after, status }) => {
    const types = after ? ` [${after.eventTypes.join(" ")}]` : "";
    const held = status === "planned" ? "" : `${status} `;
    return `${phase} ${held}${action} ${endpoint.split("/").at(-1) ?? ""}${types}`;
  });
}

const reasonsOf = ({ operations }: Plan): string[] => operations.map(({ reason }) => reason);

function edit(live: readonly LiveWebhook[], at: number, changes: Partial<LiveWebhook>): LiveWebhook[] {
  return live.map((webhook, index) => (index === at ? { ...webhook, ...changes } : webhook));
}

const split = (changes: Partial<Subscription> = {}): Subscription =>
  makeSubscription({
    endpointPool: makePool(1, 1),
    rebalanceMode: "always",
    eventTypes: typeNames(4),
    ...changes,
  });

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

  test.each<[title: string, changes: Partial<LiveWebhook>, before: Partial<WebhookDocument>]>([
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
      expect({ id: "hook-1", ...made.operations[0]?.before }).toEqual({ ...live[0], ...before });
    },
  );

  test("surplus webhooks of an endpoint are deleted in the last phase", () => {
    const live = settle([split()]);
    const [first] = live;
    const copy = { ...first, id: "copy", name: "a copy" } as LiveWebhook;
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
    const idle = {
      ...live[0],
      id: "idle",
      name: "idle",
      state: "disabled",
      eventTypes: ["t.04"],
    } as LiveWebhook;
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
    const idle = { ...live[0], id: "idle", name: "idle", state: "disabled", eventTypes: ["t.01"] };
    const made = plan([split()], [idle as LiveWebhook, ...live]);
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
  const recordedOf = (webhooks: readonly LiveWebhook[]): PlanOptions["recorded"] =>
    new Map(webhooks.map(({ id, ...document }) => [id, document as WebhookDocument]));
  let live: readonly LiveWebhook[];
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

describe("ownership", () => {
  let unmarked: readonly LiveWebhook[];
  let foreign: readonly LiveWebhook[];

  beforeEach(() => {
    unmarked = edit(settle([makeSubscription()]), 0, { description: "Consumer group: orders" });
    foreign = settle([makeSubscription()], { owner: "rivals" });
  });

  test("an unmarked webhook of a declared group is a conflict: the group is skipped, the others go on", () => {
    const other = makeSubscription({ group: "billing" });
    const made = plan([makeSubscription({ eventTypes: typeNames(4) }), other], unmarked);
    expect(made.operations.map(({ group, status }) => [group, status])).toEqual([
      ["billing", "planned"],
      ["orders", "skipped"],
    ]);
    const message = `webhook "${unmarked[0]?.name ?? ""}" (id hook-1) of group "orders" is managed by nobody, so the group is skipped`;
    expect(made.operations[1]?.error).toBe(message);
    expect(made.groups).toMatchObject([
      { group: "billing", skipped: null },
      { group: "orders", moves: [], unchanged: 0, skipped: message },
    ]);
    expect(made.diagnostics).toEqual([
      {
        severity: "error",
        code: "ownership/unmarked",
        message,
        hint: "pass --adopt to take it over, or delete it",
        file: "subscriptions/orders.yaml",
        line: 1,
        column: 1,
      },
    ]);
  });

  test("an unmarked webhook at any other endpoint is a conflict as well", () => {
    const elsewhere = edit(unmarked, 0, { endpoint: "https://elsewhere.example.com/" });
    expect(plan([makeSubscription()], elsewhere).diagnostics).toMatchObject([
      { code: "ownership/unmarked" },
    ]);
  });

  test("--adopt takes it over in one write, and surplus ones are deleted last", () => {
    const spare = { ...unmarked[0], id: "spare", eventTypes: ["t.00"] } as LiveWebhook;
    const made = plan([makeSubscription()], [spare, ...unmarked], { adopt: true });
    expect(made.diagnostics).toEqual([]);
    expect(made.operations).toMatchObject([
      { phase: 1, action: "adopt", webhookId: "hook-1", reason: "description changed" },
      { phase: 2, action: "delete", webhookId: "spare" },
    ]);
    const live = applyPlan([spare, ...unmarked], made);
    expect(plan([makeSubscription()], live).operations).toEqual([]);
  });

  test("another owner's webhook is never touched, not even with --adopt: its group is skipped", () => {
    for (const adopt of [false, true]) {
      const made = plan([makeSubscription()], foreign, { adopt, prune: true });
      expect(writesOf(made)).toEqual(["1 skipped create main [t.00 t.01 t.02]"]);
      expect(made.prunes).toEqual([]);
      expect(made.diagnostics).toEqual([
        {
          severity: "error",
          code: "ownership/otherOwner",
          message: `webhook "${foreign[0]?.name ?? ""}" (id hook-1) of group "orders" is managed by owner "rivals", so the group is skipped`,
          hint: `use another consumerGroupId; or, if owner "rivals" shall give the group up, take the marker (the last field) off that webhook's description and pass --adopt`,
          file: "subscriptions/orders.yaml",
          line: 1,
          column: 1,
        },
      ]);
    }
  });

  test("what names no group, or an undeclared group of someone else's, is left alone and counted", () => {
    const bystanders = [
      ...edit(settle([makeSubscription({ group: "theirs" })], { owner: "rivals" }), 0, { id: "a" }),
      ...edit(unmarked, 0, { id: "b", description: "by hand" }),
      ...edit(unmarked, 0, { id: "c", description: "Consumer group: unknown" }),
      ...edit(unmarked, 0, { id: "d", description: "Managed by: reconcile (acme)" }),
    ];
    const made = plan([makeSubscription()], [...settle([makeSubscription()]), ...bystanders], {
      prune: true,
      adopt: true,
    });
    expect(made).toMatchObject({ operations: [], prunes: [], orphans: [], unmanaged: 4, diagnostics: [] });
  });
});

describe("orphans and prune", () => {
  const groups = ["a", "b", "c", "d"].map((group) => makeSubscription({ group }));
  let live: readonly LiveWebhook[];

  beforeEach(() => {
    live = settle(groups);
  });
  const kept = groups.slice(2);

  test("without --prune they are reported, and nothing is deleted", () => {
    const made = plan(kept, live);
    expect(made.operations).toEqual([]);
    expect(made.prunes).toEqual([]);
    const endpoint = "https://hooks.example.com/main";
    expect(made.orphans).toEqual([
      { webhookId: "hook-1", group: "a", endpoint },
      { webhookId: "hook-2", group: "b", endpoint },
    ]);
  });

  test("with --prune they are deleted after everything else", () => {
    const more = [...kept, makeSubscription({ group: "e" })];
    const made = plan(more, live, { prune: true, maxDeletePercent: 50 });
    expect(writesOf(made)).toEqual(["1 create main [t.00 t.01 t.02]"]);
    expect(made.prunes).toMatchObject([
      { action: "delete", group: "a", webhookId: "hook-1", phase: 2, status: "planned" },
      { action: "delete", group: "b", webhookId: "hook-2", phase: 2, status: "planned" },
    ]);
    expect(made.prunes[0]?.reason).toBe("no manifest declares this group");
    expect(made.diagnostics).toEqual([]);
    expect(plan(more, applyPlan(live, made), { prune: true })).toMatchObject({
      operations: [],
      prunes: [],
    });
  });

  test("more than the limit is refused with its numbers and the way out, and stays in the plan", () => {
    const made = plan(kept, live, { prune: true });
    const refusal = "would delete 2 of 4 webhooks (50 %, the limit is 30 %)";
    expect(made.diagnostics).toEqual([
      {
        severity: "error",
        code: "prune/tooMany",
        message: refusal,
        hint: "pass --allow-deletes to go on",
        file: null,
        line: null,
        column: null,
      },
    ]);
    expect(made.prunes.map(({ status, error }) => ({ status, error }))).toEqual(
      [1, 2].map(() => ({ status: "skipped", error: `${refusal}; pass --allow-deletes to go on` })),
    );
  });

  test("--allow-deletes goes on, and a single one is never too many", () => {
    expect(plan(kept, live, { prune: true, allowDeletes: true })).toMatchObject({
      prunes: [{ status: "planned" }, { status: "planned" }],
      diagnostics: [],
    });
    expect(plan([], live.slice(0, 1), { prune: true })).toMatchObject({
      prunes: [{ status: "planned" }],
      diagnostics: [],
    });
  });

  test("the limit is of this owner's webhooks, whoever else has some", () => {
    const theirs = settle(groups, { owner: "rivals" }).map((webhook) => ({
      ...webhook,
      id: `r-${webhook.id}`,
    }));
    expect(plan(kept, [...theirs.slice(0, 2), ...live], { prune: true }).diagnostics).toMatchObject([
      { message: "would delete 2 of 4 webhooks (50 %, the limit is 30 %)" },
    ]);
  });

  test("orphans are listed and pruned by group, then by id", () => {
    const pairs = ["b", "a"].map((group) => split({ group, eventTypes: typeNames(2) }));
    const made = plan([], settle(pairs).toReversed(), { prune: true, allowDeletes: true });
    const order = ["a hook-1", "a hook-2", "b hook-3", "b hook-4"];
    expect(made.orphans.map(({ group, webhookId }) => `${group} ${webhookId}`)).toEqual(order);
    expect(made.prunes.map(({ group, webhookId }) => `${group} ${String(webhookId)}`)).toEqual(order);
  });

  test("deletes inside a group whose event types go on elsewhere do not count", () => {
    const wide = split({ endpointPool: makePool(1, 1, 1, 1) });
    const made = plan([split({ endpointPool: makePool(1) })], settle([wide]), { prune: true });
    expect(made.operations.filter(({ action }) => action === "delete").length).toBe(3);
    expect(made.diagnostics).toEqual([]);
  });

  test("pruning as owner default warns", () => {
    const shared = { owner: "default" };
    const made = plan(groups.slice(1), settle(groups, shared), { ...shared, prune: true });
    expect(made.prunes).toMatchObject([{ group: "a", status: "planned" }]);
    expect(made.diagnostics).toEqual([
      {
        severity: "warning",
        code: "prune/defaultOwner",
        message: 'pruning as owner "default", a name that other repositories may use as well',
        hint: "set `owner` in reconcile.yaml to a name of this repository's own",
        file: null,
        line: null,
        column: null,
      },
    ]);
    expect(plan(groups, settle(groups, shared), { ...shared, prune: true }).diagnostics).toEqual([]);
  });

  test("--group limits everything to the groups named, pruning included", () => {
    const scope = { groups: new Set(["a", "c"]), prune: true };
    const changed = kept.map((desired) => ({ ...desired, eventTypes: typeNames(1) }));
    const made = plan(changed, live, scope);
    expect(made.operations.map(({ group }) => group)).toEqual(["c"]);
    expect(made.prunes.map(({ group }) => group)).toEqual(["a"]);
    expect(made.groups.map(({ group }) => group)).toEqual(["c"]);
    expect(made.orphans.map(({ group }) => group)).toEqual(["a"]);
  });
});

test("the order of manifests, webhooks and their event types does not matter: the same bytes", () => {
  const before = ["c", "a", "b"].map((group) => split({ group, eventTypes: typeNames(9) }));
  const desired = before.map((group) => ({ ...group, endpointPool: makePool(1, 2, 1) }));
  const live = [
    ...settle([...before, makeSubscription({ group: "old" })]),
    ...settle([split({ group: "a" })]).map((webhook) => ({ ...webhook, id: `${webhook.id}-again` })),
  ];
  const options = { prune: true };
  const turned = live.toReversed().map((webhook) => ({
    ...webhook,
    eventTypes: webhook.eventTypes.toReversed(),
  }));
  const expected = JSON.stringify(plan(desired, live, options));
  expect(JSON.stringify(plan(desired.toReversed(), turned, options))).toBe(expected);
  expect(plan(desired, live, options).operations.length).toBeGreaterThan(6);
});

test("a webhook that the trail knows and the platform does not was deleted by someone else", () => {
  const live = settle([split()]);
  const recorded = new Map(live.map(({ id, ...webhook }) => [id, webhook as WebhookDocument]));
  const after = plan([split()], live.slice(1), { recorded });
  expect(reasonsOf(after)).toEqual(["what delivered there was deleted outside this repository"]);
});
