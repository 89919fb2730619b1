// When the platform, the disk or the user stops a pass: what is still done, what is recorded, how it exits.
import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { verifyTrail } from "../../src/audit/verify.ts";
import { makeSend } from "../../src/genesys/client/send.ts";
import {
  answer,
  brokenOff,
  credentials,
  manifest,
  runWorld,
  trailOf,
  trailPath,
  type Intercept,
} from "../support/world.ts";

const pool = ["https://p.example.com/1", "https://p.example.com/2"];
const pooled = (urls: readonly string[]) =>
  manifest("beta", { pool: urls, eventTypes: ["e.a", "e.b", "e.c", "e.d"] }).replace(
    "https://events.example.com/beta",
    "https://p.example.com/1",
  );
const files = {
  "subscriptions/a.yaml": manifest("alpha"),
  "subscriptions/b.yaml": pooled(pool.slice(0, 1)),
};

/** Both groups are live; then alpha is edited, and beta's pool grows, which takes two phases. */
async function prepared() {
  const { world } = await runWorld({ argv: "", files });
  world.files.set("subscriptions/a.yaml", manifest("alpha", { eventTypes: ["a.created"] }));
  world.files.set("subscriptions/b.yaml", pooled(pool));
  return world;
}

const failCreate =
  (outcome: () => ReturnType<Intercept>): Intercept =>
  (request, forward) =>
    request.method === "POST" && request.url.endsWith("/webhooks") ? outcome() : forward();

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
    RECONCILE_AUDIT_KEY: "key-of-tests",
  };
  const { world, out, err } = await runWorld({ argv: "", files, environment });
  const text = world.files.text(trailPath);
  const { ok, records, signed } = await verifyTrail(world.files, trailPath, { key: "key-of-tests" });
  expect([ok, signed]).toEqual([true, records]);
  expect((await verifyTrail(world.files, trailPath, { key: "another" })).ok).toBe(false);
  expect(text + out + err).not.toContain("key-of-tests");
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
  const dotenv = { ...files, ".env": `${own}RECONCILE_AUDIT_KEY=key-of-their-own\n` };
  const { world, out } = await runWorld({ argv: "", files: dotenv, environment: {} });
  const { records, signed } = await verifyTrail(world.files, trailPath, { key: "key-of-their-own" });
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
  for (const argv of ["", "-v", "--output json", "plan -v", "plan --output json"]) {
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
    argv: "-v",
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

test("a full disk stops a pass before it sends a write", async () => {
  const { world: from } = await runWorld({ argv: "plan", files });
  from.files.failNext("append", "ENOSPC");
  const { status, err, world } = await runWorld({ argv: "", from });
  expect(world.requests).toEqual(["POST /oauth/token", "GET /api/v2/webhooks"]);
  expect(err).toMatch(/^error: [^\n]*audit trail[^\n]*\n/);
  expect(status).toBe(1);
});

test("a disk that fills up while a write is under way: what waits for its outcome is not sent", async () => {
  const from = await prepared();
  const { status, out, world } = await runWorld({
    argv: "--group beta --output json",
    from,
    intercept: (request, forward) => {
      if (request.method === "POST" && request.url.endsWith("/webhooks")) {
        from.files.before = (operation) => {
          if (operation === "append") from.files.failNext("append", "ENOSPC");
        };
      }
      return forward();
    },
  });
  const { operations } = JSON.parse(out) as { operations: { status: string; error: string }[] };
  expect(operations.map((operation) => operation.status)).toEqual(["unknown", "skipped"]);
  expect(operations[0]?.error).toMatch(
    /^sent, but its outcome is not on record: the audit trail .* ENOSPC/,
  );
  expect(world.requests.filter((sent) => sent.startsWith("PUT"))).toEqual([]);
  expect(status).toBe(1);
});

test("Ctrl-C: the write in flight is finished and recorded, the rest is skipped, exit 130", async () => {
  const from = await prepared();
  const { makeWorld } = await import("../support/world.ts");
  const { run } = await import("../../src/cli/run.ts");
  const world = makeWorld({
    argv: "--concurrency 1 --output json",
    from,
    intercept: (request, forward) => {
      if (request.method === "PUT") world.interrupt.abort();
      return forward();
    },
  });
  expect(await run(world)).toBe(130);
  const { operations } = JSON.parse(world.out()) as { operations: Record<string, unknown>[] };
  expect(operations.map(({ group, action, status }) => [group, action, status])).toEqual([
    ["alpha", "update", "applied"],
    ["beta", "create", "skipped"],
    ["beta", "update", "skipped"],
  ]);
  expect(
    trailOf(world.files)
      .slice(-6)
      .map(({ event, group, success }) => [event, group, success]),
  ).toEqual([
    ["run.started", null, null],
    ["change.intended", "alpha", null],
    ["change.intended", "beta", null],
    ["change.applied", "alpha", true],
    // It was on record already, and never left.
    ["change.failed", "beta", false],
    ["run.finished", null, false],
  ]);
});

test.each([
  ["an interrupt", "", "interrupted"],
  ["the deadline", "--deadline 1", "the pass ran out of its 1 minute (--deadline)"],
])(
  "a write that %s finds waiting for the rate limit is skipped, and is no attempt",
  async (_, flag, why) => {
    const { makeWorld } = await import("../support/world.ts");
    const { run } = await import("../../src/cli/run.ts");
    const from = await prepared();
    const before = trailOf(from.files).at(-1)?.metrics;
    const world = makeWorld({
      argv: `--output json ${flag}`,
      from,
      intercept: (request, forward) => {
        if (request.method === "GET" || request.url.includes("/oauth/")) return forward();
        if (flag === "")
          void world.clock.sleep(1_000).then(() => {
            world.interrupt.abort();
          });
        return { ...answer(429), headers: { "retry-after": "120" } };
      },
    });
    expect(await run(world)).toBe(flag === "" ? 130 : 1);
    const { operations, summary } = JSON.parse(world.out()) as {
      operations: Record<string, unknown>[];
      summary: Record<string, number>;
    };
    expect(operations.map(({ status, error }) => [status, error])).toEqual([
      ["skipped", `not started: ${why}`],
      ["skipped", `not started: ${why}`],
      ["skipped", "an earlier operation of the group did not succeed"],
    ]);
    expect(summary).toMatchObject({ failed: 0, skipped: 3 });
    const outcomes = trailOf(from.files)
      .slice(-6)
      .filter(({ intent }) => intent !== null);
    expect(
      outcomes.map(({ event, success, latencyMs, attempted }) => [event, success, latencyMs, attempted]),
    ).toEqual([1, 2].map(() => ["change.failed", false, null, false]));
    expect(trailOf(from.files).at(-1)?.metrics).toEqual(before);
  },
);

test("what an interrupt leaves open of a write whose answer was lost stays unknown", async () => {
  const { makeWorld } = await import("../support/world.ts");
  const { run } = await import("../../src/cli/run.ts");
  let posts = 0;
  const world = makeWorld({
    argv: "--output json",
    files: { "subscriptions/a.yaml": manifest("alpha") },
    intercept: (request, forward) => {
      if (request.method === "GET" || request.url.includes("/oauth/")) return forward();
      if ((posts += 1) === 1) return brokenOff();
      void world.clock.sleep(1_000).then(() => {
        world.interrupt.abort();
      });
      return { ...answer(429), headers: { "retry-after": "120" } };
    },
  });
  expect(await run(world)).toBe(130);
  const { operations } = JSON.parse(world.out()) as { operations: { status: string }[] };
  expect([posts, operations.map(({ status }) => status)]).toEqual([2, ["unknown"]]);
  expect(trailOf(world.files).find(({ event }) => event === "change.failed")).toMatchObject({
    success: null,
    attempted: true,
  });
});

test("writes that an outage or an interrupt kept back are no attempts in the figures", async () => {
  const many = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [`subscriptions/g${index}.yaml`, manifest(`g${index}`)]),
  );
  const { world, out } = await runWorld({
    argv: "--output json",
    files: many,
    intercept: failCreate(() => answer(403)),
  });
  const { summary } = JSON.parse(out) as { summary: { failed: number; skipped: number } };
  const records = trailOf(world.files);
  const outcomes = records.filter(({ intent }) => intent !== null);
  const tried = outcomes.filter(({ attempted }) => attempted);
  // More were on record ahead than were sent.
  expect(outcomes.length).toBeGreaterThan(tried.length);
  expect(tried.length).toBe(summary.failed);
  expect(records.at(-1)?.metrics).toMatchObject({
    totalAttempts: summary.failed,
    failedRegistrations: summary.failed,
    successRate: 0,
  });
});

