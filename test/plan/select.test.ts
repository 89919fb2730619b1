// `--group` and `--selector`: which groups a pass is about, and names that nobody bears.
import { liveFrom } from "../support/kinds.ts";
import { beforeEach, describe, expect, test } from "vitest";
import { trigger } from "../../src/kinds/trigger/kind.ts";
import { webhook } from "../../src/kinds/webhook/kind.ts";
import type { LiveResource } from "../../src/model/resource.ts";
import { findUnknown, select as selectManifests } from "../../src/plan/select.ts";
import { makeSubscription, settle } from "./samples.ts";

const desired = [
  makeSubscription({ group: "billing", labels: { team: "money" } }),
  makeSubscription({ group: "orders", labels: { team: "data", tier: "gold" } }),
  makeSubscription({ group: "orders-eu", labels: { team: "data" } }),
];
let live: readonly LiveResource[];
beforeEach(() => {
  live = settle([makeSubscription({ group: "former" })]);
});
const select = (
  groups: readonly string[] | null,
  labels: Readonly<Record<string, string>> | null,
  owner = "acme",
) => {
  const diagnostics = findUnknown(desired, live, { groups, labels, owner });
  if (diagnostics.length > 0) return { ok: false, diagnostics };
  return { ok: true, value: selectManifests(desired, { groups, labels }).groups, diagnostics };
};
const chosen = (...groups: readonly string[]) => ({ ok: true, value: new Set(groups), diagnostics: [] });

describe("a selection", () => {
  test("without a selection all groups are meant", () => {
    expect(select(null, null)).toEqual({ ok: true, value: null, diagnostics: [] });
  });

  test("--group names groups", () => {
    expect(select(["orders", "billing"], null)).toEqual(chosen("orders", "billing"));
  });

  test("--group can name a group that only this owner's webhooks bear, so that it can be pruned", () => {
    expect(select(["former"], null)).toEqual(chosen("former"));
  });

  test("--group cannot name another owner's group", () => {
    expect(select(["former"], null, "other")).toMatchObject({
      ok: false,
      diagnostics: [{ code: "group/unknown", message: 'no manifest declares the group "former"' }],
    });
  });

  test("each name that nobody bears is an error, with the nearest name", () => {
    const place = { severity: "error", code: "group/unknown", file: null, line: null, column: null };
    expect(select(["order", "orders", "xyz"], null)).toEqual({
      ok: false,
      diagnostics: [
        {
          ...place,
          message: 'no manifest declares the group "order"',
          hint: 'did you mean "orders"?',
        },
        { ...place, message: 'no manifest declares the group "xyz"', hint: null },
      ],
    });
  });

  test("--selector means the manifests that carry every label", () => {
    expect(select(null, { team: "data" })).toEqual(chosen("orders", "orders-eu"));
    expect(select(null, { team: "data", tier: "gold" })).toEqual(chosen("orders"));
  });

  test("a selector that no manifest matches is an error, not a pass over nothing", () => {
    expect(select(null, { team: "data", tier: "tin" })).toEqual({
      ok: false,
      diagnostics: [
        {
          severity: "error",
          code: "selector/noMatch",
          message: "no manifest carries the labels team=data,tier=tin",
          hint: null,
          file: null,
          line: null,
          column: null,
        },
      ],
    });
  });

  test("--group and --selector that have no group in common are an error, not a pass over nothing", () => {
    expect(select(["billing"], { team: "data", tier: "gold" })).toEqual({
      ok: false,
      diagnostics: [
        {
          severity: "error",
          code: "selector/noMatch",
          message: "none of the groups named carries the labels team=data,tier=gold",
          hint: null,
          file: null,
          line: null,
          column: null,
        },
      ],
    });
  });

  test("a webhook of this owner that names no group is no group to name", () => {
    live = live.map((webhook) => liveFrom({ ...webhook, description: "Managed by: reconcile (acme)" }));
    expect(select(["former"], null)).toMatchObject({ ok: false, diagnostics: [{ code: "group/unknown" }] });
  });

  test("--group and --selector together mean the groups that both choose", () => {
    expect(select(["orders", "billing"], { team: "data" })).toEqual(chosen("orders"));
  });
});

describe("select", () => {
  const ofBoth = [
    makeSubscription({ group: "hooks", kind: webhook, labels: { team: "data" } }),
    makeSubscription({ group: "flows", kind: trigger }),
  ];

  test("a group with a manifest needs its own kind listed, and its own records read", () => {
    expect(selectManifests(ofBoth, { groups: null, labels: { team: "data" } })).toEqual({
      groups: new Set(["hooks"]),
      scope: { needed: new Set([webhook]), groups: new Set(["hooks"]) },
    });
  });

  test("a group without a manifest may have resources of any kind, so every kind is listed", () => {
    const { groups, scope } = selectManifests(ofBoth, { groups: ["former"], labels: null });
    expect([groups, scope.needed]).toEqual([new Set(["former"]), new Set([webhook, trigger])]);
  });
});
