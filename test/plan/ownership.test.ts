// Plans of what is not the manifests': other owners, orphans and what is pruned.
import { beforeEach, describe, expect, test } from "vitest";
import { asDocument } from "../../src/model/document.ts";
import { findExcess } from "../../src/plan/guard.ts";
import type { LiveResource } from "../../src/model/resource.ts";
import { applyPlan, makePool, makeSubscription, settle, typeNames } from "./samples.ts";
import { edit, plan, reasonsOf, split, writesOf } from "./plans.ts";

describe("ownership", () => {
  let unmarked: readonly LiveResource[];
  let foreign: readonly LiveResource[];

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
    const message = `webhook "${unmarked[0]?.name ?? ""}" (id hook-1) of group "orders" has no owner, so the group is skipped`;
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

  test("many unmarked webhooks of a group are one fault, which names the first of them", () => {
    const [one] = unmarked;
    const many = Array.from({ length: 7 }, (_, at) => ({ ...one, id: `hook-${at}`, name: `w${at}` }));
    const made = plan([makeSubscription()], many as readonly LiveResource[]);
    expect(made.diagnostics.map(({ message }) => message)).toEqual([
      '7 webhooks of group "orders" have no owner, so the group is skipped: "w0" (id hook-0), "w1" (id hook-1), ' +
        '"w2" (id hook-2), "w3" (id hook-3), "w4" (id hook-4) and 2 more',
    ]);
    expect(made.operations.map(({ reason }) => reason)).toEqual([
      "the consumer group exists, but without this owner's mark",
    ]);
  });

  test("another owner's group is not called new", () => {
    expect(plan([makeSubscription()], foreign).operations.map(({ reason }) => reason)).toEqual([
      "the consumer group exists, but without this owner's mark",
    ]);
  });

  test("an unmarked webhook at any other endpoint is a conflict as well", () => {
    const elsewhere = edit(unmarked, 0, { endpoint: "https://elsewhere.example.com/" });
    expect(plan([makeSubscription()], elsewhere).diagnostics).toMatchObject([
      { code: "ownership/unmarked" },
    ]);
  });

  test("--adopt takes it over in one write, and surplus ones are deleted last", () => {
    const spare = { ...unmarked[0], id: "spare", eventTypes: ["t.00"] } as LiveResource;
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
          hint: `use another consumerGroupId; or, if owner "rivals" shall give the group up, pass --adopt-from rivals`,
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
  const groups = ["a", "b", "c", "d"].map((group) =>
    makeSubscription({ group, eventTypes: [`${group}.created`, `${group}.ended`] }),
  );
  let live: readonly LiveResource[];

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
    const wayOut =
      "pass --allow-deletes to go on this once, or set maxDeletePercent in the config to at least 50";
    expect(made.diagnostics).toEqual([
      {
        severity: "error",
        code: "prune/tooMany",
        message: refusal,
        hint: wayOut,
        file: null,
        line: null,
        column: null,
      },
    ]);
    expect(made.prunes.map(({ status, error }) => ({ status, error }))).toEqual(
      [1, 2].map(() => ({ status: "skipped", error: `${refusal}; ${wayOut}` })),
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

  test("a limit of 0 refuses every delete, also a single one; above 0 a single one may go", () => {
    const one = live.slice(0, 1);
    const none = plan([], one, { prune: true, maxDeletePercent: 0 });
    expect(none.prunes).toMatchObject([{ status: "skipped" }]);
    expect(none.diagnostics).toMatchObject([
      { code: "prune/tooMany", message: "would delete 1 of 1 webhook (100 %, the limit is 0 %)" },
    ]);
    expect(plan([], one, { prune: true, maxDeletePercent: 0.1 }).prunes).toMatchObject([
      { status: "planned" },
    ]);
    const allowed = plan([], one, { prune: true, maxDeletePercent: 0, allowDeletes: true });
    expect(allowed).toMatchObject({ prunes: [{ status: "planned" }], diagnostics: [] });
  });

  test("the numbers of a refusal never read as if they were within the limit", () => {
    const more = plan(kept, live, { prune: true, maxDeletePercent: 49.9 });
    expect(more.diagnostics).toMatchObject([
      { message: "would delete 2 of 4 webhooks (50 %, the limit is 49.9 %)" },
    ]);
    const excess = findExcess(
      1,
      { number: 1000, noun: "webhook" },
      { maxDeletePercent: 0, allowDeletes: false },
    );
    expect(excess?.message).toBe("would delete 1 of 1000 webhooks (more than 0 %, which is the limit)");
  });

  test.each([
    [2, 3, 30],
    [2, 2, 30],
    [7, 12, 0],
    [1, 1, 0],
    [2, 1000, 0.1],
  ])("the limit that the refusal of %i deletes of %i names lets them through", (deletes, number, limit) => {
    const owned = { number, noun: "webhook" };
    const hint = findExcess(deletes, owned, { maxDeletePercent: limit, allowDeletes: false })?.hint;
    const maxDeletePercent = Number(
      /maxDeletePercent in the config to at least (\d+)$/.exec(hint ?? "")?.[1],
    );
    expect(maxDeletePercent).toBeGreaterThan(limit);
    expect(maxDeletePercent).toBeLessThanOrEqual(100);
    expect(findExcess(deletes, owned, { maxDeletePercent, allowDeletes: false })).toBeNull();
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
  const recorded = new Map(live.map((webhook) => [webhook.id, asDocument(webhook)]));
  const after = plan([split()], live.slice(1), { recorded });
  expect(reasonsOf(after)).toEqual(["what delivered there was deleted outside this repository"]);
});