test("Ctrl-C does not wait for the rate limit", async () => {
  const { makeWorld } = await import("../support/world.ts");
  const { run } = await import("../../src/cli/run.ts");
  const world = makeWorld({
    argv: "plan",
    files,
    intercept: (request, forward) => {
      if (request.method !== "GET") return forward();
      world.interrupt.abort();
      return { ...answer(429), headers: { "retry-after": "60" } };
    },
  });
  const startedMs = world.clock.now();
  expect(await run(world)).toBe(130);
  expect(world.clock.now() - startedMs).toBeLessThan(1_000);
});

test("failures are repeated at the end, at their manifests' places, and so in the diagnostics", async () => {
  const world = await prepared();
  const intercept = failCreate(() => answer(403, { message: "no" }));
  const { out, status } = await runWorld({ argv: "", from: world, intercept });
  expect(status).toBe(1);
  const tail = out.slice(out.lastIndexOf("\nerror: ") + 1);
  expect(tail).toMatch(
    /^error: create of https:\/\/p\.example\.com\/2 in group "beta": POST [^\n]*\(403\)[^\n]* \[operation\/failed\]\n {2}--> subscriptions\/b\.yaml:1:1\n\nDone: [^\n]*1 failed, 1 skipped[^\n]*\n$/,
  );
  const again = await runWorld({ argv: "--output json", from: world, intercept });
  const { diagnostics } = JSON.parse(again.out) as { diagnostics: Record<string, unknown>[] };
  expect(diagnostics).toEqual([
    expect.objectContaining({
      severity: "error",
      code: "operation/failed",
      file: "subscriptions/b.yaml",
      line: 1,
    }),
  ]);
});

test("what the platform finds wrong is shown where the manifest says it", async () => {
  const errors = [{ field: "eventTypes[1]", message: "is not a topic of this organisation" }];
  const { out, status } = await runWorld({
    argv: "",
    files: { "subscriptions/a.yaml": manifest("alpha", { eventTypes: ["z.last", "a.first", "m.middle"] }) },
    intercept: failCreate(() => answer(422, { message: "no", errors })),
  });
  expect(status).toBe(1);
  // Sent sorted, `m.middle` is the second; in the manifest it is the third.
  expect(out).toContain(" [operation/failed]\n  --> subscriptions/a.yaml:7:33\n");
});

test("of very many failures the first are repeated, and how many more there are", async () => {
  const many = Array.from({ length: 25 }, (_, index) => `g${index}`);
  const manifests = Object.fromEntries(
    many.map((group) => [`subscriptions/${group}.yaml`, manifest(group)]),
  );
  const { out } = await runWorld({
    argv: "--output json",
    files: manifests,
    intercept: failCreate(() => answer(422)),
  });
  const { diagnostics } = JSON.parse(out) as { diagnostics: { message: string }[] };
  expect(diagnostics.length).toBe(21);
  expect(diagnostics.at(-1)?.message).toBe("5 more operations failed");
});
