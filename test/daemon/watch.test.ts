import { expect, test } from "vitest";
import {
  answer,
  brokenOff,
  manifest,
  putWebhook,
  trailOf,
  trailPath,
  type Intercept,
} from "../support/world.ts";
import type { DaemonView } from "../../src/daemon/view.ts";
import { startDaemon } from "./daemon.ts";

const files = { "subscriptions/alpha.yaml": manifest("alpha") };
const second = 1000;
const minute = 60 * second;

test("it converges at the start, and then asks again at the interval, give or take a tenth", async () => {
  const daemon = await startDaemon({ argv: "watch --interval 60s", files });
  const first = await daemon.pass(0);
  expect([...daemon.world.state.webhooks.values()].map(({ name }) => name)).toEqual([
    expect.stringMatching(/^alpha-/),
  ]);
  expect(first).toMatchObject({
    phase: "waiting",
    passes: 1,
    lastPass: { triggers: ["start"], ok: true, summary: { create: 1 } },
  });
  const dueMs = Date.parse(first.nextPassAt ?? "") - daemon.world.clock.now();
  expect(dueMs).toBeGreaterThanOrEqual(54 * second);
  expect(dueMs).toBeLessThanOrEqual(66 * second);

  expect((await daemon.pass(dueMs - 1)).passes).toBe(1);
  const next = await daemon.pass(1);
  expect(next).toMatchObject({ passes: 2, lastPass: { triggers: ["interval"], ok: true } });
  expect(next.history).toHaveLength(1);
  expect(await daemon.stop()).toBe(0);
});

test("one token serves many passes, and a quiet pass costs one list request", async () => {
  const daemon = await startDaemon({ argv: "watch --interval 60s", files });
  await daemon.pass(0);
  daemon.world.requests.length = 0;
  await daemon.pass(5 * minute);
  expect(daemon.world.requests).toEqual(Array.from({ length: 5 }, () => "GET /api/v2/webhooks"));
  await daemon.stop();
});

test("saves within the debounce lead to one pass, once the files are quiet", async () => {
  const daemon = await startDaemon({ argv: "watch --debounce 300ms", files });
  await daemon.pass(0);
  for (let save = 0; save < 3; save += 1) {
    daemon.touch();
    expect((await daemon.pass(200)).passes).toBe(1);
  }
  expect(await daemon.pass(100)).toMatchObject({ passes: 2, lastPass: { triggers: ["files"] } });
  expect((await daemon.pass(second)).passes).toBe(2);
  await daemon.stop();
});

test("files that never come to rest hold a pass up for ten debounces at most", async () => {
  const daemon = await startDaemon({ argv: "watch --debounce 300ms", files });
  await daemon.pass(0);
  for (let ms = 0; ms < 2900; ms += 100) {
    daemon.touch();
    await daemon.pass(100);
  }
  expect((await daemon.status()).passes).toBe(1);
  daemon.touch();
  expect((await daemon.pass(100)).passes).toBe(2);
  await daemon.stop();
});

test("the state has the trail's head, and 0 records are left where it is gone", async () => {
  const daemon = await startDaemon({ argv: "watch", files });
  const { head } = await daemon.pass(0);
  const last = trailOf(daemon.world.files).at(-1);
  expect(head).toEqual({ seq: last?.seq, hash: last?.hash });
  const figures = async (): Promise<string> => (await daemon.get("/metrics")).text();
  expect(await figures()).toContain(`reconcile_trail_head_info{seq="${last?.seq}",hash="${last?.hash}"} 1`);
  expect(await figures()).toContain("\nreconcile_trail_fault 0\n");
  await daemon.world.files.remove(trailPath);
  expect(await daemon.pass(20 * minute)).toMatchObject({ head: null, lastPass: { ok: false } });
  expect(await figures()).toMatch(/\nreconcile_trail_records 0\n[^]*\nreconcile_trail_fault 1\n/);
  await daemon.stop();
});

