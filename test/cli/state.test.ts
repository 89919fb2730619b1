// What a pass keeps beside the trail: the lock, the figures, and `reconcile status` that shows them.
import { expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import { makeSend } from "../../src/genesys/client/send.ts";
import { makeEntry, makeTrail } from "../audit/samples.ts";
import { answer, loggedIn, makeWorld, manifest, runWorld, trailOf, trailPath } from "../support/world.ts";

const files = { "subscriptions/a.yaml": manifest("alpha") };
const held = (pid: number) =>
  `${JSON.stringify({ pid, host: "host", machine: "machine", task: "sync", since: "2026-01-01T00:00:00.000Z", beatMs: Date.UTC(2026, 0, 1) })}\n`;

test("two syncs at once on one folder: the second waits, then finds nothing left to do", async () => {
  const first = makeWorld({ argv: "--output json", files });
  const second = makeWorld({ argv: "--output json", from: first, processes: { pid: 200 } });
  expect(await Promise.all([run(first), run(second)])).toEqual([0, 0]);
  const created = [first, second].map(
    (world) => (JSON.parse(world.out()) as { summary: { create: number } }).summary,
  );
  expect(created.map(({ create }) => create).sort()).toEqual([0, 1]);
  expect(first.state.webhooks.size).toBe(1);
});

test("a sync that waits 30 s in vain exits 1 and names the holder; a plan does not wait", async () => {
  const locked = { ...files, ".reconcile/lock.3": held(42) };
  const { status, err, out, world } = await runWorld({ argv: "", files: locked });
  expect([status, out]).toEqual([1, ""]);
  expect(err).toBe(
    "waiting for another pass on .reconcile/ (sync, process 42 on host, since 2026-01-01T00:00:00.000Z)\n" +
      "error: another pass works on .reconcile/ (sync, process 42 on host, since 2026-01-01T00:00:00.000Z); " +
      "waited 30 s for it [state/locked]\n" +
      "  = try again when that pass has ended; if its process died, the next try gets the lock, so do not remove files\n\n",
  );
  expect(world.requests).toEqual([]);
  expect((await runWorld({ argv: "plan", files: locked })).status).toBe(0);
});

test("the lock of a process that was killed is taken over", async () => {
  const { status } = await runWorld({
    argv: "",
    files: { ...files, ".reconcile/lock.3": held(42) },
    processes: { isAlive: () => false },
  });
  expect(status).toBe(0);
});

test("a sync whose lock is taken over starts no further write", async () => {
  const many = Object.fromEntries(
    Array.from({ length: 9 }, (_, index) => [`subscriptions/g${index}.yaml`, manifest(`g${index}`)]),
  );
  const world = makeWorld({
    argv: "--concurrency 1 --output json",
    files: many,
    intercept: async (request, forward) => {
      if (request.method === "POST" && request.url.endsWith("/webhooks")) {
        // As after a suspension: someone else has followed meanwhile.
        world.files.set(".reconcile/lock.9", held(42));
        await world.clock.sleep(3_000);
      }
      return forward();
    },
  });
  expect(await run(world)).toBe(1);
  const { summary, diagnostics } = JSON.parse(world.out()) as {
    summary: Record<string, number>;
    diagnostics: { code: string; message: string }[];
  };
  // What became of the one in flight is for the follower to find out.
  expect(summary).toMatchObject({ create: 0, failed: 1, skipped: 8 });
  expect(diagnostics.find(({ code }) => code === "run/stopped")).toMatchObject({
    message: "another process took over .reconcile/: 8 of 9 operations were not started",
  });
});

test("a sync whose lock file cannot be written any more says so, not that somebody took it over", async () => {
  const many = Object.fromEntries(
    Array.from({ length: 3 }, (_, index) => [`subscriptions/g${index}.yaml`, manifest(`g${index}`)]),
  );
  const world = makeWorld({
    argv: "--concurrency 1 --output json",
    files: many,
    intercept: async (request, forward) => {
      if (request.method === "POST" && request.url.endsWith("/webhooks")) {
        world.files.before = (operation, path) => {
          if (operation === "write" && path.includes("lock."))
            throw Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" });
        };
        await world.clock.sleep(12_000);
      }
      return forward();
    },
  });
  expect(await run(world)).toBe(1);
  const { diagnostics } = JSON.parse(world.out()) as { diagnostics: { code: string; message: string }[] };
  expect(diagnostics.find(({ code }) => code === "run/stopped")?.message).toBe(
    ".reconcile/ cannot be written, so another process may take it over (ENOSPC: no space left): " +
      "2 of 3 operations were not started",
  );
});

test("a state folder that cannot be written ends a sync before it asks anything", async () => {
  const world = makeWorld({ argv: "", files });
  world.files.failNext("create", "EROFS");
  expect(await run(world)).toBe(1);
  expect(world.err()).toContain("error: .reconcile/ cannot be used: EROFS");
  expect(world.requests).toEqual([]);
});

test("past its deadline a pass starts no further write, and exits 1", async () => {
  const two = { ...files, "subscriptions/b.yaml": manifest("beta") };
  const slow = makeWorld({
    argv: "--deadline 1 --concurrency 1 --output json",
    files: two,
    intercept: async (request, forward) => {
      if (request.method === "POST" && request.url.endsWith("/webhooks")) await slow.clock.sleep(61_000);
      return forward();
    },
  });
  expect(await run(slow)).toBe(1);
  const { operations, diagnostics } = JSON.parse(slow.out()) as {
    operations: { status: string; error: string | null }[];
    diagnostics: { code: string; message: string }[];
  };
  const message = "the pass ran out of its 1 minute (--deadline)";
  expect(operations.map(({ status, error }) => [status, error])).toEqual([
    ["applied", null],
    ["skipped", `not started: ${message}`],
  ]);
  expect(diagnostics).toMatchObject([
    { code: "run/stopped", message: `${message}: 1 of 2 operations were not started` },
  ]);
});

test("where the platform is gone, a pass ends after five writes in a row, not after all", async () => {
  const many = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [`subscriptions/g${index}.yaml`, manifest(`g${index}`)]),
  );
  const { status, out, world } = await runWorld({
    argv: "--output json",
    files: many,
    intercept: (request, forward) =>
      request.method === "POST" && request.url.endsWith("/webhooks") ? answer(503) : forward(),
  });
  const { summary, diagnostics } = JSON.parse(out) as {
    summary: { failed: number; skipped: number };
    diagnostics: { message: string }[];
  };
  expect(status).toBe(1);
  expect(summary.failed).toBeLessThanOrEqual(8); // those in flight are finished
  expect(summary.failed + summary.skipped).toBe(40);
  expect(diagnostics.at(-1)?.message).toBe(
    `5 writes in a row found no platform: ${summary.skipped} of 40 operations were not started`,
  );
  expect(world.requests.filter((sent) => sent === "POST /api/v2/webhooks").length).toBeLessThanOrEqual(24);
});

