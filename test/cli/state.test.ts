// What a pass keeps beside the trail: the lock, the figures, and `reconcile status` that shows them.
import { describe, expect, test } from "vitest";
import { makeSend } from "../../src/genesys/client/send.ts";
import { makeEntry, makeTrail } from "../audit/samples.ts";
import { run } from "../../src/cli/run.ts";
import { seeWorld } from "../support/see.ts";
import {
  answer,
  makeWorld,
  manifest,
  runWorld,
  trailOf,
  forgetTrail,
  trailPath,
  type TestWorld,
  writesOf,
} from "../support/world.ts";
import {
  atWork,
  groups,
  heldBy,
  lockFails,
  refuseWrites,
  slow,
  takenOver,
  unreachable,
} from "./held-up.ts";

const files = { "subscriptions/a.yaml": manifest("alpha") };

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
  const locked = { ...files, ".reconcile/lock.3": heldBy(42) };
  const { status, err, about, world } = await seeWorld({ argv: "", files: locked });
  expect(about("state/locked")).toEqual([
    expect.objectContaining({
      severity: "error",
      message: expect.stringContaining("process 42 on host") as string,
      hint: expect.any(String) as string,
    }),
  ]);
  expect([status, err.split("\n").length]).toEqual([1, 2]);
  expect(writesOf(world)).toEqual([]);
  expect(world.clock.now() - Date.UTC(2026, 0, 1)).toBe(30_000);
  expect((await runWorld({ argv: "plan", files: locked })).status).toBe(0);
});

test("a sync that has nothing to write takes no lease, and waits for nobody", async () => {
  const first = await runWorld({ argv: "", files });
  first.world.files.set(".reconcile/lock.2", heldBy(42));
  const startMs = first.world.clock.now();
  const { status, world } = await seeWorld({ argv: "", from: first.world });
  expect([status, world.clock.now() - startMs]).toEqual([0, 0]);
  expect(world.files.paths().filter((path) => path.includes("lock."))).toEqual([
    "/.reconcile/lock.1",
    "/.reconcile/lock.2",
    "/audit-logs/subscription_audit.log.lock.1",
  ]);
});

test("a sync plans again under the lease if another run held it while this one planned", async () => {
  const from = makeWorld({ argv: "", files });
  from.files.set(".reconcile/lock.1", heldBy(42));
  const release = () => {
    from.files.set(".reconcile/lock.1", '{"released":true}\n');
  };
  const { status, result, world } = await seeWorld({
    argv: "",
    from,
    intercept: (_, forward) => {
      release();
      return forward();
    },
  });
  expect([status, result.summary]).toEqual([0, expect.objectContaining({ create: 1 })]);
  const lists = world.requests.filter((request) => request.startsWith("GET /api/v2/webhooks"));
  expect([lists.length, writesOf(world).length]).toEqual([2, 1]);
});

test("the lock of a process that was killed is taken over", async () => {
  const { status } = await runWorld({
    argv: "",
    files: { ...files, ".reconcile/lock.3": heldBy(42) },
    processes: { isAlive: () => false },
  });
  expect(status).toBe(0);
});

test("a sync whose lock is taken over starts no further write", async () => {
  const from = makeWorld({ argv: "", files: groups(9) });
  const { status, result, codes } = await seeWorld({ argv: "--concurrency 1", from, ...takenOver(from) });
  // What became of the one in flight is for the follower to find out.
  expect(result.summary).toMatchObject({ create: 0, failed: 1, skipped: 8 });
  expect([status, codes]).toEqual([1, ["operation/unknown", "run/stopped", "audit/takenOver"]]);
});

test("a sync whose lock file cannot be written any more says so, not that somebody took it over", async () => {
  const from = makeWorld({ argv: "", files: groups(3) });
  const { status, about } = await seeWorld({ argv: "--concurrency 1", from, ...lockFails(from) });
  expect([status, about("run/stopped").map(({ message }) => message)]).toEqual([
    1,
    [expect.stringContaining("ENOSPC")],
  ]);
});