test("whatever comes during a pass leads to one more", async () => {
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let lists = 0;
  const intercept: Intercept = async (request, forward) => {
    if (request.url.includes("webhooks?")) lists += 1;
    if (lists === 1 && request.url.includes("webhooks?")) await held;
    return forward();
  };
  const daemon = await startDaemon({ argv: "watch --debounce 0ms", files, intercept });
  await daemon.until(() => lists === 1);
  for (let save = 0; save < 5; save += 1) daemon.touch();
  daemon.hangup();
  expect((await daemon.get("/api/reconcile", { method: "POST" })).status).toBe(202);
  letGo();
  await daemon.until(async () => (await daemon.status()).passes === 2);
  const { lastPass, passes } = await daemon.pass(second);
  expect(passes).toBe(2);
  expect(lastPass?.triggers).toEqual(["files", "signal", "request"]);
  await daemon.stop();
});

test("requests lead to one pass a second at most: the first to one at once, the last to one within the second", async () => {
  const daemon = await startDaemon({ argv: "watch", files });
  await daemon.pass(0);
  const ask = async (): Promise<number> => (await daemon.get("/api/reconcile", { method: "POST" })).status;
  expect(await ask()).toBe(202);
  expect((await daemon.pass(0)).passes).toBe(2);
  for (let tenth = 0; tenth < 100; tenth += 1) {
    expect(await ask()).toBe(202);
    await daemon.pass(100);
  }
  expect((await daemon.status()).passes).toBe(12);
  expect(await ask()).toBe(202);
  const { passes, lastPass } = await daemon.pass(second);
  expect([passes, lastPass?.triggers]).toEqual([13, ["request"]]);
  expect((await daemon.pass(10 * second)).passes).toBe(13);
  await daemon.stop();
});

test("a request that has to wait holds up neither a save nor SIGHUP, which take it along", async () => {
  const daemon = await startDaemon({ argv: "watch --debounce 300ms", files });
  await daemon.pass(0);
  for (const [pull, ms] of [
    [daemon.hangup, 0],
    [daemon.touch, 300],
  ] as const) {
    await daemon.pass(second);
    await daemon.get("/api/reconcile", { method: "POST" });
    const { passes } = await daemon.pass(0);
    await daemon.get("/api/reconcile", { method: "POST" });
    expect((await daemon.pass(100)).passes).toBe(passes);
    pull();
    const next = await daemon.pass(ms);
    expect([next.passes, next.lastPass?.triggers.includes("request")]).toEqual([passes + 1, true]);
    expect((await daemon.pass(10 * second)).passes).toBe(passes + 1);
  }
  await daemon.stop();
});

test("after failures it tries again ever more rarely, every five minutes in the end", async () => {
  const daemon = await startDaemon({ argv: "watch", files, intercept: () => answer(503) });
  const waitsMs = new Map<number, number>();
  while (waitsMs.size < 12) {
    await daemon.world.clock.advance(second);
    const { phase, failures, lastPass, nextPassAt } = await daemon.status();
    if (phase !== "backoff" || lastPass === null || nextPassAt === null) continue;
    waitsMs.set(failures, Math.round(Date.parse(nextPassAt) - Date.parse(lastPass.finishedAt)));
  }
  // Of chance, the middle; between the half and the whole of 2 s, 4 s, 8 s and so on.
  const seconds = [1.5, 3, 6, 12, 24, 48, 96, 192, 225, 225, 225, 225];
  expect([...waitsMs.values()]).toEqual(seconds.map((each) => each * second));
  expect(await daemon.stop()).toBe(0);
});

test.each([
  [
    "a manifest that is saved",
    "files",
    (daemon: Daemon) => {
      daemon.touch();
    },
  ],
  [
    "SIGHUP",
    "signal",
    (daemon: Daemon) => {
      daemon.hangup();
    },
  ],
  ["a request", "request", (daemon: Daemon) => void daemon.get("/api/reconcile", { method: "POST" })],
])("%s ends a backoff at once", async (_name, trigger, pull) => {
  let isDown = true;
  const intercept: Intercept = (_request, forward) => (isDown ? brokenOff() : forward());
  const daemon = await startDaemon({ argv: "watch --debounce 300ms", files, intercept });
  await daemon.until(async () => {
    await daemon.world.clock.advance(second);
    return (await daemon.status()).phase === "backoff";
  });
  isDown = false;
  pull(daemon);
  const { lastPass, phase } = await daemon.pass(300);
  expect(lastPass).toMatchObject({ ok: true, triggers: [trigger] });
  expect(phase).toBe("waiting");
  await daemon.stop();
});
type Daemon = Awaited<ReturnType<typeof startDaemon>>;