test("status gives no percentage of writes that have no outcome", async () => {
  const none = await runWorld({ argv: "status", files });
  expect(none.out).toContain("\nwrites     none so far\n");
  const from = makeWorld({ argv: "", files });
  from.files.set(trailPath, await makeTrail([makeEntry()]));
  const open = await runWorld({ argv: "status", from });
  expect(open.out).toContain("\nwrites     1 tried, 0 done, 0 failed\n");
});

test("where only the other of sandbox and platform has a state, status names the flag", async () => {
  const { world } = await runWorld({ argv: "--sandbox", files, send: makeSend() });
  const here = await runWorld({ argv: "status", from: world });
  expect(here.out).toMatch(
    /^last run {3}none has finished on this machine; for the sandbox: reconcile status --sandbox\n/,
  );
  const there = await runWorld({ argv: "status --sandbox", from: world });
  expect(there.out).toMatch(/^last run {3}2026-/);
  const real = await runWorld({ argv: "", files });
  const sandbox = await runWorld({ argv: "status --sandbox", from: real.world });
  expect(sandbox.out).toMatch(
    /^last run {3}none has finished on this machine; without the sandbox: reconcile status\n/,
  );
});

test("status shows the last run, the figures, and what is open", async () => {
  const none = await runWorld({ argv: "status", files });
  expect([none.status, none.out]).toEqual([
    0,
    "last run   none has finished on this machine\n" +
      "open       nothing: the outcome of every write is on record\n" +
      "writes     none so far\n" +
      "rebalances 0 groups split or split again\n" +
      "refusals   0 times, because of invalid manifests\n",
  ]);
  const { world } = await runWorld({ argv: "", files });
  await world.clock.sleep(5 * 60_000);
  const shown = await runWorld({ argv: "status", from: world });
  expect(shown.out).toMatch(
    /^last run {3}2026-01-01T00:00:00\.\d{3}Z, 5 min ago, on mypurecloud\.com: everything is as the manifests declare\n {11}Done: 1 created, .*\n {11}run id-1\nopen {7}nothing.*\nwrites {5}1 tried, 1 done, 0 failed \(100 % done\), \d+ ms on average\n/,
  );
  const json = JSON.parse((await runWorld({ argv: "status --output json", from: world })).out) as unknown;
  expect(json).toMatchObject({
    formatVersion: 1,
    lastRun: {
      runId: "id-1",
      ok: true,
      environment: "mypurecloud.com",
      summary: { create: 1 },
      errors: [],
    },
    holder: null,
    openIntents: [],
    metrics: { totalAttempts: 1, successfulRegistrations: 1 },
  });
});

