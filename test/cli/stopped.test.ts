// When the disk or the user stops a pass: what is finished, what is kept back, and what the end shows.
import { expect, test } from "vitest";
import { answer, brokenOff, manifest, runWorld, trailOf, writesOf } from "../support/world.ts";
import { failCreate, files, prepared } from "./failing.ts";

test("a full disk stops a pass before it sends a write", async () => {
  const { world: from } = await runWorld({ argv: "plan", files });
  from.files.failNext("append", "ENOSPC");
  const { status, err, world } = await runWorld({ argv: "", from });
  expect(writesOf(world)).toEqual([]);
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

test.each([
  [25, "5 more operations failed"],
  [21, "1 more operation failed"],
])("of %i failures the first are repeated, and how many more there are", async (length, last) => {
  const many = Array.from({ length }, (_, index) => `g${index}`);
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
  expect(diagnostics.at(-1)?.message).toBe(last);
});
