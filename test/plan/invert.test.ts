// The inverse of a run as a pure function: its order, and where no order is right.
import { liveFrom } from "../support/kinds.ts";
import { builtInKinds } from "../../src/kinds/registry.ts";
import { expect, test } from "vitest";
import type { RunChange } from "../../src/model/run-changes.ts";
import type { LiveResource, ResourceDocument } from "../../src/model/resource.ts";
import { invertRun, type RunToInvert } from "../../src/plan/invert.ts";

const options = {
  kinds: builtInKinds,
  owner: "me",
  force: false,
  allowDeletes: true,
  limits: { maxEventTypesPerEndpoint: 15, maxConcurrentConsumers: 10 },
  maxDeletePercent: 30,
  isAllowed: () => true,
  freezes: new Map(),
};

function document(name: string, ...eventTypes: string[]): ResourceDocument {
  const retryPolicy = { retryCount: 3, retryInterval: "PT1M", retryOnTimeout: true };
  const description = "Consumer group: g | Managed by: reconcile (me)";
  return {
    name,
    endpoint: `https://x.example.com/${name}`,
    eventTypes,
    retryPolicy,
    state: "enabled",
    description,
  };
}

function runOf(...changes: RunChange[]): RunToInvert {
  return { runId: "0123456789", changes, later: new Map(), unclear: new Map(), places: new Map() };
}

const change = (
  webhookId: string,
  before: ResourceDocument | null,
  after: ResourceDocument | null,
): RunChange => ({
  ...{ webhookId, group: "g" },
  ...{ before, after },
});

test("gainers come before losers, whatever the order of the records", () => {
  const changes = [
    change("1", document("a", "x"), document("a", "x", "y")),
    change("2", document("b", "y"), null),
    change("3", null, document("c", "z")),
  ];
  const live: LiveResource[] = [
    liveFrom({ ...document("a", "x", "y"), id: "1" }),
    liveFrom({ ...document("c", "z"), id: "3" }),
  ];
  for (const given of [changes, changes.toReversed()]) {
    const { operations, diagnostics } = invertRun(runOf(...given), live, options);
    const shown = operations.map(({ action, name, phase, reason }) => [action, name, phase, reason].join());
    expect(new Set(shown)).toEqual(
      new Set([
        "create,b,1,run 01234567 deleted it",
        "delete,c,1,run 01234567 created it",
        "update,a,2,as before run 01234567",
      ]),
    );
    expect(diagnostics).toEqual([]);
  }
});

test("webhooks that would have to swap event types are left alone, even with --force", () => {
  const run = runOf(
    change("1", document("a", "x"), document("a", "y")),
    change("2", document("b", "y"), document("b", "x")),
  );
  const live: LiveResource[] = [
    liveFrom({ ...document("a", "y"), id: "1" }),
    liveFrom({ ...document("b", "x"), id: "2" }),
  ];
  const { operations, groups, diagnostics } = invertRun(run, live, { ...options, force: true });
  expect(operations.map(({ status }) => status)).toEqual(["skipped", "skipped"]);
  expect(diagnostics).toMatchObject([{ code: "rollback/noOrder", severity: "error" }]);
  expect(groups[0]?.skipped).toMatch(
    /^group "g" is not rolled back: what is live of it would have to swap event types/,
  );
});

test("values that mean the same are as before", () => {
  const before = document("a", "x", "y");
  const live = liveFrom({
    ...document("a", "y", "x"),
    id: "1",
    retryPolicy: { retryCount: 3, retryInterval: "PT60S", retryOnTimeout: true },
  });
  const run = runOf(change("1", before, document("a", "z")));
  expect(invertRun(run, [live], options)).toMatchObject({ operations: [], diagnostics: [] });
});

test("a delete whose event types go on elsewhere does not count against maxDeletePercent", () => {
  const changes = ["1", "2"].map((id) => change(id, null, document(id, "x")));
  const live = [
    ...["1", "2"].map((id) => liveFrom({ ...document(id, "x"), id })),
    liveFrom({ ...document("3", "x"), id: "3" }),
  ];
  const guarded = { ...options, allowDeletes: false };
  expect(invertRun(runOf(...changes), live, guarded).diagnostics).toEqual([]);
  const lost = invertRun(runOf(...changes), live.slice(0, 2), guarded);
  expect(lost.diagnostics).toMatchObject([{ code: "rollback/tooManyDeletes" }]);
});

test("a limit of 0 refuses the rollback of a single create", () => {
  const live = [liveFrom({ ...document("1", "x"), id: "1" })];
  const run = runOf(change("1", null, document("1", "x")));
  const refused = invertRun(run, live, { ...options, allowDeletes: false, maxDeletePercent: 0 });
  expect(refused.diagnostics).toMatchObject([{ code: "rollback/tooManyDeletes" }]);
  expect(refused.operations).toMatchObject([{ action: "delete", status: "skipped" }]);
  const allowed = invertRun(run, live, { ...options, allowDeletes: false });
  expect(allowed.operations).toMatchObject([{ action: "delete", status: "planned" }]);
});
