// `--output sarif`: for code scanning.
import { expect, test } from "vitest";
import { answer, manifest, putWebhook, runWorld } from "../support/world.ts";

const frame = (run: object): object => ({
  $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
  version: "2.1.0",
  runs: [run],
});
const driver = { name: "reconcile", version: "1.2.3" };
const help = (key: string): object => ({
  text: `reconcile found a problem with ${key}. Each result says what is wrong and how to fix it; \`reconcile validate\` shows all of them, with their lines.`,
});

test("each fault is a result of its rule, at its place in a file of the repository", async () => {
  const files = {
    "subscriptions/a ä.yaml": manifest("alpha").replace("eventTypes", "eventTypez"),
    "subscriptions/b.yaml": manifest("beta").replace("/beta", "/beta?key=hidden"),
  };
  const { status, out } = await runWorld({ argv: "validate --output sarif", files });
  const at = (uri: string, index: number, startLine: number, startColumn: number): object[] => [
    {
      physicalLocation: {
        artifactLocation: { uri, uriBaseId: "%SRCROOT%", index },
        region: { startLine, startColumn },
      },
    },
  ];
  expect(JSON.parse(out)).toEqual(
    frame({
      tool: {
        driver: {
          ...driver,
          rules: [
            {
              id: "spec/unknownKey",
              shortDescription: { text: "spec: unknown key" },
              help: help("spec"),
              defaultConfiguration: { level: "error" },
            },
            {
              id: "endpointUrl/queryString",
              shortDescription: { text: "endpointUrl: query string" },
              help: help("endpointUrl"),
              defaultConfiguration: { level: "warning" },
            },
          ],
          notifications: [],
        },
      },
      invocations: [{ executionSuccessful: true, toolExecutionNotifications: [] }],
      columnKind: "utf16CodeUnits",
      artifacts: [
        { location: { uri: "subscriptions/a%20%C3%A4.yaml", uriBaseId: "%SRCROOT%" } },
        { location: { uri: "subscriptions/b.yaml", uriBaseId: "%SRCROOT%" } },
      ],
      results: [
        {
          ruleId: "spec/unknownKey",
          ruleIndex: 0,
          level: "error",
          message: { text: 'unknown key "eventTypez" in spec; did you mean "eventTypes"?' },
          locations: at("subscriptions/a%20%C3%A4.yaml", 0, 7, 3),
        },
        {
          ruleId: "endpointUrl/queryString",
          ruleIndex: 1,
          level: "warning",
          message: {
            text: '"https://events.example.com/beta?…" has a query string; a secret in it is kept in the audit trail; keep secrets out of URLs; text output and logs show ?… in its place',
          },
          locations: at("subscriptions/b.yaml", 1, 6, 16),
        },
      ],
    }),
  );
  expect(status).toBe(1);
});

test("valid manifests are a run without results", async () => {
  const { status, out } = await runWorld({
    argv: "validate --output sarif",
    files: { "subscriptions/a.yaml": manifest("alpha") },
  });
  expect(JSON.parse(out)).toEqual(
    frame({
      tool: { driver: { ...driver, rules: [], notifications: [] } },
      invocations: [{ executionSuccessful: true, toolExecutionNotifications: [] }],
      columnKind: "utf16CodeUnits",
      artifacts: [],
      results: [],
    }),
  );
  expect(status).toBe(0);
});

test("a plan: conflicts at their manifests; what no file is to blame for is said of the run itself", async () => {
  const files = { "subscriptions/a.yaml": manifest("alpha") };
  const { world } = await runWorld({ argv: "plan", files });
  putWebhook(world.state, { id: "w1", group: "alpha" });
  const conflict = await runWorld({ argv: "plan --output sarif", from: world });
  expect(JSON.parse(conflict.out)).toMatchObject({
    runs: [{ results: [{ ruleId: "ownership/unmarked", level: "error" }] }],
  });
  const failing = await runWorld({
    argv: "plan --output sarif",
    files,
    intercept: () => answer(401, { error: "invalid_client" }),
  });
  expect(JSON.parse(failing.out)).toMatchObject({
    runs: [
      {
        tool: { driver: { notifications: [{ id: "auth/invalidClient" }] } },
        invocations: [
          {
            executionSuccessful: false,
            toolExecutionNotifications: [{ descriptor: { id: "auth/invalidClient" }, level: "error" }],
          },
        ],
        results: [],
      },
    ],
  });
  expect([conflict.status, failing.status]).toEqual([1, 1]);
});