test("an invalid manifest stops the whole pass, what was live stays, and readiness says why", async () => {
  const daemon = await startDaemon({
    argv: "watch",
    files: { ...files, "subscriptions/beta.yaml": manifest("beta") },
  });
  await daemon.pass(0);
  expect((await daemon.get("/readyz")).status).toBe(200);
  const before = structuredClone([...daemon.world.state.webhooks]);
  await daemon.world.files.write("subscriptions/alpha.yaml", "kind: Nonsense\n");
  await daemon.world.files.write("subscriptions/beta.yaml", manifest("beta", { eventTypes: ["x.y"] }));
  daemon.touch();
  const broken = await daemon.pass(300);
  expect([...daemon.world.state.webhooks]).toEqual(before);
  expect(broken.conditions).toMatchObject([
    { type: "Ready", status: "False" },
    {
      type: "ManifestsValid",
      status: "False",
      reason: "InvalidManifests",
    },
    { type: "PlatformReachable", status: "True" },
    { type: "Converged", status: "Unknown", reason: "NotChecked" },
    { type: "NoOrphans", status: "Unknown", reason: "NotChecked" },
  ]);
  expect(broken.conditions[1]?.message).toMatch(
    /^subscriptions\/alpha\.yaml:1: .*; nothing is changed until every manifest is valid$/,
  );
  const refused = await daemon.get("/readyz");
  expect([refused.status, await refused.text()]).toEqual([503, expect.stringContaining("not ready: ")]);
  // What was planned last is still on show.
  expect(broken.result?.summary["create"]).toBe(2);

  await daemon.world.files.write("subscriptions/alpha.yaml", manifest("alpha"));
  daemon.touch();
  const mended = await daemon.pass(300);
  expect(mended.conditions.map(({ status }) => status)).toEqual(Array(5).fill("True"));
  expect((await daemon.get("/readyz")).status).toBe(200);
  expect(trailOf(daemon.world.files).filter(({ event }) => event === "validation.failed")).toHaveLength(1);
  await daemon.stop();
});

test("what somebody else changed or deleted is put right at the next interval, and counted", async () => {
  const two = { ...files, "subscriptions/beta.yaml": manifest("beta") };
  const daemon = await startDaemon({ argv: "watch --interval 60s", files: two });
  await daemon.pass(0);
  const [first, other] = [...daemon.world.state.webhooks.values()];
  if (!first || !other) throw new Error("two webhooks");
  daemon.world.state.webhooks.set(first.id, { ...first, eventTypes: ["a.created"] });
  daemon.world.state.webhooks.delete(other.id);
  const view = await daemon.pass(66 * second);
  expect(view).toMatchObject({ healed: 2, lastPass: { drift: 1, healed: 2, ok: true } });
  const live = [...daemon.world.state.webhooks.values()].map(({ name, eventTypes }) => [name, eventTypes]);
  expect(live).toEqual([
    [first.name, first.eventTypes],
    [other.name, other.eventTypes],
  ]);
  expect(daemon.world.logged).toContain("warn: drift: someone else changed eventTypes");
  expect(await (await daemon.get("/metrics")).text()).toMatch(/^reconcile_healed_total 2$/m);
  await daemon.stop();
});

test("each line that is logged of a pass names its run, and those of a group the group", async () => {
  const daemon = await startDaemon({ argv: "watch --log-level debug", files });
  const view = await daemon.pass(0);
  await daemon.stop();
  const { logged, logFields } = daemon.world;
  const lines = logged.map((line, index) => ({ line, ...logFields[index] }));
  const ofPass = lines.filter(({ line }) => !/listening on|at work|stopp/.test(line));
  expect(ofPass.map(({ line }) => line)).toEqual([
    "debug: POST /oauth/token",
    "debug: GET /api/v2/webhooks, page 1",
    "debug: GET /api/v2/tokens/me",
    "debug: POST /api/v2/webhooks",
    "info: create: the consumer group is new",
    expect.stringMatching(/^info: Done: 1 created/),
  ]);
  for (const line of ofPass) expect(line).toHaveProperty("runId", view.lastPass?.runId);
  expect(ofPass.find(({ line }) => line.startsWith("info: create"))).toHaveProperty("group", "alpha");
});

