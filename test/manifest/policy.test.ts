// What a team asks of its manifests beyond what the platform takes, and the annotations.
import { describe, expect, test } from "vitest";
import { makeSubscriptions } from "../../src/manifest/validate.ts";
import { manifest, runWorld } from "../support/world.ts";
import { anything, manifestText as text, noPolicy } from "./manifest-text.ts";
import { testMistakes } from "./mistakes.ts";

const policy = { requiredLabels: ["team", "tier"], unsharedEndpoints: true };
const unlabelled =
  "write labels: { team: … } under metadata; policy.requiredLabels in the config requires it";
const withMetadata = (...lines: readonly string[]): string =>
  text({ name: ["  name: alpha", ...lines].join("\n") });
const freeze = "reconcile.genesys/freeze";

describe("requiredLabels:", () => {
  testMistakes([
    {
      what: "no labels at all",
      text: text(),
      at: "3:1",
      code: "labels/required",
      message: 'the label "team" is missing',
      hint: unlabelled,
      options: { policy: { ...noPolicy, requiredLabels: ["team"] } },
    },
    {
      what: "another label",
      text: withMetadata("  labels: { tier: one, cost: a }"),
      at: "5:3",
      code: "labels/required",
      message: 'the label "team" is missing',
      hint: unlabelled,
      options: { policy },
    },
    {
      what: "one that is misspelt",
      text: withMetadata("  labels: { tier: one, Team: data }"),
      at: "5:3",
      code: "labels/required",
      message: 'the label "team" is missing',
      hint: 'did you mean "team" instead of "Team"?',
      options: { policy },
    },
    {
      what: "one without a value",
      text: withMetadata("  labels:", "    tier: one", '    team: " "'),
      at: "7:11",
      code: "labels/required",
      message: 'the label "team" is empty',
      hint: unlabelled,
      options: { policy },
    },
  ]);
});

describe("unsharedEndpoints:", () => {
  const files = {
    "subscriptions/a.yaml": manifest("alpha", { pool: ["https://Events.example.com:443/p?key=hidden"] }),
    "subscriptions/b.yaml": manifest("beta").replace("example.com/beta", "example.com/p?key=hidden"),
    "subscriptions/c.yaml": manifest("gamma", {
      pool: ["https://events.example.com/gamma", "https://events.example.com/g2"],
    }),
  };

  test("an endpoint of two groups is an error at the second that names the first, however it is spelt", async () => {
    const config = `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\npolicy: { unsharedEndpoints: true }\n`;
    const given = { ...files, "reconcile.yaml": config };
    const { status, out } = await runWorld({ argv: "validate --output json", files: given });
    const { diagnostics } = JSON.parse(out) as { diagnostics: readonly { severity: string }[] };
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([
      {
        severity: "error",
        code: "endpointUrl/shared",
        message:
          'the endpoint "https://events.example.com/p?…" already belongs to the group "alpha", at subscriptions/a.yaml:7:18',
        hint: "give each group an endpoint of its own; policy.unsharedEndpoints in the config requires it",
        file: "subscriptions/b.yaml",
        line: 6,
        column: 16,
      },
    ]);
    expect(status).toBe(1);
  });

  test("without it, groups may share", async () => {
    const { status } = await runWorld({ argv: "validate", files });
    expect(status).toBe(0);
  });
});

test("a pass is refused as validate is, before anything is sent", async () => {
  const files = {
    "reconcile.yaml":
      "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\npolicy: { requiredLabels: [team] }\n",
    "subscriptions/a.yaml": manifest("alpha"),
  };
  const { status, out, err, world } = await runWorld({ argv: "", files });
  expect([status, out, world.requests]).toEqual([1, "", []]);
  expect(err).toContain('error: the label "team" is missing [labels/required]');
});

