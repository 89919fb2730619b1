// A group that goes over to another resource of Genesys Cloud, and what is particular to each of them.
import { describe, expect, it, test } from "vitest";
import type { Subscription } from "../../src/model/subscription.ts";
import type { TriggerOptions } from "../../src/kinds/trigger/trigger-options.ts";
import type { LiveResource } from "../../src/model/resource.ts";
import { readOwnership } from "../../src/model/ownership.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import { kinds, liveFrom, type TestKind } from "../support/kinds.ts";
import { applyToModel } from "../support/live-model.ts";
import { applyPlan, defaults, makeSubscription, settle, typeNames } from "./samples.ts";

const limits = { maxEventTypesPerEndpoint: 2, maxConcurrentConsumers: 10 };
const [webhooks, integrations, triggers] = kinds as [TestKind, TestKind, TestKind];

function groupOf(kind: TestKind, more: Partial<Subscription> = {}): Subscription {
  const endpointPool = [0, 1, 2].map((number) => ({ url: kind.url(number), weight: 1 }));
  return makeSubscription({ endpointUrl: kind.url(0), endpointPool, eventTypes: typeNames(5), ...more });
}

const pairs = kinds.flatMap((from) => kinds.filter((to) => to !== from).map((to) => ({ from, to })));

describe.each(pairs)("from $from.nouns to $to.nouns", ({ from, to }) => {
  it("creates all that is new before it deletes what was there, and re-points nothing", () => {
    const live = settle([groupOf(from)], { limits });
    const plan = makePlan([groupOf(to)], live, { ...defaults, limits });
    expect(new Set(plan.operations.map(({ action, phase }) => `${phase} ${action}`))).toEqual(
      new Set(["1 create", "2 delete"]),
    );
    expect(new Set(plan.operations.map(({ reason }) => reason))).toEqual(
      new Set([`the group goes over to ${to.nouns}`, "the group no longer uses this endpoint"]),
    );
    let state = live;
    for (const operation of plan.operations) {
      state = applyToModel(state, [operation]);
      expect(new Set(state.flatMap(({ eventTypes }) => eventTypes)).size).toBe(5);
    }
    const { operations } = makePlan([groupOf(to)], state, { ...defaults, limits });
    expect(operations).toEqual([]);
  });
});

describe("triggers", () => {
  it("are one an event type, named after it, and say what starts the workflow", () => {
    const trigger = { matchCriteria: [], eventTTLSeconds: 60, delayBySeconds: null };
    const { operations, groups } = makePlan([groupOf(triggers, { trigger })], [], { ...defaults, limits });
    expect(operations.map(({ action, endpoint, after }) => [action, endpoint, after?.eventTypes])).toEqual([
      ["create", "workflow:p0", ["t.00"]],
      ["create", "workflow:p0", ["t.03"]],
      ["create", "workflow:p1", ["t.01"]],
      ["create", "workflow:p1", ["t.04"]],
      ["create", "workflow:p2", ["t.02"]],
    ]);
    expect(new Set(operations.map(({ name }) => name)).size).toBe(5);
    for (const { after } of operations) {
      expect(after).toMatchObject({ retryPolicy: null, trigger });
      expect(readOwnership(after?.description ?? "")).toEqual({ group: "orders", owner: "acme" });
    }
    expect(groups[0]?.endpoints[0]).toEqual({
      url: "workflow:p0",
      eventTypes: ["t.00", "t.03"],
      estimatedThroughput: 160,
      webhookId: null,
      triggers: [
        { eventType: "t.00", webhookId: null },
        { eventType: "t.03", webhookId: null },
      ],
    });
  });

  it("move by one write, and keep their names", () => {
    const live = settle([groupOf(triggers)], { limits });
    const other = [0, 1, 7].map((number) => ({ url: triggers.url(number), weight: 1 }));
    const { operations } = makePlan([groupOf(triggers, { endpointPool: other })], live, {
      ...defaults,
      limits,
    });
    expect(operations.map(({ action, patch }) => [action, patch])).toEqual([
      ["update", [{ op: "replace", path: "/endpoint", value: "workflow:p7" }]],
    ]);
  });

  it("of a changed topic are created before the one that was there is deleted", () => {
    const live = settle([groupOf(triggers)], { limits });
    const eventTypes = ["t.00", "t.01", "t.02", "t.03", "t.new"];
    const { operations } = makePlan([groupOf(triggers, { eventTypes })], live, { ...defaults, limits });
    expect(
      operations.map(({ phase, action, reason, before, after }) => [
        phase,
        action,
        (after ?? before)?.eventTypes[0],
        reason,
      ]),
    ).toEqual([
      [1, "create", "t.new", "the event type is added"],
      [2, "delete", "t.04", "the event type is removed"],
    ]);
  });

  it("that somebody made twice are surplus, the one that is right stays", () => {
    const live = settle([groupOf(triggers)], { limits });
    const [first, ...others] = live;
    const twins = first ? [{ ...first, id: "0", name: "by hand" }, first] : [];
    const { operations } = makePlan([groupOf(triggers)], [...twins, ...others], { ...defaults, limits });
    expect(operations.map(({ action, webhookId, reason }) => [action, webhookId, reason])).toEqual([
      ["delete", "0", "another trigger of the group has the same event type"],
    ]);
  });
});