test("a state folder that cannot be written ends a sync before it writes anything", async () => {
  const from = makeWorld({ argv: "", files });
  from.files.failNext("create", "EROFS");
  const { status, codes, world } = await seeWorld({ argv: "", from });
  expect([status, codes, writesOf(world)]).toEqual([1, ["state/unwritable"], []]);
});

test("past its deadline a pass starts no further write, and exits 1", async () => {
  const from = makeWorld({ argv: "", files: groups(2) });
  const argv = "--deadline 1 --concurrency 1";
  const { status, result, codes, warnings } = await seeWorld({ argv, from, ...slow(from) });
  expect([status, codes, warnings]).toEqual([1, ["run/stopped"], []]);
  expect(result.operations.map(({ status: how, error }) => [how, error])).toEqual([
    ["applied", null],
    ["skipped", expect.stringContaining("--deadline")],
  ]);
});

test("where the platform is gone, a pass ends after five writes in a row, not after all", async () => {
  const { status, result, world } = await seeWorld({
    argv: "",
    files: groups(40),
    intercept: unreachable,
  });
  const { failed, skipped } = result.summary;
  expect([status, result.diagnostics.at(-1)?.code]).toEqual([1, "run/stopped"]);
  expect(failed).toBeGreaterThanOrEqual(5);
  expect(failed).toBeLessThanOrEqual(8); // those in flight are finished
  expect(failed + skipped).toBe(40);
  expect(world.requests.filter((sent) => sent === "POST /api/v2/webhooks").length).toBeLessThanOrEqual(24);
});

const statusIn = async (from: TestWorld) =>
  JSON.parse((await runWorld({ argv: "status --output json", from })).out) as unknown;

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
  const none = makeWorld({ argv: "", files });
  expect(await statusIn(none)).toMatchObject({
    lastRun: null,
    openIntents: [],
    metrics: { totalAttempts: 0 },
  });
  const { world } = await runWorld({ argv: "", files });
  await world.clock.sleep(5 * 60_000);
  expect(await statusIn(world)).toMatchObject({
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
  expect(await statusIn(await atWork())).toMatchObject({
    lastRun: null,
    holder: { pid: 42, host: "host", task: "sync", since: "2026-01-01T00:00:00.000Z" },
    openIntents: [{ operation: "create", group: "alpha", endpoint: "https://events.example.com/alpha" }],
    metrics: { totalAttempts: 1, successfulRegistrations: 0 },
  });
});

test("a quiet pass and a failed one are last runs, too; the errors are kept, a plan is not", async () => {
  const { world } = await runWorld({ argv: "", files });
  await runWorld({ argv: "", from: world });
  expect(await statusIn(world)).toMatchObject({
    lastRun: { ok: true, summary: { create: 0, unchanged: 1 } },
  });
  await runWorld({ argv: "", from: world, intercept: () => answer(401, {}) });
  const failed = await statusIn(world);
  await runWorld({ argv: "plan", from: world });
  expect(failed).toMatchObject({ lastRun: { ok: false, errors: [expect.stringContaining("401")] } });
  expect(await statusIn(world)).toEqual(failed);
});

test("status says of a release that groups were given up, and of a run that compared nothing no more", async () => {
  const { world } = await runWorld({ argv: "", files });
  await runWorld({ argv: "release --group alpha --yes", from: world });
  const released = await runWorld({ argv: "status", from: world });
  expect(released.out).toMatch(/: groups were given up\n {11}Done: /);
  await runWorld({ argv: "release --group alpha --yes", from: world });
  const again = await runWorld({ argv: "status", from: world });
  expect(again.out).toMatch(/^last run .*: it ended with an error, and changed nothing\n/);
  for (const argv of ["--group alpa", "--manifests nowhere"]) {
    await runWorld({ argv, from: world });
    const { out } = await runWorld({ argv: "status", from: world });
    expect(out).toMatch(/^last run .*: it ended with an error, and changed nothing\n {11}(?!Done)/);
    expect(out).not.toMatch(/as the manifests declare/);
  }
  const { out } = await runWorld({ argv: "status", from: world });
  expect(out).toContain("\nrefusals   1 time, because manifests were invalid or missing\n");
  expect(out).toContain("\nrebalances 0 times a group was split or split again\n");
});

