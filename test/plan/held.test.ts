// Why an operation is left undone stands as data; its words and `frozen` are made from that.
import { expect, test } from "vitest";
import type { Plan } from "../../src/model/plan.ts";
import type { Subscription } from "../../src/model/subscription.ts";
import type { PlanOptions } from "../../src/plan/make-plan.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import { defaults, makePool, makeSubscription, settle, typeNames } from "./samples.ts";

const before = makeSubscription({ eventTypes: typeNames(2) });
const split = { eventTypes: typeNames(4), rebalanceMode: "always", endpointPool: makePool(1, 1) } as const;
const orphans = ["old-1", "old-2"].map((group) => makeSubscription({ group, name: group }));

function planOf(changes: Partial<Subscription>, options: Partial<PlanOptions> = {}): Plan {
  const live = settle([before, ...orphans]);
  return makePlan([makeSubscription({ ...split, ...changes })], live, { ...defaults, ...options });
}

const heldOf = ({ operations, prunes }: Plan) =>
  [...operations, ...prunes].flatMap(({ action, held, frozen }) =>
    held ? [{ action, ...held, frozen: frozen ?? false }] : [],
  );

test.each<[what: string, made: Plan, held: ReturnType<typeof heldOf>]>([
  ["nothing", planOf({}), []],
  [
    "a freeze holds back what its group needs, and every prune",
    planOf({ freeze: "until Friday" }, { prune: true, allowDeletes: true }),
    [
      { action: "update", by: "freeze", why: "until Friday", frozen: true },
      { action: "create", by: "freeze", why: "until Friday", frozen: true },
      ...orphans.map(
        () =>
          ({
            action: "delete",
            by: "earlier",
            waitsFor: "heldGroup",
            group: "orders",
            frozen: true,
          }) as const,
      ),
    ],
  ],
  [
    "an annotation holds back whatever is no create",
    planOf({ createOnly: "AWS first" }),
    [{ action: "update", by: "createOnly", why: "AWS first", frozen: true }],
  ],
  [
    "the flag does so, and holds prunes back",
    planOf({}, { createOnly: true, prune: true, allowDeletes: true }),
    (["update", "delete", "delete"] as const).map(
      (action) => ({ action, by: "flag", frozen: true }) as const,
    ),
  ],
  [
    "a guard refuses prunes",
    planOf({}, { prune: true }),
    orphans.map(
      () =>
        ({
          action: "delete",
          by: "guard",
          why: "would delete 2 of 3 webhooks (67 %, the limit is 30 %)",
          hint: "pass --allow-deletes to go on this once, or set maxDeletePercent in the config to at least 67",
          frozen: false,
        }) as const,
    ),
  ],
])("%s", (_, made, held) => {
  expect(heldOf(made)).toEqual(held);
});

test("whatever stands as skipped says by what, in data", () => {
  const all = [
    planOf({ freeze: "x" }, { prune: true }),
    planOf({}, { createOnly: true, prune: true }),
    planOf({}, { prune: true }),
  ].flatMap(({ operations, prunes }) => [...operations, ...prunes]);
  expect(all.filter(({ status }) => status === "skipped").length).toBeGreaterThan(0);
  for (const { status, held } of all) expect(held !== undefined).toBe(status === "skipped");
});

test("a prune waits for the same group, whatever the order of the manifests", () => {
  const names = ["b", "a"];
  const waiting = names.map((name) => makeSubscription({ group: name, name, createOnly: "AWS first" }));
  const live = settle([...waiting, ...orphans]);
  const options = { ...defaults, prune: true, allowDeletes: true };
  const waitsFor = ({ prunes }: Plan) => prunes.map(({ error }) => error);
  expect(waitsFor(makePlan(waiting, live, options))).toEqual(
    waitsFor(makePlan(waiting.toReversed(), live, options)),
  );
});