test("so do the lines of a pass that the platform ended", async () => {
  const intercept: Intercept = (request, forward) =>
    request.url.endsWith("/oauth/token") ? forward() : answer(403);
  const daemon = await startDaemon({ argv: "watch --log-level debug", files, intercept });
  const view = await daemon.pass(0);
  await daemon.stop();
  const ids = daemon.world.logFields.flatMap(({ runId }) => runId ?? []);
  expect(ids.length).toBeGreaterThan(3);
  expect(new Set(ids)).toEqual(new Set([view.lastPass?.runId]));
});

test("with --dry-run it reports, and changes nothing", async () => {
  const daemon = await startDaemon({ argv: "watch --dry-run", files });
  const view = await daemon.pass(5 * minute);
  expect(daemon.world.state.webhooks.size).toBe(0);
  expect(daemon.world.requests.filter((request) => /^(POST|PUT|DELETE) \/api/.test(request))).toEqual([]);
  expect(view).toMatchObject({ mode: "report", phase: "waiting" });
  expect(view.conditions.find(({ type }) => type === "Converged")).toMatchObject({
    status: "False",
    reason: "ChangesPending",
  });
  await daemon.stop();
});

test("a second daemon stands by, and is at work once the first has stopped", async () => {
  const one = await startDaemon({ argv: "watch", files, processes: { pid: 1 } });
  await one.pass(0);
  const two = await startDaemon({
    argv: "watch",
    from: one.world,
    processes: { pid: 2 },
  });
  await two.until(async () => (await two.status()).phase === "standby");
  const waiting = await two.status();
  expect(waiting).toMatchObject({ passes: 0, holder: { pid: 1, task: "watch" } });
  expect((await two.get("/readyz")).status).toBe(503);
  expect(await (await two.get("/readyz")).text()).toMatch(
    /^not ready: on standby\nlease: process 1 on \S+, since 2026-01-01T/,
  );
  expect((await two.get("/healthz")).status).toBe(200);
  await one.stop();
  const { phase, passes, lastPass } = await two.pass(second);
  expect([phase, passes, lastPass?.error]).toEqual(["waiting", 1, null]);
  await two.stop();
});

test("a daemon that was killed is followed at once on the same machine, within 15 s on another", async () => {
  for (const [host, atMost] of [
    ["host", second],
    ["elsewhere", 15 * second],
  ] as const) {
    const one = await startDaemon({ argv: "watch", files, processes: { pid: 1 } });
    await one.pass(0);
    let isAlive = true;
    const two = await startDaemon({
      argv: "watch",
      from: one.world,
      processes: { pid: 2, host, isAlive: (pid) => pid === 2 || isAlive },
    });
    await two.until(async () => (await two.status()).phase === "standby");
    one.kill();
    isAlive = false;
    const { phase } = await two.pass(atMost);
    expect([host, phase]).toEqual([host, "waiting"]);
    await two.stop();
  }
});

test("SIGTERM ends it with 0, Ctrl-C with 130, and neither leaves a write without its outcome", async () => {
  for (const [signal, expected] of [
    ["SIGTERM", 0],
    ["SIGINT", 130],
  ] as const) {
    const daemon = await startDaemon({ argv: "watch", files });
    await daemon.pass(0);
    expect(await daemon.stop(signal)).toBe(expected);
    const events = trailOf(daemon.world.files).map(({ event }) => event);
    expect(events).toEqual(["run.started", "change.intended", "change.applied", "run.finished"]);
  }
});

test("a write in flight that does not come back is left behind after 9 s, for the next pass to look at", async () => {
  const intercept: Intercept = (request, forward) =>
    request.method === "POST" && request.url.includes("webhooks")
      ? new Promise(() => undefined)
      : forward();
  const daemon = await startDaemon({ argv: "watch", files, intercept });
  await daemon.until(() => daemon.world.requests.includes("POST /api/v2/webhooks"));
  daemon.world.interrupt.abort("SIGTERM");
  await daemon.world.clock.advance(9 * second);
  expect(await daemon.ended).toBe(0);
});

