import { expect, test } from "vitest";
import { nextDriftLog, type DriftNote } from "../../src/daemon/drift-log.ts";
import type { Operation } from "../../src/model/plan.ts";
import type { Result } from "../../src/model/result.ts";
import type { WebhookDocument } from "../../src/model/webhook.ts";
import { emptyPlan, resultOfSync } from "../support/results.ts";

const endpoint = "https://a.example.com/x";
const document: WebhookDocument = {
  ...{ name: "n", endpoint, state: "enabled" as const, description: "" },
  eventTypes: ["a", "b"],
  retryPolicy: { retryCount: 3, retryInterval: "PT1M", retryOnTimeout: true },
};

function resultOf(operation: Partial<Operation>, isDrift = true): Result {
  const mend: Operation = {
    ...{ action: "update", group: "g", endpoint, webhookId: "1", name: "n", phase: 1, patch: [] },
    ...{
      cause: { code: "changed", differences: [] },
      reason: "",
      status: "applied",
      error: null,
      after: document,
    },
    before: { ...document, eventTypes: ["b", "c"] },
    ...operation,
  };
  const patch = [{ op: "replace", path: "/eventTypes/0", value: "b" }] as const;
  const drift = isDrift ? [{ webhookId: "1", group: "g", endpoint, patch }] : [];
  return resultOfSync({ ...emptyPlan, drift, operations: [mend] });
}

const quiet = resultOfSync(emptyPlan);

const log = (...results: readonly Result[]): readonly DriftNote[] =>
  results.reduce<readonly DriftNote[]>(
    (notes, result, index) => nextDriftLog(notes, result, `t${index}`),
    [],
  );

test("a drift that is put back is told with what was taken away and put in", () => {
  expect(log(resultOf({}))).toMatchObject([
    { kind: "changed", lost: ["a"], gained: ["c"], status: "healed", healed: 1, seenAt: "t0" },
  ]);
});

test("each time that it is put back counts, and it stays on show after quiet passes", () => {
  expect(log(resultOf({}), quiet, resultOf({}), quiet)).toMatchObject([
    { status: "healed", healed: 2, seenAt: "t2" },
  ]);
});

test("a drift that is only reported stays open since it was first seen, until somebody else puts it right", () => {
  const seen = [resultOf({ status: "planned" }), resultOf({ status: "planned" })];
  expect(log(...seen)).toMatchObject([{ status: "open", healed: 0, seenAt: "t0" }]);
  expect(log(...seen, quiet)).toMatchObject([{ status: "gone", healed: 0, seenAt: "t0" }]);
});

test("a webhook that somebody else deleted is drift, too", () => {
  const made = resultOf({ action: "create", cause: { code: "deletedOutside" }, before: null }, false);
  expect(log(made)).toMatchObject([{ kind: "deleted", status: "healed", healed: 1 }]);
});

test("a pass without a plan tells nothing", () => {
  const problem = { severity: "error", code: "api/unavailable", message: "", hint: null } as const;
  const where = { file: null, line: null, column: null };
  const diagnostics = [{ ...problem, ...where }];
  const failed = resultOfSync(null, diagnostics);
  expect(log(resultOf({ status: "planned" }), failed)).toMatchObject([{ status: "open" }]);
});