test("status names who is at work, and the writes without an outcome", async () => {
  const from = makeWorld({ argv: "", files });
  await new Promise<void>((resolve) => {
    void runWorld({
      argv: "",
      from,
      processes: { pid: 42 },
      intercept: (request, forward) => {
        if (request.method === "GET" || request.url.includes("/oauth/")) return forward();
        resolve();
        return new Promise(() => undefined);
      },
    });
  });
  const { out } = await runWorld({ argv: "status", from });
  expect(out).toContain("\nwrites     1 tried, 0 done");
  expect(out).toContain("\nat work    sync, process 42 on host, since 2026-01-01T00:00:00.");
  expect(out).toContain(
    "\nopen       the outcome of 1 write is not on record; the next sync checks what is live\n" +
      '           create of https://events.example.com/alpha in group "alpha"\n',
  );
});

test("a quiet pass and a failed one are last runs, too; the errors are kept, a plan is not", async () => {
  const { world } = await runWorld({ argv: "", files });
  await runWorld({ argv: "", from: world });
  expect((await runWorld({ argv: "status", from: world })).out).toContain("0 created, 0 updated");
  await runWorld({ argv: "", from: world, intercept: () => answer(401, {}) });
  await runWorld({ argv: "plan", from: world });
  const { out } = await runWorld({ argv: "status", from: world });
  expect(out).toContain("not everything is as the manifests declare\n");
  expect(out).toContain("           the login at login.mypurecloud.com did not accept GENESYS_CLIENT_ID");
});

test("the figures go on where a new trail is begun", async () => {
  const { world } = await runWorld({ argv: "", files });
  world.files.take(trailPath);
  world.files.set("subscriptions/b.yaml", manifest("beta"));
  await runWorld({ argv: "", from: world });
  const kept = JSON.parse(world.files.text(".reconcile/metrics.json")) as {
    metrics: { totalAttempts: number };
  };
  expect([kept.metrics.totalAttempts, world.files.mode(".reconcile/metrics.json")]).toEqual([2, 0o600]);
});

test.each(["", "{", "[]", '{"formatVersion":2}', '{"formatVersion":1,"lastRun":{},"metrics":null}'])(
  "figures that make no sense (%j) are set aside, said, and gone on without",
  async (text) => {
    const { status, err, world } = await runWorld({
      argv: "status",
      files: { ...files, ".reconcile/metrics.json": text },
    });
    expect([status, err]).toEqual([
      0,
      "warning: .reconcile/metrics.json is corrupt, so it was moved to .reconcile/metrics.json.corrupt\n",
    ]);
    expect(world.files.text(".reconcile/metrics.json.corrupt")).toBe(text);
    expect((await runWorld({ argv: "", from: world })).status).toBe(0);
  },
);