test("status says of a pass over selected groups only that these are as declared", async () => {
  const { world } = await runWorld({ argv: "", files });
  await runWorld({ argv: "--group alpha", from: world });
  const part = await runWorld({ argv: "status", from: world });
  expect(part.out).toMatch(/^last run .*: everything in the selected groups is as the manifests declare\n/);
  await runWorld({ argv: "", from: world });
  const whole = await runWorld({ argv: "status", from: world });
  expect(whole.out).toMatch(/^last run .*: everything is as the manifests declare\n/);
});

test("the figures go on where a new trail is begun", async () => {
  const { world } = await runWorld({ argv: "", files });
  forgetTrail(world.files);
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
    expect([status, err.split("\n").length]).toEqual([0, 2]);
    expect(world.files.text(".reconcile/metrics.json.corrupt")).toBe(text);
    expect((await runWorld({ argv: "", from: world })).status).toBe(0);
  },
);

test("a pass that has nothing to record says, too, that the figures made no sense", async () => {
  const { world } = await runWorld({ argv: "", files });
  for (const [broken, aside] of [
    ["{", ".reconcile/metrics.json.corrupt"],
    ["[]", ".reconcile/metrics.json.corrupt.2"],
  ] as const) {
    world.files.set(".reconcile/metrics.json", broken);
    const { status, codes, warnings } = await seeWorld({ argv: "", from: world });
    expect([status, codes, warnings]).toEqual([0, [], ["state/corrupt"]]);
    expect(world.files.text(aside)).toBe(broken);
  }
  const kept = JSON.parse(world.files.text(".reconcile/metrics.json")) as { metrics: unknown };
  expect(kept.metrics).toEqual(trailOf(world.files).at(-1)?.metrics);
  expect((await seeWorld({ argv: "", from: world })).warnings).toEqual([]);
});

test("a sync also goes on without figures that make no sense, and says so", async () => {
  const { status, world } = await runWorld({
    argv: "",
    files: { ...files, ".reconcile/metrics.json": "{" },
  });
  expect(status).toBe(0);
  expect(world.logged.filter((line) => line.startsWith("warn: .reconcile/metrics.json "))).toHaveLength(1);
  expect(world.files.text(".reconcile/metrics.json.corrupt")).toBe("{");
  expect(trailOf(world.files).length).toBe(4);
});