test("whatever a pass runs into, the daemon goes on", async () => {
  const daemon = await startDaemon({ argv: "watch", files });
  await daemon.pass(0);
  await daemon.world.files.write("reconcile.yaml", "nonsense: true\n");
  daemon.touch();
  expect((await daemon.pass(300)).lastPass?.ok).toBe(false);
  await daemon.world.files.remove("reconcile.yaml");
  daemon.touch();
  expect((await daemon.pass(300)).lastPass?.ok).toBe(true);
  await daemon.stop();
});

test("a group that nobody may touch keeps it from being ready, and says so", async () => {
  const daemon = await startDaemon({ argv: "watch", files });
  await daemon.pass(0);
  putWebhook(daemon.world.state, { id: "w1", group: "alpha" });
  daemon.touch();
  const view = await daemon.pass(300);
  expect(view.conditions.find(({ type }) => type === "Converged")).toMatchObject({
    ...{ status: "False", reason: "OperationsHeldBack", message: "1 group is skipped" },
  });
  expect(view.phase).toBe("backoff");
  await daemon.stop();
});

test("it watches the manifests, the config, the catalogue and .env", async () => {
  const config =
    "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nmanifests: wanted\ncatalog: topics.txt\n";
  const daemon = await startDaemon({
    argv: "watch",
    files: {
      "reconcile.yaml": config,
      "wanted/alpha.yaml": manifest("alpha"),
      "topics.txt": "a.created\na.ended\n",
    },
  });
  await daemon.pass(0);
  expect(daemon.watched()).toEqual(["wanted", "topics.txt", "reconcile.yaml", ".env"]);
  await daemon.stop();
});

test("a warning is logged once while it stands, a failed pass as an error, and that the next one succeeds", async () => {
  let isDown = false;
  const intercept: Intercept = (_request, forward) => (isDown ? answer(403) : forward());
  const withQuery = manifest("alpha").replace("events.example.com/alpha", "events.example.com/alpha?key=1");
  const warned = { "subscriptions/alpha.yaml": withQuery };
  const daemon = await startDaemon({ argv: "watch --interval 60s", files: warned, intercept });
  const said = (): string[] => daemon.world.logged.splice(0).filter((line) => !line.startsWith("debug"));
  await daemon.pass(0);
  expect(said().filter((line) => line.startsWith("warn"))).toEqual([
    'warn: "https://events.example.com/alpha?…" has a query string; a secret in it is kept in the audit trail',
  ]);
  await daemon.pass(66 * second);
  expect(said()).toEqual([]);
  isDown = true;
  await daemon.pass(66 * second);
  expect(said().slice(0, 2)).toEqual([
    "error: GET /api/v2/webhooks: forbidden (403)",
    "error: the pass failed; nothing was changed",
  ]);
  isDown = false;
  await daemon.pass(66 * second);
  expect(said()).toEqual([
    "info: Done: 0 created, 0 updated, 0 deleted, 0 adopted, 1 unchanged; 0 event types moved",
    "info: PlatformReachable is True again: the platform answers",
    "info: Converged is True again: Genesys Cloud is as the manifests declare: 1 webhook",
    "info: NoOrphans is True again: every group of this owner has a manifest",
    "info: Ready is True again: the last pass succeeded",
  ]);
  await daemon.pass(66 * second);
  expect(said()).toEqual([]);
  await daemon.stop();
});

test("what had to be put right has converged since then, and not since before", async () => {
  const daemon = await startDaemon({ argv: "watch --interval 60s", files });
  const convergedSince = ({ conditions }: DaemonView) =>
    conditions.find(({ type }) => type === "Converged")?.since;
  const first = await daemon.pass(0);
  const steady = await daemon.pass(66 * second);
  expect(convergedSince(steady)).toBe(convergedSince(first));
  daemon.world.state.webhooks.clear();
  const healed = await daemon.pass(66 * second);
  expect(healed.passes).toBe(3);
  expect(convergedSince(healed)).toBe(healed.lastPass?.finishedAt);
  await daemon.stop();
});