test("a pass that has nothing to record says, too, that the figures made no sense", async () => {
  const { world } = await runWorld({ argv: "", files });
  for (const broken of ["{", "[]"]) {
    world.files.set(".reconcile/metrics.json", broken);
    const { out, status } = await runWorld({ argv: "--output json", from: world });
    const { diagnostics } = JSON.parse(out) as { diagnostics: Record<string, unknown>[] };
    expect([status, diagnostics]).toEqual([
      0,
      [
        expect.objectContaining({
          severity: "warning",
          code: "state/corrupt",
          message: ".reconcile/metrics.json is corrupt, so it was moved to .reconcile/metrics.json.corrupt",
        }),
      ],
    ]);
    expect(world.files.text(".reconcile/metrics.json.corrupt")).toBe(broken);
  }
  const kept = JSON.parse(world.files.text(".reconcile/metrics.json")) as { metrics: unknown };
  expect(kept.metrics).toEqual(trailOf(world.files).at(-1)?.metrics);
  expect((await runWorld({ argv: "", from: world })).out).not.toContain("is corrupt");
});

test("a sync also goes on without figures that make no sense, and says so", async () => {
  const { status, world } = await runWorld({
    argv: "",
    files: { ...files, ".reconcile/metrics.json": "{" },
  });
  expect(status).toBe(0);
  expect(world.logged).toContain(
    "warn: .reconcile/metrics.json is corrupt, so it was moved to .reconcile/metrics.json.corrupt",
  );
  expect(trailOf(world.files).length).toBe(4);
});

test("figures that cannot be kept are a warning, not a failure", async () => {
  const world = makeWorld({ argv: "", files, environment: loggedIn });
  world.files.before = (operation, path) => {
    if (operation === "write" && path.endsWith("metrics.json"))
      throw Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" });
  };
  expect(await run(world)).toBe(0);
  expect(world.out()).toContain("warning: the figures of this run are not kept: ENOSPC: no space left");
});

test("a rebalance is a group whose event types a pass has spread over endpoints, or spread anew", async () => {
  const pooled = (size: number, tail = "", eventTypes = ["e.a", "e.b", "e.c"]) => {
    const pool = Array.from({ length: size }, (_, index) => `https://p.example.com/${index}`);
    const text = manifest("beta", { pool, eventTypes, tail });
    return text.replace("https://events.example.com/beta", "https://p.example.com/0");
  };
  const world = makeWorld({ argv: "", files: { ...files, "subscriptions/b.yaml": pooled(1) } });
  const rebalances = async (text: string, refused = false) => {
    world.files.set("subscriptions/b.yaml", text);
    await runWorld({
      argv: "",
      from: world,
      intercept: (request, forward) =>
        refused && /^P(OST|UT)$/.test(request.method) && !request.url.includes("/oauth/")
          ? answer(422)
          : forward(),
    });
    return trailOf(world.files).at(-1)?.metrics["rebalanceTriggers"];
  };
  const policy = "  retryPolicy: { retryCount: 5 }";
  expect(await rebalances(pooled(1))).toBe(0);
  expect(await rebalances(pooled(2), true)).toBe(0);
  expect(await rebalances(pooled(2))).toBe(1);
  expect(await rebalances(pooled(2, policy))).toBe(1);
  expect(await rebalances(pooled(2, policy, ["e.a", "e.b", "e.c", "e.d"]))).toBe(2);
  expect(await rebalances(pooled(1, policy, ["e.a", "e.b", "e.c", "e.d"]))).toBe(3);
  expect(await rebalances(pooled(1, policy, ["e.a", "e.b", "e.c"]))).toBe(3);
});

test("a refusal of manifests is recorded with every error and its place, and without the warnings", async () => {
  const broken = {
    "subscriptions/a.yaml": "kind: WebhookSubscription\n",
    "subscriptions/b.yaml": manifest("beta", { eventTypes: ["e.a", "e.a"] }),
  };
  const { world, out } = await runWorld({ argv: "--output json", files: broken });
  const { diagnostics } = JSON.parse(out) as {
    diagnostics: { severity: string; file: string; line: number; message: string }[];
  };
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const [record] = trailOf(world.files);
  expect(errors.length).toBeGreaterThan(1);
  expect(record?.error).toBe(
    errors.map(({ file, line, message }) => `${file}:${line} ${message}`).join("\n"),
  );
  expect(record).toMatchObject({
    event: "validation.failed",
    operation: null,
    attempted: null,
    success: false,
  });
  expect(record?.metrics).toMatchObject({ validationFailures: 1, totalAttempts: 0 });
});