describe("event sources", () => {
  const grown = groupOf(integrations, {
    endpointPool: [0, 1, 7].map((number) => ({ url: integrations.url(number), weight: 1 })),
  });

  it("that left are deleted last, never re-pointed; the plan says what a new one takes", () => {
    const live = settle([groupOf(integrations)], { limits });
    const plan = makePlan([grown], live, { ...defaults, limits });
    expect(plan.operations.map(({ phase, action, endpoint }) => `${phase} ${action} ${endpoint}`)).toEqual([
      "1 create eventbridge://123456789012/us-east-1/p7",
      "2 delete eventbridge://123456789012/us-east-1/p2",
    ]);
    expect(plan.diagnostics).toEqual([
      {
        severity: "warning",
        code: "eventbridge/associate",
        message:
          'group "orders" gets a new event source, which reaches no consumer until it is associated with an event bus in AWS: eventbridge://123456789012/us-east-1/p7',
        hint: "1 event type moves to it: to lose no event, create it first (annotation reconcile.genesys/create-only, or --create-only), associate it in AWS, and sync again",
        file: "subscriptions/orders.yaml",
        line: 1,
        column: 1,
      },
    ]);
  });

  it("are made by --create-only without anything moving, and what moves then is in no gap", () => {
    const live = settle([groupOf(integrations)], { limits });
    const first = makePlan([grown], live, { ...defaults, limits, createOnly: true });
    expect(
      first.operations.map(({ action, status, error, frozen }) => [action, status, error, frozen]),
    ).toEqual([
      ["create", "planned", null, undefined],
      ["delete", "skipped", "--create-only: left to a sync without it", true],
    ]);
    expect(first.diagnostics[0]?.hint).toBe("associate it in AWS, then sync without --create-only");
    const between = applyPlan(live, first);
    expect(between.length).toBe(live.length + 1);
    const second = makePlan([grown], between, { ...defaults, limits });
    expect(second.operations.map(({ action, endpoint }) => `${action} ${endpoint}`)).toEqual([
      "delete eventbridge://123456789012/us-east-1/p2",
    ]);
    expect(second.diagnostics).toEqual([]);
  });
});

test("--create-only makes a webhook of a split, and takes nothing off another", () => {
  const one = groupOf(webhooks, { endpointPool: [], eventTypes: typeNames(2) });
  const live = settle([one], { limits });
  const more = { ...defaults, limits, createOnly: true, prune: true };
  const plan = makePlan([groupOf(webhooks)], live, more);
  const after = applyPlan(live, plan);
  expect(after.filter(({ id }) => live.some((webhook) => webhook.id === id))).toEqual(live);
  expect(after.length).toBe(3);
  const { prunes } = makePlan([], live, { ...more, allowDeletes: true });
  expect(prunes.map(({ status, frozen }) => [status, frozen])).toEqual([["skipped", true]]);
});

test("nobody gives an event type up for one that is only being switched on, and goes in the end", () => {
  const at = (...numbers: readonly number[]) =>
    groupOf(integrations, {
      ...{ eventTypes: typeNames(2), rebalanceMode: "always" },
      endpointPool: numbers.map((number) => ({ url: integrations.url(number), weight: 1 })),
    });
  const [first] = settle([at(0)], { limits });
  const live = first
    ? [first, liveFrom({ ...first, id: "again", name: "again", state: "activating" })]
    : [];
  const { operations } = makePlan([at(0, 1)], live, { ...defaults, limits });
  const phaseOf = (id: string | null) => operations.find(({ webhookId }) => webhookId === id)?.phase ?? 0;
  expect(operations.map(({ action }) => action).sort()).toEqual(["create", "delete", "update"]);
  expect(phaseOf(first?.id ?? "")).toBeGreaterThan(phaseOf(null));
});