describe("annotations:", () => {
  testMistakes([
    {
      what: "one of reconcile's that is misspelt",
      text: withMetadata(`  annotations: { reconcile.genesys/freez: later }`),
      at: "5:18",
      code: "annotations/unknownKey",
      message: 'unknown annotation "reconcile.genesys/freez"',
      hint: 'did you mean "reconcile.genesys/freeze"?',
    },
    {
      what: "one of reconcile's that is like none",
      text: withMetadata(`  annotations: { reconcile.genesys/somethingElse: later }`),
      at: "5:18",
      code: "annotations/unknownKey",
      message: 'unknown annotation "reconcile.genesys/somethingElse"',
      hint: "reconcile reads only reconcile.genesys/freeze and reconcile.genesys/create-only",
    },
    {
      what: "a freeze without a reason",
      text: withMetadata(`  annotations: { ${freeze}: " " }`),
      at: "5:44",
      code: "annotations/emptyFreeze",
      message: "reconcile.genesys/freeze is empty",
      hint: "write why the group is frozen and until when, or remove the annotation",
    },
    {
      what: "a freeze with a novel",
      text: withMetadata(`  annotations: { ${freeze}: ${"word ".repeat(50)} }`),
      at: "5:44",
      code: "annotations/longFreeze",
      message: "the reason of reconcile.genesys/freeze has 249 characters, but at most 200 are allowed",
      hint: "write one line, with a link to the rest",
    },
    {
      what: "create-only without a reason",
      text: withMetadata(`  annotations: { reconcile.genesys/create-only: " " }`),
      at: "5:49",
      code: "annotations/emptyCreateOnly",
      message: "reconcile.genesys/create-only is empty",
      hint: "write what the group waits for, or remove the annotation",
    },
    {
      what: "create-only that is misspelt",
      text: withMetadata(`  annotations: { reconcile.genesys/createOnly: later }`),
      at: "5:18",
      code: "annotations/unknownKey",
      message: 'unknown annotation "reconcile.genesys/createOnly"',
      hint: 'did you mean "reconcile.genesys/create-only"?',
    },
    {
      what: "a freeze that is no text",
      text: withMetadata(`  annotations: { ${freeze}: true }`),
      at: "5:44",
      code: "annotations/wrongType",
      message:
        "metadata.annotations.reconcile.genesys/freeze must be text of at most 4096 characters, not true",
      hint: 'put it in quotes: "true"',
    },
    {
      what: "too many",
      text: withMetadata(
        `  annotations: { ${Array.from({ length: 51 }, (_, index) => `k${index}: v`).join(", ")} }`,
      ),
      at: "5:16",
      code: "annotations/tooMany",
      message: "metadata.annotations must be a map of at most 50 texts, but it has 51",
    },
  ]);

  test("any other key is the user's own; one that is nearly the freeze is warned of", () => {
    const files = [
      {
        file: "a.yaml",
        text: withMetadata('  annotations: { runbook: "x", freeze: "y", "team/contact": z }'),
      },
    ];
    expect(makeSubscriptions(files, anything)).toMatchObject({ ok: true, diagnostics: [] });
    const near = [{ file: "a.yaml", text: withMetadata("  annotations: { reconcile.genesis/freeze: y }") }];
    expect(makeSubscriptions(near, anything)).toMatchObject({
      ok: true,
      value: { subscriptions: [{ freeze: null, createOnly: null }] },
      diagnostics: [
        {
          severity: "warning",
          code: "annotations/nearKey",
          message:
            'reconcile does not read the annotation "reconcile.genesis/freeze": the group is not frozen',
          hint: 'did you mean "reconcile.genesys/freeze"?',
          line: 5,
          column: 18,
        },
      ],
    });
  });

  test("a reason that is folded over lines is one line", () => {
    const folded = withMetadata(
      "  annotations:",
      `    ${freeze}: >`,
      "      the migration,",
      "      until Friday",
    );
    expect(makeSubscriptions([{ file: "a.yaml", text: folded }], anything)).toMatchObject({
      value: { subscriptions: [{ freeze: "the migration, until Friday" }] },
    });
  });
});