test("figures that cannot be kept are a warning, not a failure", async () => {
  const from = makeWorld({ argv: "", files });
  refuseWrites(from, "metrics.json");
  const { status, codes, warnings } = await seeWorld({ argv: "", from });
  expect([status, codes, warnings]).toEqual([0, [], ["state/unwritable"]]);
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

test("status says with which record the trail ends", async () => {
  const { world } = await runWorld({ argv: "", files });
  const last = trailOf(world.files).at(-1);
  const { out } = await runWorld({ argv: "status", from: world });
  expect(out).toContain(`trail      ends with record ${last?.seq}, ${last?.hash}\n`);
  const json = await runWorld({ argv: "status --output json", from: world });
  expect(JSON.parse(json.out)).toMatchObject({ head: { seq: last?.seq, hash: last?.hash } });
});

test("status says of which machine the last run is", async () => {
  const { world } = await runWorld({ argv: "", files, processes: { host: "runner-7" } });
  const { out } = await runWorld({ argv: "status", from: world });
  const { runId } = trailOf(world.files).at(-1) ?? {};
  expect(out).toContain(`           run ${runId}, on machine runner-7\n`);
  const json = await runWorld({ argv: "status --output json", from: world });
  expect(JSON.parse(json.out)).toMatchObject({ lastRun: { runId, host: "runner-7" } });
  const kept = world.files.text(".reconcile/metrics.json").replace(/"host": "runner-7",/, "");
  world.files.set(".reconcile/metrics.json", kept);
  expect((await runWorld({ argv: "status", from: world })).out).toContain(`           run ${runId}\n`);
});

describe("the last run on record and the one that this machine remembers", () => {
  const keptPath = ".reconcile/metrics.json";
  const differs =
    /^warn(ing)?: the last run in \S+ is (\S+), on record until \S+, by tester@host; this machine remembers (.*)$/m;
  const asked = ["status", "status --output json", "plan"];

  /** What it says on stderr. */
  async function hear(argv: string, from: TestWorld): Promise<string> {
    const { err, world } = await runWorld({ argv, from });
    return [err, ...world.logged].join("\n");
  }

  /** A run of this machine, and a later one of another machine. */
  async function runTwice(): Promise<{ readonly mine: string; readonly theirs: string; world: TestWorld }> {
    const { world } = await runWorld({ argv: "", files });
    const before = world.files.text(keptPath);
    const mine = trailOf(world.files).at(-1)?.runId ?? "";
    world.files.set("subscriptions/b.yaml", manifest("beta"));
    await world.clock.sleep(60_000);
    const later = (await runWorld({ argv: "", from: world })).world;
    later.files.set(keptPath, before);
    return { mine, theirs: trailOf(later.files).at(-1)?.runId ?? "", world: later };
  }

  test.each(asked)("`%s` says that another machine ran since", async (argv) => {
    const { mine, theirs, world } = await runTwice();
    const [, , onRecord, remembered] = differs.exec(await hear(argv, world)) ?? [];
    expect([onRecord, remembered]).toEqual([
      theirs,
      `run ${mine}, which ended 2026-01-01T00:00:00.000Z, as the last`,
    ]);
  });

  test.each(asked)("`%s` says that this machine remembers none", async (argv) => {
    const { theirs, world } = await runTwice();
    await world.files.remove(keptPath);
    const [, , onRecord, remembered] = differs.exec(await hear(argv, world)) ?? [];
    expect([onRecord, remembered]).toEqual([theirs, "no run"]);
  });

  test.each(asked)("`%s` says that what this machine wrote last is not on record", async (argv) => {
    const { mine, theirs, world } = await runTwice();
    const kept = JSON.parse(world.files.text(keptPath)) as { lastRun: object };
    const lastRun = { ...kept.lastRun, runId: "lost", finishedAt: "2026-01-02T00:00:00.000Z" };
    world.files.set(keptPath, JSON.stringify({ ...kept, lastRun }));
    const [, , onRecord, remembered] = differs.exec(await hear(argv, world)) ?? [];
    expect(theirs).not.toBe(mine);
    expect([onRecord, remembered]).toEqual([theirs, expect.stringContaining("run lost, ")]);
  });

  test.each(asked)(
    "`%s` says nothing where they are the same, or the run had nothing to write",
    async (argv) => {
      const { world } = await runWorld({ argv: "", files });
      expect(await hear(argv, world)).not.toMatch(differs);
      await world.clock.sleep(60_000);
      const again = (await runWorld({ argv: "", from: world })).world;
      expect(await hear(argv, again)).not.toMatch(differs);
      const rotated = (await runWorld({ argv: "audit rotate", from: again })).world;
      expect(await hear(argv, rotated)).not.toMatch(differs);
    },
  );

  test("status shows as JSON the last run on record, and who ran it", async () => {
    const { mine, theirs, world } = await runTwice();
    const { out } = await runWorld({ argv: "status --output json", from: world });
    expect(JSON.parse(out)).toMatchObject({
      lastRun: { runId: mine },
      recordedRun: { runId: theirs, until: "2026-01-01T00:01:00.000Z", by: "tester@host" },
    });
    const fresh = await runWorld({ argv: "status --output json", files });
    expect(JSON.parse(fresh.out)).toMatchObject({ lastRun: null, recordedRun: null });
  });

  test("where records name nobody, it names nobody", async () => {
    const config = "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\naudit: { actors: none }\n";
    const { world } = await runWorld({ argv: "", files: { ...files, "reconcile.yaml": config } });
    await world.files.remove(keptPath);
    expect(await hear("status", world)).toMatch(/on record until \S+; this machine remembers no run$/m);
  });

  test("a dry run leaves a corrupt file of figures where it is", async () => {
    const { world } = await runTwice();
    world.files.set(keptPath, "{");
    expect(await hear("plan", world)).toMatch(differs);
    expect(world.files.text(keptPath)).toBe("{");
  });
});
