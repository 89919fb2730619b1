// When the platform fails a pass: what is still done, what is recorded, how it exits.
import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { verifyTrail } from "../../src/audit/verify.ts";
import { makeSend } from "../../src/genesys/client/send.ts";
import {
  answer,
  brokenOff,
  credentials,
  runWorld,
  trailOf,
  trailPath,
  type Intercept,
} from "../support/world.ts";
import { failCreate, files, prepared } from "./failing.ts";

test.each([
  {
    what: "422",
    outcome: () =>
      answer(422, { message: "no", errors: [{ field: "endpoint", message: "is not reachable" }] }),
    status: "failed",
    success: false,
    error: "POST /api/v2/webhooks: refused (422): endpoint: is not reachable",
  },
  {
    what: "500",
    outcome: () => answer(500, { message: "oops" }),
    status: "unknown",
    success: null,
    error:
      "POST /api/v2/webhooks: sent, but whether it took effect is unknown: the platform failed (500): oops; " +
      "sent 3 times, without effect so far",
  },
  {
    what: "lost connection",
    outcome: () => brokenOff(),
    status: "unknown",
    success: null,
    error:
      "POST /api/v2/webhooks: sent, but whether it took effect is unknown: the connection broke off; " +
      "sent 3 times, without effect so far",
  },
])("a $what: that group's later phases are skipped, the other group goes on, exit 1", async (given) => {
  const from = await prepared();
  const { status, out } = await runWorld({
    argv: "--output json",
    from,
    intercept: failCreate(given.outcome),
  });
  const result = JSON.parse(out) as {
    ok: boolean;
    summary: unknown;
    operations: Record<string, unknown>[];
  };
  expect(
    result.operations.map(({ group, action, phase, status: became, error }) => [
      group,
      action,
      phase,
      became,
      error,
    ]),
  ).toEqual([
    ["alpha", "update", 1, "applied", null],
    ["beta", "create", 1, given.status, given.error],
    ["beta", "update", 2, "skipped", "an earlier operation of the group did not succeed"],
  ]);
  expect(result).toMatchObject({ ok: false, summary: { update: 1, failed: 1, skipped: 1 } });
  expect(status).toBe(1);
  const failed = trailOf(from.files).find(({ event }) => event === "change.failed");
  expect(failed).toMatchObject({
    group: "beta",
    operation: "create",
    success: given.success,
    error: given.error,
  });
});

test("a failed pass is put right by the next one", async () => {
  const from = await prepared();
  await runWorld({ argv: "", from, intercept: failCreate(() => answer(422)) });
  expect((await runWorld({ argv: "", from })).status).toBe(0);
  expect((await runWorld({ argv: "plan --detailed-exitcode", from })).status).toBe(0);
});

test("the text says what failed and what was skipped", async () => {
  const from = await prepared();
  const { out } = await runWorld({
    argv: "--group beta",
    from,
    intercept: failCreate(() => answer(422, { message: "no" })),
  });
  expect(out).toContain("      failed: POST /api/v2/webhooks: refused (422): no\n");
  expect(out).toContain("      skipped: an earlier operation of the group did not succeed\n");
  expect(out).toMatch(
    /\nDone: 0 created, 0 updated, 0 deleted, 0 adopted, 0 unchanged, 1 failed, 1 skipped; 0 event types moved\n$/,
  );
});

test("the text says of an unknown outcome that it is unknown, and counts it as failed", async () => {
  const from = await prepared();
  const { out } = await runWorld({ argv: "--group beta", from, intercept: failCreate(() => brokenOff()) });
  expect(out).toContain(
    "      unknown: POST /api/v2/webhooks: sent, but whether it took effect is unknown: the connection broke off; " +
      "sent 3 times, without effect so far\n",
  );
  expect(out).toMatch(/, 1 failed, 1 skipped; [^\n]*\n$/);
});

test("nothing is pruned after a failure", async () => {
  const from = await prepared();
  from.files.take("subscriptions/a.yaml");
  const { status, out } = await runWorld({
    argv: "--prune --output json",
    from,
    intercept: failCreate(() => answer(422)),
  });
  const { operations } = JSON.parse(out) as { operations: Record<string, unknown>[] };
  expect(operations.at(-1)).toMatchObject({
    action: "delete",
    status: "skipped",
    error: "not every other operation succeeded",
  });
  expect(status).toBe(1);
});

test("each intent is on disk before its request leaves, each outcome after it, and the chain verifies", async () => {
  const from = await prepared();
  const seen: string[] = [];
  await runWorld({
    argv: "--concurrency 1",
    from,
    commit: "abc123",
    intercept: (request, forward) => {
      if (/webhooks($|\/)/.test(new URL(request.url).pathname) && request.method !== "GET") {
        const trail = trailOf(from.files);
        const answered = new Set(trail.map(({ intent }) => intent));
        const open = trail.filter(({ event, seq }) => event === "change.intended" && !answered.has(seq));
        const document = request.body === undefined ? null : (JSON.parse(request.body) as unknown);
        const intent = open.find(({ after }) => isDeepStrictEqual(after, document));
        seen.push(`${request.method}: ${intent?.operation} ${intent?.group}`);
      }
      return forward();
    },
  });
  // By then it is on disk, and not answered yet.
  expect(seen).toEqual(["PUT: update alpha", "POST: create beta", "PUT: update beta"]);
  const lastRun = trailOf(from.files).slice(-8);
  const eventsOf = (group: string | null) =>
    lastRun.filter((entry) => entry.group === group).map(({ event, success }) => [event, success]);
  const done = [
    ["change.intended", null],
    ["change.applied", true],
  ];
  expect(eventsOf("alpha")).toEqual(done);
  // The second write of a group waits until the outcome of the first is on disk.
  expect(eventsOf("beta")).toEqual([...done, ...done]);
  expect(eventsOf(null)).toEqual([
    ["run.started", null],
    ["run.finished", true],
  ]);
  expect(lastRun[1]).toMatchObject({
    actor: "tester@host",
    environment: "mypurecloud.com",
    source: { file: "subscriptions/a.yaml", line: 1, commit: "abc123" },
  });
  expect(lastRun[7]).toMatchObject({ metrics: { rebalanceTriggers: 1 } });
  expect(await verifyTrail(from.files, trailPath)).toMatchObject({
    ok: true,
    firstBroken: null,
    tornTail: false,
  });
  expect(from.files.mode(trailPath)).toBe(0o600);
});

