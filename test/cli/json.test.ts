// `--output json`: one object of one shape on stdout, whatever happens.
import { expect, test } from "vitest";
import {
  answer,
  loggedIn,
  manifest,
  organisationOfTests,
  putWebhook,
  runWorld,
  type WorldOptions,
} from "../support/world.ts";

const files = { "subscriptions/a.yaml": manifest("alpha", { eventTypes: ["a.created"] }) };
/** Before it is settled where to go and whose webhooks it is about. */
const nobody = { environment: null, owner: null, organization: null };
const nothing = {
  summary: {
    create: 0,
    update: 0,
    delete: 0,
    adopt: 0,
    unchanged: 0,
    movedEventTypes: 0,
    failed: 0,
    skipped: 0,
    orphans: 0,
  },
  operations: [],
  groups: [],
  drift: [],
  orphans: [],
  unmanaged: 0,
  traffic: { requests: 0, retries: 0, throttledMs: 0 },
  base: null,
};

async function runJson(
  options: WorldOptions,
): Promise<{ status: number; result: Record<string, unknown>; err: string }> {
  const { status, out, err } = await runWorld(options);
  return { status, result: JSON.parse(out) as Record<string, unknown>, err };
}

test("success: every key of the contract, in its order", async () => {
  const { status, result, err } = await runJson({ argv: "--output json", files });
  expect(JSON.stringify(result, null, 1)).toBe(
    JSON.stringify(
      {
        formatVersion: 1,
        dryRun: false,
        ok: true,
        runId: "id-1",
        environment: "mypurecloud.com",
        owner: "default",
        organization: { id: organisationOfTests.id, name: null },
        summary: {
          create: 1,
          update: 0,
          delete: 0,
          adopt: 0,
          unchanged: 0,
          movedEventTypes: 0,
          failed: 0,
          skipped: 0,
          orphans: 0,
        },
        operations: [
          {
            action: "create",
            group: "alpha",
            endpoint: "https://events.example.com/alpha",
            webhookId: "id-7",
            name: "alpha-7226f318",
            phase: 1,
            patch: [
              { op: "add", path: "/name", value: "alpha-7226f318" },
              { op: "add", path: "/endpoint", value: "https://events.example.com/alpha" },
              { op: "add", path: "/eventTypes", value: ["a.created"] },
              {
                op: "add",
                path: "/retryPolicy",
                value: { retryCount: 3, retryInterval: "PT1M", retryOnTimeout: true },
              },
              { op: "add", path: "/state", value: "enabled" },
              {
                op: "add",
                path: "/description",
                value:
                  "Consumer group: alpha | Offset tracking: /var/data/alpha.json | Managed by: reconcile (default)",
              },
            ],
            reason: "the consumer group is new",
            status: "applied",
            error: null,
            frozen: false,
            origin: null,
          },
        ],
        groups: [
          {
            group: "alpha",
            endpoints: [
              {
                url: "https://events.example.com/alpha",
                eventTypes: ["a.created"],
                estimatedThroughput: 80,
                webhookId: null,
              },
            ],
            moves: [],
            skipped: null,
            frozen: null,
            capacity: 15,
            rateAssumed: true,
          },
        ],
        drift: [],
        orphans: [],
        unmanaged: 0,
        traffic: { requests: 4, retries: 0, throttledMs: 0 },
        base: null,
        diagnostics: [],
      },
      null,
      1,
    ),
  );
  expect([status, err]).toEqual([0, ""]);
});

test("orphans, strangers and drift are reported", async () => {
  const first = await runWorld({ argv: "", files });
  const [webhook] = first.world.state.webhooks.values();
  if (webhook) first.world.state.webhooks.set(webhook.id, { ...webhook, state: "disabled" });
  putWebhook(first.world.state, { id: "w1", group: "old", owner: "default" });
  putWebhook(first.world.state, { id: "w2", group: "theirs", owner: "others" });
  const { status, result } = await runJson({ argv: "plan --output json", from: first.world });
  const { operations, drift, orphans, unmanaged } = result;
  expect(drift).toEqual([
    {
      webhookId: webhook?.id,
      group: "alpha",
      endpoint: "https://events.example.com/alpha",
      patch: [{ op: "replace", path: "/state", value: "disabled" }],
    },
  ]);
  expect(orphans).toEqual([
    { webhookId: "w1", group: "old", endpoint: "https://events.example.com/old", origin: null },
  ]);
  expect(unmanaged).toBe(1);
  expect(operations).toMatchObject([
    {
      action: "update",
      reason: "changed outside this repository; state disabled → enabled",
      patch: [{ op: "replace", path: "/state", value: "enabled" }],
      status: "planned",
    },
  ]);
  expect(status).toBe(0);
});