test("criteria of a trigger mean the same in any order, and empty values nothing", () => {
  const [voice, chat] = ["VOICE", "CHAT"].map((value) => ({
    jsonPath: "mediaType",
    operator: "Equal",
    value,
  }));
  const told = (matchCriteria: readonly object[]): TriggerOptions => ({
    ...{ matchCriteria: matchCriteria as TriggerOptions["matchCriteria"] },
    ...{ eventTTLSeconds: 60, delayBySeconds: null },
  });
  const desired = groupOf(triggers, { trigger: told([voice ?? {}, chat ?? {}]) });
  const live = settle([desired], { limits });
  const answered = (trigger: TriggerOptions) => live.map((one) => ({ ...one, trigger }));
  const planOf = (trigger: TriggerOptions) =>
    makePlan([desired], answered(trigger), { ...defaults, limits });
  expect(planOf(told([{ ...chat, values: [] }, { ...voice }])).operations).toEqual([]);
  expect(planOf(told([voice ?? {}, voice ?? {}])).operations).toHaveLength(live.length);
  expect(planOf({ ...told([voice ?? {}, chat ?? {}]), eventTTLSeconds: 61 }).operations).toHaveLength(
    live.length,
  );
  // What differs beside them is all that is in the patch.
  const renamed = answered(told([chat ?? {}, voice ?? {}])).map((one) =>
    liveFrom({ ...one, state: "disabled" }),
  );
  const [first] = makePlan([desired], renamed, { ...defaults, limits }).operations;
  expect(first?.patch).toEqual([{ op: "replace", path: "/state", value: "enabled" }]);
});

test("a conflict names the resource that it is about", () => {
  const live = settle([groupOf(triggers)], { limits }).map((one) =>
    liveFrom({ ...one, description: "Consumer group: orders" }),
  );
  const plan = makePlan([groupOf(triggers)], live, { ...defaults, limits });
  expect(plan.diagnostics[0]?.message).toMatch(
    /^\d+ triggers of group "orders" have no owner, so the group is skipped: "orders-[0-9a-f]{8}" \(id hook-1\)(?:, | and )/,
  );
});

describe("reconcile makes one integration for an event source", () => {
  const at = (group: string, eventTypes = typeNames(2), number = 0): Subscription =>
    makeSubscription({ group, endpointUrl: integrations.url(number), eventTypes });
  const planOf = (desired: readonly Subscription[], live: readonly LiveResource[], more = {}) =>
    makePlan(desired, live, { ...defaults, adopt: true, ...more });

  it("so a group under a new name takes it over, in one write and without a gap", () => {
    const live = settle([at("orders")]);
    const plan = planOf([at("sales", typeNames(3))], live);
    expect(plan.operations.map(({ action, webhookId, reason }) => [action, webhookId, reason])).toEqual([
      [
        "update",
        "hook-1",
        'taken over from group "orders", which has no manifest any more; 1 event type is added; description changed; name changed',
      ],
    ]);
    expect([plan.orphans, plan.diagnostics]).toEqual([[], []]);
    expect(planOf([at("sales", typeNames(3))], applyPlan(live, plan)).operations).toEqual([]);
  });

  it.each([
    [
      "what would be lost with it takes --prune",
      [at("sales", typeNames(1))],
      (live: readonly LiveResource[]) => live,
      'use another suffix, or pass --prune to take it over without t.01, which group "orders" had',
    ],
    [
      "that of a group with a manifest is not taken",
      [at("orders", typeNames(2), 1), at("sales")],
      (live: readonly LiveResource[]) => live,
      'use another suffix, or take it out of group "orders" first and sync, then give it to this one',
    ],
    [
      "nor is another owner's",
      [at("sales")],
      remark("Consumer group: orders | Managed by: reconcile (other)"),
      'use another suffix, or let owner "other" give it up',
    ],
    [
      "nor is nobody's",
      [at("sales")],
      remark(""),
      'use another suffix, or take it over: write "Consumer group: sales" into that EventBridge integration\'s notes and pass --adopt; or delete it',
    ],
  ])("%s", (_, desired, change, hint) => {
    const live = change(settle([at("orders")]));
    const plan = planOf(desired, live);
    const [refused] = plan.diagnostics.filter(({ severity }) => severity === "error");
    expect([refused?.code, refused?.hint]).toEqual(["source/taken", hint]);
    expect(plan.operations.filter(({ group }) => group === "sales").map(({ status }) => status)).toEqual([
      "skipped",
    ]);
  });

  it("with --prune it is handed over as a whole", () => {
    const live = settle([at("orders")]);
    const { operations, prunes } = planOf([at("sales", typeNames(1))], live, { prune: true });
    expect([operations.map(({ action, status }) => [action, status]), prunes]).toEqual([
      [["update", "planned"]],
      [],
    ]);
  });
});

function remark(description: string): (live: readonly LiveResource[]) => readonly LiveResource[] {
  return (live) => live.map((webhook) => liveFrom({ ...webhook, description }));
}