test("RECONCILE_AUDIT_KEY signs every record", async () => {
  const environment = {
    GENESYS_CLIENT_ID: credentials.clientId,
    GENESYS_CLIENT_SECRET: credentials.clientSecret,
    RECONCILE_AUDIT_KEY: "the-signing-key-of-these-tests-0123",
  };
  const { world, out, err } = await runWorld({ argv: "", files, environment });
  const text = world.files.text(trailPath);
  const { ok, records, signed } = await verifyTrail(world.files, trailPath, {
    key: "the-signing-key-of-these-tests-0123",
  });
  expect([ok, signed]).toEqual([true, records]);
  expect((await verifyTrail(world.files, trailPath, { key: "another" })).ok).toBe(false);
  expect(text + out + err).not.toContain("the-signing-key-of-these-tests-0123");
});

test("a key that a pull request brings in .env signs nothing, and is said to be ignored", async () => {
  const warning =
    "RECONCILE_AUDIT_KEY in .env is ignored, because GENESYS_CLIENT_SECRET comes from the real";
  const brought = { ...files, ".env": "RECONCILE_AUDIT_KEY=key-of-an-attacker\n" };
  for (const argv of ["", "--sandbox"]) {
    const network = argv === "" ? {} : { send: makeSend() };
    const { world, out } = await runWorld({ argv, files: brought, ...network });
    const trail = argv === "" ? trailPath : ".reconcile/sandbox-audit.log";
    expect(out).toContain(`warning: ${warning}`);
    expect(await verifyTrail(world.files, trail, { key: "key-of-an-attacker" })).toMatchObject({
      ok: true,
      signed: 0,
    });
    const verified = await runWorld({ argv: `audit verify ${argv}`, from: world });
    expect([verified.status, verified.out]).toEqual([0, expect.stringContaining(warning)]);
  }
  const own = `GENESYS_CLIENT_ID=${credentials.clientId}\nGENESYS_CLIENT_SECRET=${credentials.clientSecret}\n`;
  const dotenv = { ...files, ".env": `${own}RECONCILE_AUDIT_KEY=the-signing-key-of-their-own-01234\n` };
  const { world, out } = await runWorld({ argv: "", files: dotenv, environment: {} });
  const { records, signed } = await verifyTrail(world.files, trailPath, {
    key: "the-signing-key-of-their-own-01234",
  });
  expect([signed, out.includes("warning")]).toEqual([records, false]);
});

test("a dry run and validate record nothing; a sync of invalid manifests records that it failed", async () => {
  const bad = { "subscriptions/a.yaml": "kind: WebhookSubscription\n" };
  for (const argv of ["plan", "validate"]) {
    const { world, status } = await runWorld({ argv, files: bad });
    expect([status, world.files.paths()]).toEqual([1, ["/subscriptions/a.yaml"]]);
  }
  const { world, status } = await runWorld({ argv: "", files: bad });
  expect(status).toBe(1);
  expect(trailOf(world.files).map(({ event, success }) => [event, success])).toEqual([
    ["validation.failed", false],
  ]);
  expect(trailOf(world.files)[0]?.error).toContain("subscriptions/a.yaml:1 ");
  expect(world.requests).toEqual([]);
});

test("neither the secret nor the token is in any output or file, whatever the platform answers", async () => {
  const { clientId, clientSecret } = credentials;
  const basic = btoa(`${clientId}:${clientSecret}`);
  const tokens = new Set<string>();
  const echo: Intercept = (request, forward) => {
    const { authorization = "" } = request.headers;
    if (authorization.startsWith("Bearer ")) tokens.add(authorization.slice(7));
    if (request.method === "GET" || request.url.includes("/oauth/")) return forward();
    return answer(422, { message: `you sent ${authorization} ${clientSecret.length}` });
  };
  for (const argv of ["", "sync -v", "--output json", "plan -v", "plan --output json"]) {
    const { out, err, world } = await runWorld({ argv, files, intercept: echo });
    const everything = [
      out,
      err,
      ...world.logged,
      ...world.files.paths().map((path) => world.files.text(path)),
    ].join("\n");
    for (const secret of [clientSecret, basic, ...tokens].filter((text) => text.length > 8)) {
      expect(everything).not.toContain(secret);
    }
  }
  const refused = await runWorld({
    argv: "sync -v",
    files,
    intercept: (request) =>
      answer(401, {
        error: "invalid_client",
        description: `bad ${request.headers["authorization"] ?? ""}`,
      }),
  });
  expect(refused.out + refused.err).not.toContain(basic);
  expect(refused.err).toContain("GENESYS_CLIENT_ID");
});