test("invalid manifests: the diagnostics, with their places", async () => {
  const bad = files["subscriptions/a.yaml"].replace("eventTypes:", "eventTypez:");
  const { status, result } = await runJson({
    argv: "plan --output json",
    files: { "subscriptions/a.yaml": bad },
  });
  expect(result).toMatchObject({ formatVersion: 1, dryRun: true, ok: false, ...nothing });
  expect(result["diagnostics"]).toEqual([
    {
      severity: "error",
      code: "spec/unknownKey",
      message: 'unknown key "eventTypez" in spec',
      hint: 'did you mean "eventTypes"?',
      file: "subscriptions/a.yaml",
      line: 7,
      column: 3,
    },
  ]);
  expect(status).toBe(1);
});

test("missing credentials", async () => {
  const { status, result, err } = await runJson({ argv: "--output json", files, environment: {} });
  expect(result).toEqual({
    formatVersion: 1,
    dryRun: false,
    ok: false,
    runId: "id-1",
    ...nobody,
    ...nothing,
    diagnostics: [
      {
        severity: "error",
        code: "credentials/missing",
        message: "GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET are not set",
        hint:
          "put into the environment or into .env the id and the secret of an OAuth client (client credentials) with the scopes " +
          "webhook:read webhook:write, or the permissions for EventBridge integrations or triggers; or try --sandbox, which needs none",
        file: null,
        line: null,
        column: null,
      },
    ],
  });
  expect([status, err]).toEqual([1, ""]);
});

test.each([
  ["plan --output json --wat", true, "usage/unknownOption", "unknown option '--wat'"],
  ["--output=json --wat", false, "usage/unknownOption", "unknown option '--wat'"],
  ["validate --output json --wat", true, "usage/unknownOption", "unknown option '--wat'"],
])("`%s`: a wrong command line", async (argv, dryRun, code, message) => {
  const { status, result, err } = await runJson({ argv, files });
  expect(result).toEqual({
    formatVersion: 1,
    dryRun,
    ok: false,
    runId: "id-1",
    ...nobody,
    ...nothing,
    diagnostics: [{ severity: "error", code, message, hint: null, file: null, line: null, column: null }],
  });
  expect([status, err]).toEqual([1, `error: ${message}\n`]);
});

test("a platform that fails", async () => {
  const intercept: WorldOptions["intercept"] = (request, forward) =>
    request.method === "GET" ? answer(403, { message: "no" }) : forward();
  const { status, result, err } = await runJson({ argv: "plan --output json", files, intercept });
  const message = "GET /api/v2/webhooks: forbidden (403): no";
  const hint =
    "give the OAuth client of GENESYS_CLIENT_ID a role with the scopes webhook:read webhook:write";
  expect(result).toMatchObject({
    dryRun: true,
    ok: false,
    environment: "mypurecloud.com",
    owner: "default",
    ...nothing,
    traffic: { requests: 4, retries: 0, throttledMs: 0 },
    diagnostics: [
      { severity: "error", code: "api/forbidden", message, hint, file: null, line: null, column: null },
    ],
  });
  expect(Object.keys(result)).toEqual([
    "formatVersion",
    "dryRun",
    "ok",
    "runId",
    "environment",
    "owner",
    "organization",
    ...Object.keys(nothing),
    "diagnostics",
  ]);
  expect([status, err]).toEqual([1, ""]);
});

test("the platform's own code stands beside what went wrong, in the operation and in the diagnostic", async () => {
  const code = "max.webhooks.reached";
  const intercept: WorldOptions["intercept"] = (request, forward) =>
    request.method === "POST" && request.url.includes("/webhooks")
      ? answer(400, { message: "Too many.", code })
      : forward();
  const { result } = await runJson({ argv: "--output json", files, intercept });
  expect(result["operations"]).toMatchObject([{ status: "failed", platformCode: code }]);
  expect(result["diagnostics"]).toMatchObject([{ code: "operation/failed", platformCode: code }]);
  const refused = await runJson({
    ...{ argv: "plan --output json", files },
    intercept: (request, forward) =>
      request.method === "GET" ? answer(403, { code: "missing.permissions" }) : forward(),
  });
  expect(refused.result["diagnostics"]).toMatchObject([
    { code: "api/forbidden", platformCode: "missing.permissions" },
  ]);
});

test("of a dry run, the same input gives the same bytes, `runId` and `traffic` apart", async () => {
  const outs = await Promise.all(
    [1, 2].map(
      async () => (await runWorld({ argv: "plan --output json", files, environment: loggedIn })).out,
    ),
  );
  expect(outs[0]).toBe(outs[1]);
});
